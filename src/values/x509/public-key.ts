import type { ValueObject } from "../../go-values/value.ts";
import { alignRight, contextTag, type DerElement, DerReader, derTag, toHex } from "./der.ts";

const RSA = "1,2,840,113549,1,1,1";
const PSS = "1,2,840,113549,1,1,10";
const MGF1 = "1,2,840,113549,1,1,8";
const NULL_PARAMETERS = "0500";

/** Go's numbers of the signature algorithms (`x509.SignatureAlgorithm`); unknown ones are 0. */
const signatureAlgorithms: ReadonlyMap<string, number> = new Map([
  ["1,2,840,113549,1,1,4", 2],
  ["1,2,840,113549,1,1,5", 3],
  ["1,3,14,3,2,29", 3],
  ["1,2,840,113549,1,1,11", 4],
  ["1,2,840,113549,1,1,12", 5],
  ["1,2,840,113549,1,1,13", 6],
  ["1,2,840,10040,4,3", 7],
  ["2,16,840,1,101,3,4,3,2", 8],
  ["1,2,840,10045,4,1", 9],
  ["1,2,840,10045,4,3,2", 10],
  ["1,2,840,10045,4,3,3", 11],
  ["1,2,840,10045,4,3,4", 12],
  ["1,3,101,112", 16],
]);

/** RSASSA-PSS by hash and the salt's length, which must fit the hash. */
const pssAlgorithms: ReadonlyMap<string, number> = new Map([
  ["2,16,840,1,101,3,4,2,1/32", 13],
  ["2,16,840,1,101,3,4,2,2/48", 14],
  ["2,16,840,1,101,3,4,2,3/64", 15],
]);

/** An algorithm's name and the bytes of its parameters, in hexadecimal. */
interface Algorithm {
  readonly identifier: string;
  readonly parameters: DerElement | undefined;
}

function readAlgorithm(reader: DerReader): Algorithm {
  const identifier = reader.objectIdentifier("x509: malformed OID").join();
  const parameters = reader.isEmpty ? undefined : reader.any("x509: malformed parameters");
  return { identifier, parameters };
}

/** Returns Go's number of the signature algorithm that the reader stands at; 0 for one that Go does not know. */
export function readSignatureAlgorithm(reader: DerReader): number {
  const { identifier, parameters } = readAlgorithm(reader);
  if (identifier === PSS) return pssAlgorithm(parameters);
  // Ed25519 has no parameters.
  if (identifier === "1,3,101,112" && parameters !== undefined) return 0;
  return signatureAlgorithms.get(identifier) ?? 0;
}

function pssAlgorithm(parameters: DerElement | undefined): number {
  const faults = { message: "" };
  const outer = new DerReader(parameters?.full ?? new Uint8Array(0), faults).inside("parameters");
  const hash = readAlgorithm(outer.inside("hash", contextTag(0, true)).inside("hash"));
  const mask = readAlgorithm(outer.inside("mask", contextTag(1, true)).inside("mask"));
  const salt = outer.inside("salt", contextTag(2, true)).integer("salt");
  const trailer = outer.optional(contextTag(3, true), "trailer");
  const trailerField = trailer ? outer.readerOf(trailer.content).integer("trailer") : 1n;
  const maskHash = readAlgorithm(
    outer.readerOf(mask.parameters?.full ?? new Uint8Array(0)).inside("mask hash"),
  );
  const isUsual =
    mask.identifier === MGF1 &&
    maskHash.identifier === hash.identifier &&
    hasNoParameters(hash) &&
    hasNoParameters(maskHash) &&
    trailerField === 1n;
  if (faults.message !== "" || !isUsual) return 0;
  return pssAlgorithms.get(`${hash.identifier}/${salt}`) ?? 0;
}

function hasNoParameters({ parameters }: Algorithm): boolean {
  return parameters === undefined || toHex(parameters.full) === NULL_PARAMETERS;
}

/** The RSA key of a certificate or request, as the original shows it: the modulus in decimal. */
export interface SubjectKey {
  /** The whole SubjectPublicKeyInfo. */
  readonly raw: Uint8Array;
  readonly json: ValueObject;
}

/** Returns the subject's key; anything but a well-formed RSA key is a fault. */
export function readSubjectKey(reader: DerReader): SubjectKey {
  const { full: raw, content } = reader.element(derTag.sequence, "x509: malformed spki");
  const info = reader.readerOf(content);
  const algorithm = readAlgorithm(info.inside("x509: malformed public key algorithm identifier"));
  const bits = info.bitString("x509: malformed subjectPublicKey");
  if (algorithm.identifier !== RSA) {
    reader.fail("certificate should use rsa algorithm");
  } else if (toHex(algorithm.parameters?.full ?? new Uint8Array(0)) !== NULL_PARAMETERS) {
    reader.fail("x509: RSA key missing NULL parameters");
  }
  const outer = reader.readerOf(alignRight(bits));
  const key = outer.inside("x509: invalid RSA public key");
  const modulus = key.integer("x509: invalid RSA modulus");
  const exponent = key.integer("x509: invalid RSA public exponent");
  if (BigInt.asIntN(64, exponent) !== exponent) key.fail("x509: invalid RSA public exponent");
  if (modulus <= 0n) key.fail("x509: RSA modulus is not a positive number");
  if (exponent <= 0n) key.fail("x509: RSA public exponent is not a positive number");
  return { raw, json: { N: modulus.toString(), E: Number(exponent) } };
}

/** Returns whether the original can show the key: it reads it a second time, more strictly. */
export function isShowableKey(key: SubjectKey): boolean {
  const faults = { message: "" };
  const info = new DerReader(key.raw, faults).inside("key");
  info.inside("algorithm");
  const bits = info.readerOf(info.bitString("key").bytes);
  const numbers = bits.inside("key");
  numbers.integer("modulus");
  const exponent = numbers.integer("exponent");
  const hasRest = faults.message === "" && !bits.isEmpty;
  return faults.message === "" && !hasRest && exponent < 2n ** 31n;
}
