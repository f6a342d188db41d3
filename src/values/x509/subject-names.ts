import { quoteGoString } from "../../go-values/go-format.ts";
import type { Value, ValueObject } from "../../go-values/value.ts";
import { formatIp } from "../format-ip.ts";
import { parseGoUrl } from "../url.ts";
import { type DerElement, type DerReader } from "./der.ts";
import { isIa5, orNull } from "./distinguished-name.ts";

/** The kinds of general names that Go reads; others are skipped. */
export const generalName = { email: 0x81, dns: 0x82, uri: 0x86, ip: 0x87 } as const;

/** The subject alternative names as Go's certificate lists them. */
export interface SubjectNames {
  readonly json: ValueObject;
  /** Whether none of a kind that Go reads is there. */
  readonly isEmpty: boolean;
}

/** The value that a certificate without subject alternative names shows. */
export const noSubjectNames: ValueObject = {
  DNSNames: null,
  EmailAddresses: null,
  IPAddresses: null,
  URIs: null,
};

/** Returns the names in a subject alternative name extension. */
export function readSubjectNames(reader: DerReader): SubjectNames {
  const found = { dns: [], email: [], ip: [], uri: [] } as Record<
    "dns" | "email" | "ip" | "uri",
    Value[]
  >;
  const names = reader.inside("x509: invalid subject alternative names");
  while (!names.isEmpty) {
    const name = names.any("x509: invalid subject alternative name");
    switch (name.tag) {
      case generalName.email:
        found.email.push(readIa5(names, name, "rfc822Name"));
        break;
      case generalName.dns:
        found.dns.push(readIa5(names, name, "dNSName"));
        break;
      case generalName.uri:
        found.uri.push(readUri(names, readIa5(names, name, "uniformResourceIdentifier")));
        break;
      case generalName.ip:
        found.ip.push(readIp(names, name.content));
        break;
    }
  }
  const json = {
    DNSNames: orNull(found.dns),
    EmailAddresses: orNull(found.email),
    IPAddresses: orNull(found.ip),
    URIs: orNull(found.uri),
  };
  return { json, isEmpty: Object.values(found).every((list) => list.length === 0) };
}

function readIa5(reader: DerReader, name: DerElement, kind: string): string {
  if (!isIa5(name.content)) reader.fail(`x509: SAN ${kind} is malformed`);
  return Buffer.from(name.content).toString("latin1");
}

function readUri(reader: DerReader, text: string): Value {
  const url = parseGoUrl(text);
  const prefix = `x509: cannot parse URI ${quoteGoString(text)}`;
  if (typeof url === "string") {
    reader.fail(`${prefix}: parse ${quoteGoString(text)}: ${url}`);
    return null;
  }
  const host = url["Host"];
  if (typeof host === "string" && !isValidDomain(host, false)) {
    reader.fail(`${prefix}: invalid domain`);
  }
  return url;
}

function readIp(reader: DerReader, bytes: Uint8Array): string {
  if (bytes.length !== 4 && bytes.length !== 16) {
    reader.fail(`x509: cannot parse IP address of length ${bytes.length}`);
  }
  return formatIp(bytes);
}

/** Returns whether Go takes the text for a domain: labels that are not empty, of printable ASCII. A constraint may start with a dot. */
export function isValidDomain(domain: string, isConstraint: boolean): boolean {
  if (domain === "") return true;
  const labels = (isConstraint ? domain.replace(/^\./, "") : domain).split(".");
  // Go starts to count a label's length at the second one.
  return labels.every((label) => /^[!-~]+$/.test(label));
}
