import type { Value, ValueObject } from "../../go-values/value.ts";
import { EvaluationError } from "../../model/evaluation-error.ts";
import { RSA_KEY_ALGORITHM } from "./certificate.ts";
import {
  alignRight,
  contextTag,
  type DerElement,
  DerReader,
  derTag,
  readIdentifier,
  toBase64,
} from "./der.ts";
import { NameFault, orNull, readName, readText } from "./distinguished-name.ts";
import { type Extension, readExtension, showExtensions } from "./extensions.ts";
import { isShowableKey, readSignatureAlgorithm, readSubjectKey } from "./public-key.ts";
import { noSubjectNames, readSubjectNames } from "./subject-names.ts";

const EXTENSION_REQUEST = "1,2,840,113549,1,9,14";
const SUBJECT_NAMES = "2,5,29,17";
const malformed = "asn1: structure error: malformed certificate request";

/** Returns the JSON of Go's `x509.CertificateRequest` for DER bytes with an RSA key, or an error. */
export function decodeCertificateRequest(bytes: Uint8Array): ValueObject | EvaluationError {
  const faults = { message: "" };
  const input = new DerReader(bytes, faults);
  const whole = input.element(derTag.sequence, malformed);
  if (!input.isEmpty) input.fail("asn1: syntax error: trailing data");
  const outer = input.readerOf(whole.content);
  const signed = outer.element(derTag.sequence, faultOf(outer));
  const signatureAlgorithm = readSignatureAlgorithm(outer.inside(faultOf(outer)));
  const signature = alignRight(outer.bitString(faultOf(outer)));
  const tbs = input.readerOf(signed.content);
  const version = tbs.integer(faultOf(tbs));
  if (BigInt.asIntN(64, version) !== version) tbs.fail(malformed);
  const subject = tbs.element(derTag.sequence, faultOf(tbs));
  const key = readSubjectKey(tbs);
  const attributes = readAttributes(tbs);
  // A request's name may have values of any type.
  const subjectName = readName(tbs.readerOf(subject.full), readAnyValue);
  const extensions = readRequestedExtensions(tbs, attributes);
  const names = extensions.find(({ identifier }) => identifier.join() === SUBJECT_NAMES);
  const nameFields = names ? readSubjectNames(tbs.readerOf(names.value)).json : noSubjectNames;
  if (faults.message === "" && !isShowableKey(key)) {
    input.fail("failed to parse subject public key info");
  }
  if (faults.message !== "") return new EvaluationError("EVALUATION_VALUE", faults.message);
  return {
    Raw: toBase64(whole.full),
    RawTBSCertificateRequest: toBase64(signed.full),
    RawSubjectPublicKeyInfo: toBase64(key.raw),
    RawSubject: toBase64(subject.full),
    Version: Number(version),
    Signature: toBase64(signature),
    SignatureAlgorithm: signatureAlgorithm,
    PublicKeyAlgorithm: RSA_KEY_ALGORITHM,
    PublicKey: key.json,
    Subject: subjectName,
    Attributes: orNull(attributes.flatMap(showAttribute)),
    Extensions: showExtensions(extensions),
    ExtraExtensions: null,
    ...nameFields,
  };
}

/** What Go says when a field that comes next is not there, or not what it has to be. */
function faultOf(reader: DerReader): string {
  return reader.isEmpty ? "asn1: syntax error: sequence truncated" : malformed;
}

function readAttributes(tbs: DerReader): readonly DerElement[] {
  const attributes: DerElement[] = [];
  const list = tbs.inside(malformed, contextTag(0, true));
  while (!list.isEmpty) attributes.push(list.any(malformed));
  return attributes;
}

/** The extensions asked for; every attribute that asks for some adds to them. */
function readRequestedExtensions(
  reader: DerReader,
  attributes: readonly DerElement[],
): readonly Extension[] {
  const extensions: Extension[] = [];
  const seen = new Set<string>();
  for (const { full } of attributes) {
    const attribute = new DerReader(full, { message: "" }).inside(malformed);
    const type = attribute.objectIdentifier(malformed).join();
    const values = attribute.inside(malformed, derTag.set);
    if (type !== EXTENSION_REQUEST || values.isEmpty) continue;
    const list = reader.readerOf(values.any(malformed).full).inside(malformed);
    while (!list.isEmpty) {
      const extension = readExtension(list.inside(malformed));
      const name = extension.identifier.join();
      if (seen.has(name)) {
        list.fail("x509: certificate request contains duplicate requested extensions");
      }
      seen.add(name);
      extensions.push(extension);
    }
  }
  return extensions;
}

/** The attribute as a set of lists of typed values, or nothing when it has another shape, as a password has. */
function showAttribute({ full }: DerElement): readonly ValueObject[] {
  const faults = { message: "" };
  const attribute = new DerReader(full, faults).inside(malformed);
  const type = attribute.objectIdentifier(malformed);
  const lists: Value[] = [];
  const set = attribute.inside(malformed, derTag.set);
  while (!set.isEmpty) {
    const list = set.inside(malformed);
    const values: Value[] = [];
    while (!list.isEmpty) {
      const item = list.inside(malformed);
      const valueType = item.objectIdentifier(malformed);
      const value = readAnyValue(item.any(malformed));
      if (value instanceof NameFault) item.fail(value.problem);
      else values.push({ Type: valueType, Value: value });
    }
    lists.push(values);
  }
  return faults.message === "" ? [{ Type: type, Value: lists }] : [];
}

const textTags: readonly number[] = [
  derTag.utf8String,
  derTag.numericString,
  derTag.printableString,
  derTag.t61String,
  derTag.ia5String,
  derTag.bmpString,
];

/** A primitive value as Go reads it without knowing its type; null for what has none. */
function readAnyValue(element: DerElement): Value | NameFault {
  const reader = new DerReader(element.full, { message: "" });
  switch (element.tag) {
    case derTag.boolean:
      return reader.boolean(malformed);
    case derTag.integer:
      return Number(reader.integer(malformed));
    case derTag.octetString:
      return toBase64(element.content);
    case derTag.objectIdentifier:
      return readIdentifier(element.content) ?? null;
    default:
      return textTags.includes(element.tag) ? readText(element) : null;
  }
}
