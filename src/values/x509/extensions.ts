import type { Value, ValueObject } from "../../go-values/value.ts";
import { contextTag, type DerFaults, DerReader, derTag, readIdentifier, toBase64 } from "./der.ts";
import { decodeUtf8, orNull } from "./distinguished-name.ts";
import { noConstraints, readNameConstraints } from "./name-constraints.ts";
import { noSubjectNames, readSubjectNames } from "./subject-names.ts";

/** One extension of a certificate or request. */
export interface Extension {
  readonly identifier: readonly number[];
  readonly isCritical: boolean;
  readonly value: Uint8Array;
}

/** Returns the extension that the reader stands at. */
export function readExtension(reader: DerReader): Extension {
  const identifier = reader.objectIdentifier("x509: malformed extension OID field");
  const isCritical =
    reader.isNext(derTag.boolean) && reader.boolean("x509: malformed extension critical field");
  const { content } = reader.element(derTag.octetString, "x509: malformed extension value field");
  return { identifier, isCritical, value: content };
}

/** Returns the JSON of Go's `pkix.Extension` for each extension. */
export function showExtensions(extensions: readonly Extension[]): Value {
  return orNull(
    extensions.map(({ identifier, isCritical, value }) => ({
      Id: identifier,
      Critical: isCritical,
      Value: toBase64(value),
    })),
  );
}

/** The fields of Go's certificate that come from extensions, as they are when there is none. */
const noFields: ValueObject = {
  KeyUsage: 0,
  UnhandledCriticalExtensions: null,
  ExtKeyUsage: null,
  UnknownExtKeyUsage: null,
  BasicConstraintsValid: false,
  IsCA: false,
  MaxPathLen: 0,
  MaxPathLenZero: false,
  SubjectKeyId: null,
  AuthorityKeyId: null,
  OCSPServer: null,
  IssuingCertificateURL: null,
  ...noSubjectNames,
  ...noConstraints,
  CRLDistributionPoints: null,
  PolicyIdentifiers: null,
  Policies: null,
  InhibitAnyPolicy: 0,
  InhibitAnyPolicyZero: false,
  InhibitPolicyMapping: 0,
  InhibitPolicyMappingZero: false,
  RequireExplicitPolicy: 0,
  RequireExplicitPolicyZero: false,
  PolicyMappings: null,
};

/** What an extension adds to the certificate; undefined when Go leaves it unhandled. */
type ExtensionReader = (reader: DerReader, isCritical: boolean) => ValueObject | undefined;

const extensionReaders: ReadonlyMap<string, ExtensionReader> = new Map<string, ExtensionReader>([
  ["2,5,29,14", readSubjectKeyId],
  ["2,5,29,15", readKeyUsage],
  ["2,5,29,17", readAlternativeNames],
  ["2,5,29,19", readBasicConstraints],
  ["2,5,29,31", readDistributionPoints],
  ["2,5,29,32", readPolicies],
  ["2,5,29,33", readPolicyMappings],
  ["2,5,29,35", readAuthorityKeyId],
  ["2,5,29,36", readPolicyConstraints],
  ["2,5,29,37", readExtendedKeyUsage],
  ["2,5,29,54", readInhibitAnyPolicy],
  ["1,3,6,1,5,5,7,1,1", readAuthorityAccess],
]);
const nameConstraints = "2,5,29,30";

/** Returns the fields of Go's certificate that come from its extensions. */
export function readExtensionFields(
  extensions: readonly Extension[],
  faults: DerFaults,
): ValueObject {
  const fields: { [key: string]: Value } = { ...noFields };
  const unhandled: Value[] = [];
  for (const { identifier, isCritical, value } of extensions) {
    const name = identifier.join();
    const reader = new DerReader(value, faults);
    let isHandled = true;
    if (name === nameConstraints) {
      const constraints = readNameConstraints(reader, isCritical);
      Object.assign(fields, constraints.json);
      isHandled = !constraints.isUnhandled;
    } else {
      const added = extensionReaders.get(name)?.(reader, isCritical);
      Object.assign(fields, added);
      isHandled = added !== undefined;
    }
    if (isCritical && !isHandled) unhandled.push(identifier);
  }
  return { ...fields, UnhandledCriticalExtensions: orNull(unhandled) };
}

function readSubjectKeyId(reader: DerReader, isCritical: boolean): ValueObject {
  if (isCritical) reader.fail("x509: subject key identifier incorrectly marked critical");
  const { content } = reader.element(derTag.octetString, "x509: invalid subject key identifier");
  return { SubjectKeyId: toBase64(content) };
}

function readKeyUsage(reader: DerReader): ValueObject {
  const { bytes } = reader.bitString("x509: invalid key usage");
  let usage = 0;
  for (let bit = 0; bit < 9; bit += 1) {
    const byte = bytes[Math.floor(bit / 8)] ?? 0;
    if ((byte & (0x80 >> (bit % 8))) !== 0) usage |= 1 << bit;
  }
  return { KeyUsage: usage };
}

function readAlternativeNames(reader: DerReader): ValueObject | undefined {
  const names = readSubjectNames(reader);
  return names.isEmpty ? undefined : names.json;
}

function readBasicConstraints(reader: DerReader): ValueObject {
  const problem = "x509: invalid basic constraints";
  const inner = reader.inside(problem);
  const isCa = inner.isNext(derTag.boolean) && inner.boolean(problem);
  const length = inner.isNext(derTag.integer) ? readCount(inner, problem) : -1;
  return {
    BasicConstraintsValid: true,
    IsCA: isCa,
    MaxPathLen: length,
    MaxPathLenZero: length === 0,
  };
}

/** A number from 0 to the largest int64. */
function readCount(reader: DerReader, problem: string): number {
  const value = reader.integer(problem);
  if (value < 0n || value >= 2n ** 63n) reader.fail(problem);
  return Number(value);
}

function readDistributionPoints(reader: DerReader): ValueObject {
  const problem = "x509: invalid CRL distribution point";
  const points: string[] = [];
  const list = reader.inside("x509: invalid CRL distribution points");
  while (!list.isEmpty) {
    const outer = list.inside(problem).optional(contextTag(0, true), problem);
    if (outer === undefined) continue;
    const names = reader.readerOf(outer.content).inside(problem, contextTag(0, true));
    while (names.isNext(contextTag(6, false))) {
      points.push(decodeUtf8(names.element(contextTag(6, false), problem).content));
    }
  }
  return { CRLDistributionPoints: orNull(points) };
}

function readPolicies(reader: DerReader): ValueObject {
  const problem = "x509: invalid certificate policies";
  const policies = new Set<string>();
  const identifiers: Value[] = [];
  const list = reader.inside(problem);
  while (!list.isEmpty) {
    const element = list.inside(problem).element(derTag.objectIdentifier, problem);
    const text = identifierText(element.content);
    if (text === "" || policies.has(text)) reader.fail(problem);
    policies.add(text);
    const numbers = readIdentifier(element.content);
    if (numbers !== undefined) identifiers.push(numbers);
  }
  return { Policies: orNull([...policies]), PolicyIdentifiers: identifiers };
}

/** The dotted text of an object identifier, whose numbers may be of any size; empty when it is malformed. */
function identifierText(content: Uint8Array): string {
  const numbers: bigint[] = [];
  let number = 0n;
  let isFirstByte = true;
  for (const byte of content) {
    if (isFirstByte && byte === 0x80) return "";
    number = (number << 7n) | BigInt(byte & 0x7f);
    isFirstByte = byte < 0x80;
    if (!isFirstByte) continue;
    const top = number < 80n ? number / 40n : 2n;
    if (numbers.length === 0) numbers.push(top, number - top * 40n);
    else numbers.push(number);
    number = 0n;
  }
  return isFirstByte ? numbers.join(".") : "";
}

function readPolicyMappings(reader: DerReader): ValueObject {
  const problem = "x509: invalid policy mappings extension";
  const mappings: Value[] = [];
  const list = reader.inside(problem);
  while (!list.isEmpty) {
    const pair = list.inside(problem);
    const issuer = pair.element(derTag.objectIdentifier, problem);
    const subject = pair.element(derTag.objectIdentifier, problem);
    mappings.push({
      IssuerDomainPolicy: identifierText(issuer.content),
      SubjectDomainPolicy: identifierText(subject.content),
    });
  }
  return { PolicyMappings: orNull(mappings) };
}

function readAuthorityKeyId(reader: DerReader, isCritical: boolean): ValueObject {
  if (isCritical) reader.fail("x509: authority key identifier incorrectly marked critical");
  const problem = "x509: invalid authority key identifier";
  const key = reader.inside(problem).optional(contextTag(0, false), problem);
  return { AuthorityKeyId: key === undefined ? null : toBase64(key.content) };
}

function readPolicyConstraints(reader: DerReader): ValueObject {
  const problem = "x509: invalid policy constraints extension";
  const inner = reader.inside(problem);
  const fields: { [key: string]: Value } = {};
  for (const [number, field] of ["RequireExplicitPolicy", "InhibitPolicyMapping"].entries()) {
    const tag = contextTag(number, false);
    if (!inner.isNext(tag)) continue;
    const value = inner.integer(problem, tag);
    if (BigInt.asIntN(64, value) !== value) inner.fail(problem);
    fields[field] = Number(value);
    fields[`${field}Zero`] = value === 0n;
  }
  return fields;
}

/** Go's numbers of the extended key usages; others are listed by identifier. */
const extendedKeyUsages: ReadonlyMap<string, number> = new Map([
  ["2,5,29,37,0", 0],
  ["1,3,6,1,5,5,7,3,1", 1],
  ["1,3,6,1,5,5,7,3,2", 2],
  ["1,3,6,1,5,5,7,3,3", 3],
  ["1,3,6,1,5,5,7,3,4", 4],
  ["1,3,6,1,5,5,7,3,5", 5],
  ["1,3,6,1,5,5,7,3,6", 6],
  ["1,3,6,1,5,5,7,3,7", 7],
  ["1,3,6,1,5,5,7,3,8", 8],
  ["1,3,6,1,5,5,7,3,9", 9],
  ["1,3,6,1,4,1,311,10,3,3", 10],
  ["2,16,840,1,113730,4,1", 11],
  ["1,3,6,1,4,1,311,2,1,22", 12],
  ["1,3,6,1,4,1,311,61,1,1", 13],
]);

function readExtendedKeyUsage(reader: DerReader): ValueObject {
  const problem = "x509: invalid extended key usages";
  const known: number[] = [];
  const unknown: Value[] = [];
  const list = reader.inside(problem);
  while (!list.isEmpty) {
    const identifier = list.objectIdentifier(problem);
    const usage = extendedKeyUsages.get(identifier.join());
    if (usage === undefined) unknown.push(identifier);
    else known.push(usage);
  }
  return { ExtKeyUsage: orNull(known), UnknownExtKeyUsage: orNull(unknown) };
}

function readInhibitAnyPolicy(reader: DerReader): ValueObject {
  const problem = "x509: invalid inhibit any policy extension";
  const value = reader.integer(problem);
  if (BigInt.asIntN(64, value) !== value) reader.fail(problem);
  return { InhibitAnyPolicy: Number(value), InhibitAnyPolicyZero: value === 0n };
}

function readAuthorityAccess(reader: DerReader, isCritical: boolean): ValueObject {
  if (isCritical) reader.fail("x509: authority info access incorrectly marked critical");
  const problem = "x509: invalid authority info access";
  const servers: string[] = [];
  const issuers: string[] = [];
  const list = reader.inside(problem);
  while (!list.isEmpty) {
    const access = list.inside(problem);
    const method = access.objectIdentifier(problem).join();
    const location = access.optional(contextTag(6, false), problem);
    if (location === undefined) continue;
    const text = decodeUtf8(location.content);
    if (method === "1,3,6,1,5,5,7,48,1") servers.push(text);
    else if (method === "1,3,6,1,5,5,7,48,2") issuers.push(text);
  }
  return { OCSPServer: orNull(servers), IssuingCertificateURL: orNull(issuers) };
}
