import type { ValueObject } from "../../go-values/value.ts";
import { EvaluationError } from "../../model/evaluation-error.ts";
import { formatRfc3339, type GoTime } from "../time/go-time.ts";
import { compileLayout, parseGoTime } from "../time/go-time-layout.ts";
import { alignRight, contextTag, DerReader, derTag, toBase64, toHex } from "./der.ts";
import { readName } from "./distinguished-name.ts";
import {
  type Extension,
  readExtension,
  readExtensionFields,
  showExtensions,
} from "./extensions.ts";
import { isShowableKey, readSignatureAlgorithm, readSubjectKey } from "./public-key.ts";

/** Go's number of the RSA public key algorithm. */
export const RSA_KEY_ALGORITHM = 1;

/** Returns the JSON of Go's `x509.Certificate` (Go 1.26) for DER bytes with an RSA key, or Go's error. */
export function decodeCertificate(bytes: Uint8Array): ValueObject | EvaluationError {
  const faults = { message: "" };
  const input = new DerReader(bytes, faults);
  const whole = input.element(derTag.sequence, "x509: malformed certificate");
  const outer = input.readerOf(whole.content);
  const signed = outer.element(derTag.sequence, "x509: malformed tbs certificate");
  const tbs = input.readerOf(signed.content);
  const version = readVersion(tbs);
  const serial = tbs.integer("x509: malformed serial number");
  if (serial < 0n) tbs.fail("x509: negative serial number");
  const signatureAlgorithm = readMatchingAlgorithm(tbs, outer);
  const issuer = tbs.element(derTag.sequence, "x509: malformed issuer");
  const issuerName = readName(tbs.readerOf(issuer.full));
  const validity = tbs.inside("x509: malformed validity");
  const notBefore = readTime(validity);
  const notAfter = readTime(validity);
  const subject = tbs.element(derTag.sequence, "x509: malformed issuer");
  const subjectName = readName(tbs.readerOf(subject.full));
  const key = readSubjectKey(tbs);
  const extensions = readExtensions(tbs, version);
  const extensionFields = readExtensionFields(extensions, faults);
  const signature = alignRight(outer.bitString("x509: malformed signature"));
  if (!input.isEmpty) input.fail("x509: trailing data");
  if (faults.message === "" && !isShowableKey(key)) {
    input.fail("failed to parse subject public key info");
  }
  if (faults.message !== "") return new EvaluationError("EVALUATION_VALUE", faults.message);
  return {
    ...extensionFields,
    Raw: toBase64(whole.full),
    RawTBSCertificate: toBase64(signed.full),
    RawSubjectPublicKeyInfo: toBase64(key.raw),
    RawSubject: toBase64(subject.full),
    RawIssuer: toBase64(issuer.full),
    Signature: toBase64(signature),
    SignatureAlgorithm: signatureAlgorithm,
    PublicKeyAlgorithm: RSA_KEY_ALGORITHM,
    PublicKey: key.json,
    Version: version,
    SerialNumber: Number(serial),
    Issuer: issuerName,
    Subject: subjectName,
    NotBefore: formatRfc3339(notBefore),
    NotAfter: formatRfc3339(notAfter),
    Extensions: showExtensions(extensions),
    ExtraExtensions: null,
  };
}

function readVersion(tbs: DerReader): number {
  const problem = "x509: malformed version";
  const explicit = tbs.optional(contextTag(0, true), problem);
  if (explicit === undefined) return 1;
  const inner = tbs.readerOf(explicit.content);
  const number = inner.integer(problem);
  if (!inner.isEmpty || number < 0n) inner.fail(problem);
  if (number > 2n) inner.fail("x509: invalid version");
  return Number(number) + 1;
}

/** The signature algorithm, which stands inside and outside of what is signed. */
function readMatchingAlgorithm(tbs: DerReader, outer: DerReader): number {
  const inner = tbs.element(derTag.sequence, "x509: malformed signature algorithm identifier");
  const repeated = outer.element(derTag.sequence, "x509: malformed algorithm identifier");
  if (toHex(inner.content) !== toHex(repeated.content)) {
    outer.fail("x509: inner and outer signature algorithm identifiers don't match");
  }
  return readSignatureAlgorithm(tbs.readerOf(inner.content));
}

/** A UTCTime (two digits of the year: 1950 to 2049) or GeneralizedTime, in the one form DER allows. */
function readTime(reader: DerReader): GoTime {
  const isUtcTime = reader.isNext(derTag.utcTime);
  const isKnown = isUtcTime || reader.isNext(derTag.generalizedTime);
  if (!isKnown) reader.fail("x509: unsupported time format");
  const problem = isUtcTime ? "x509: malformed UTCTime" : "x509: malformed GeneralizedTime";
  const { content } = reader.any(problem);
  const text = Buffer.from(content).toString("latin1");
  const century = /^[5-9]/.test(text) ? "19" : "20";
  const time = isUtcTime ? parseCompactTime(century + text) : parseCompactTime(text);
  if (time === undefined) reader.fail(problem);
  return time ?? { seconds: 0, nanoseconds: 0, offsetSeconds: 0 };
}

const minuteLayout = compileLayout("200601021504Z0700");
const secondLayout = compileLayout("20060102150405Z0700");

function parseCompactTime(text: string): GoTime | undefined {
  // An offset of zero has to be written `Z`.
  const parts = /^[0-9]{12}([0-9]{2})?(?:Z|[+-](?!0000)[01][0-9][0-5][0-9]|[+-]2[0-3][0-5][0-9])$/;
  const found = parts.exec(text);
  if (found === null) return undefined;
  const time = parseGoTime(found[1] === undefined ? minuteLayout : secondLayout, text);
  return time instanceof EvaluationError ? undefined : time;
}

function readExtensions(tbs: DerReader, version: number): readonly Extension[] {
  const extensions: Extension[] = [];
  if (version > 1) {
    tbs.optional(contextTag(1, false), "x509: malformed issuerUniqueID");
    tbs.optional(contextTag(2, false), "x509: malformed subjectUniqueID");
  }
  const problem = "x509: malformed extensions";
  const explicit = version === 3 ? tbs.optional(contextTag(3, true), problem) : undefined;
  if (explicit === undefined) return extensions;
  const seen = new Set<string>();
  const list = tbs.readerOf(explicit.content).inside(problem);
  while (!list.isEmpty) {
    const extension = readExtension(list.inside("x509: malformed extension"));
    const name = extension.identifier.join(".");
    if (seen.has(name)) {
      list.fail(`x509: certificate contains duplicate extension with OID "${name}"`);
    }
    seen.add(name);
    extensions.push(extension);
  }
  return extensions;
}
