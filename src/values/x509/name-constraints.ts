import { isIP } from "node:net";
import { quoteGoString } from "../../go-values/go-format.ts";
import { bytesToGoString } from "../../go-values/go-string.ts";
import type { Value, ValueObject } from "../../go-values/value.ts";
import { formatIp } from "../format-ip.ts";
import { contextTag, type DerElement, type DerReader, toBase64, toHex } from "./der.ts";
import { isIa5, orNull } from "./distinguished-name.ts";
import { generalName, isValidDomain } from "./subject-names.ts";

const malformed = "x509: invalid NameConstraints extension";

/** The value that a certificate without name constraints shows. */
export const noConstraints: ValueObject = {
  PermittedDNSDomainsCritical: false,
  ...constraintFields("Permitted", newSubtrees()),
  ...constraintFields("Excluded", newSubtrees()),
};

/** The names that a certificate authority may, or may not, certify. */
export interface NameConstraints {
  readonly json: ValueObject;
  /** Whether there are constraints of a kind that Go does not know. */
  readonly isUnhandled: boolean;
}

/** Returns the name constraints extension. */
export function readNameConstraints(reader: DerReader, isCritical: boolean): NameConstraints {
  const top = reader.inside(malformed);
  if (!reader.isEmpty) reader.fail(malformed);
  const permitted = top.optional(contextTag(0, true), malformed);
  const excluded = top.optional(contextTag(1, true), malformed);
  if (!top.isEmpty) reader.fail(malformed);
  if ((permitted?.content.length ?? 0) + (excluded?.content.length ?? 0) === 0) {
    reader.fail("x509: empty name constraints extension");
  }
  const allowed = readSubtrees(reader, permitted);
  const forbidden = readSubtrees(reader, excluded);
  const json = {
    PermittedDNSDomainsCritical: isCritical,
    ...constraintFields("Permitted", allowed),
    ...constraintFields("Excluded", forbidden),
  };
  return { json, isUnhandled: allowed.isUnhandled || forbidden.isUnhandled };
}

interface Subtrees {
  readonly dns: Value[];
  readonly ips: Value[];
  readonly emails: Value[];
  readonly uris: Value[];
  isUnhandled: boolean;
}

function newSubtrees(): Subtrees {
  return { dns: [], ips: [], emails: [], uris: [], isUnhandled: false };
}

function constraintFields(prefix: string, subtrees: Subtrees): ValueObject {
  return {
    [`${prefix}DNSDomains`]: orNull(subtrees.dns),
    [`${prefix}IPRanges`]: orNull(subtrees.ips),
    [`${prefix}EmailAddresses`]: orNull(subtrees.emails),
    [`${prefix}URIDomains`]: orNull(subtrees.uris),
  };
}

function readSubtrees(reader: DerReader, element: DerElement | undefined): Subtrees {
  const subtrees = newSubtrees();
  const list = reader.readerOf(element?.content ?? new Uint8Array(0));
  while (!list.isEmpty) {
    const name = list.inside(malformed).any(malformed);
    switch (name.tag) {
      case generalName.dns:
        subtrees.dns.push(readConstraint(reader, name, "dnsName", isDomainConstraint));
        break;
      case generalName.email:
        subtrees.emails.push(readConstraint(reader, name, "rfc822Name", isEmailConstraint));
        break;
      case generalName.uri:
        subtrees.uris.push(readConstraint(reader, name, "URI", isUriConstraint));
        break;
      case generalName.ip:
        subtrees.ips.push(readRange(reader, name.content));
        break;
      default:
        subtrees.isUnhandled = true;
    }
  }
  return subtrees;
}

function readConstraint(
  reader: DerReader,
  { content }: DerElement,
  kind: string,
  isValid: (text: string) => boolean,
): string {
  const text = Buffer.from(content).toString("latin1");
  if (!isIa5(content)) {
    const quoted = quoteGoString(bytesToGoString(content));
    reader.fail(
      `x509: invalid constraint value: x509: ${quoted} cannot be encoded as an IA5String`,
    );
  }
  const quoted = quoteGoString(text);
  if (kind === "URI" && isIP(text) !== 0) {
    reader.fail(`x509: failed to parse URI constraint ${quoted}: cannot be IP address`);
  }
  if (!isValid(text)) reader.fail(`x509: failed to parse ${kind} constraint ${quoted}`);
  return text;
}

function isDomainConstraint(text: string): boolean {
  return isValidDomain(text, true);
}

function isUriConstraint(text: string): boolean {
  return isValidDomain(text, true);
}

function isEmailConstraint(text: string): boolean {
  if (!text.includes("@")) return isValidDomain(text, true);
  const at = text.lastIndexOf("@");
  const isLocalPart = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+$/.test(text.slice(0, at));
  return isLocalPart && text.length > at + 1 && isValidDomain(text.slice(at + 1), false);
}

function readRange(reader: DerReader, content: Uint8Array): ValueObject {
  if (content.length !== 8 && content.length !== 32) {
    reader.fail(`x509: IP constraint contained value of length ${content.length}`);
  }
  const half = content.length / 2;
  const mask = content.subarray(half);
  const bits = Array.from(mask, (byte) => byte.toString(2).padStart(8, "0")).join("");
  if (bits.includes("01")) reader.fail(`x509: IP constraint contained invalid mask ${toHex(mask)}`);
  return { IP: formatIp(content.subarray(0, half)), Mask: toBase64(mask) };
}
