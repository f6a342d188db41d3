import {
  createPublicKey,
  createSecretKey,
  hash,
  type JsonWebKey,
  type KeyObject,
} from "node:crypto";
import { EvaluationError } from "../model/evaluation-error.ts";
import { isJsonObject, type JsonObject, type JsonValue, ownValue } from "../model/json.ts";
import { decodeBase64Url } from "./base64.ts";

/** A key that tokens may be signed with. */
export interface VerificationKey {
  readonly kid: string | undefined;
  /** The algorithms that it verifies; none for a key that is for something else. */
  readonly algorithms: readonly string[];
  readonly key: KeyObject | undefined;
}

/** Keys of which a token has to be signed with one. */
export interface VerificationKeys {
  /** Stands for the keys wherever they have to be named. */
  readonly id: string;
  readonly keys: readonly VerificationKey[];
}

const hmacAlgorithms: readonly string[] = ["HS256", "HS384", "HS512"];
const rsaAlgorithms: readonly string[] = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];

/** What a curve's keys verify. */
const curveAlgorithms: ReadonlyMap<string, readonly string[]> = new Map([
  ["P-256", ["ES256"]],
  ["P-384", ["ES384"]],
  ["P-521", ["ES512"]],
  ["Ed25519", ["EdDSA"]],
]);

/** Returns the one key that a secret stands for by its bytes, or undefined for an empty one, with which anybody could sign. */
export function secretKeys(secret: string): VerificationKeys | undefined {
  if (secret === "") return undefined;
  const key = createSecretKey(Buffer.from(secret));
  const id = `secret:${hash("sha256", secret, "base64")}`;
  return { id, keys: [{ kid: undefined, algorithms: hmacAlgorithms, key }] };
}

/**
 * Returns the keys of a JWK set (RFC 7517), or of a single JWK, or what is wrong with it. Keys of kinds that are not known, and
 * those that are not for signatures, are kept as keys that verify nothing.
 */
export function readKeySet(
  text: string,
  parseJson: (text: string) => JsonValue | EvaluationError,
): VerificationKeys | string {
  const value = parseJson(text);
  if (value instanceof EvaluationError || !isJsonObject(value)) {
    return "the key set is no JSON object";
  }
  const members = ownValue(value, "keys") ?? [value];
  if (!Array.isArray(members)) return "`keys` of the key set is no list";
  const keys: VerificationKey[] = [];
  for (const member of members as readonly JsonValue[]) {
    const key = isJsonObject(member) ? readKey(member) : undefined;
    if (key === undefined) return "the key set has a key that cannot be read";
    keys.push(key);
  }
  return { id: `set:${hash("sha256", text, "base64")}`, keys };
}

function readKey(jwk: JsonObject): VerificationKey | undefined {
  const kid = ownValue(jwk, "kid");
  const alg = ownValue(jwk, "alg");
  const type = ownValue(jwk, "kty");
  if (typeof type !== "string" || !isTextOrAbsent(kid) || !isTextOrAbsent(alg)) return undefined;
  const possible = algorithmsOf(type, jwk);
  if (possible === undefined) return { kid, algorithms: [], key: undefined };
  const key = type === "oct" ? readSecret(jwk) : readPublicKey(type, jwk);
  if (key === undefined) return undefined;
  const named = alg === undefined ? possible : possible.filter((name) => name === alg);
  return { kid, algorithms: isForVerifying(jwk) ? named : [], key };
}

function isTextOrAbsent(value: JsonValue | undefined): value is string | undefined {
  return value === undefined || typeof value === "string";
}

/** Returns whether the key is meant to verify signatures, as far as it says what it is meant for. */
function isForVerifying(jwk: JsonObject): boolean {
  const use = ownValue(jwk, "use");
  const operations = ownValue(jwk, "key_ops");
  const isUse = use === undefined || use === "" || use === "sig";
  return isUse && (operations === undefined || isAmong(operations, "verify"));
}

function isAmong(list: JsonValue, name: string): boolean {
  return Array.isArray(list) && (list as readonly JsonValue[]).includes(name);
}

/** Returns what keys of the kind can verify, or undefined when it is not known. */
function algorithmsOf(type: string, jwk: JsonObject): readonly string[] | undefined {
  const curve = ownValue(jwk, "crv");
  switch (type) {
    case "oct":
      return hmacAlgorithms;
    case "RSA":
      return rsaAlgorithms;
    case "EC":
    case "OKP":
      return typeof curve === "string" ? curveAlgorithms.get(curve) : undefined;
    default:
      return undefined;
  }
}

function readSecret(jwk: JsonObject): KeyObject | undefined {
  const text = ownValue(jwk, "k");
  const bytes = typeof text === "string" ? decodeBase64Url(text) : 0;
  return typeof bytes === "number" || bytes.length === 0 ? undefined : createSecretKey(bytes);
}

/** Only the public members are read: a set may hold private keys by mistake. */
function readPublicKey(type: string, jwk: JsonObject): KeyObject | undefined {
  const key: JsonWebKey = { kty: type };
  for (const name of ["n", "e", "crv", "x", "y"] as const) {
    const value = ownValue(jwk, name);
    if (typeof value === "string") key[name] = value;
  }
  try {
    return createPublicKey({ key, format: "jwk" });
  } catch {
    // Not a key: an answer that is expected of what came from outside.
    return undefined;
  }
}
