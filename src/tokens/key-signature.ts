import { constants, type KeyObject, verify } from "node:crypto";
import { decodeBase64Url } from "./base64.ts";
import { signatureAlgorithms } from "./signature.ts";

/** How one algorithm of public keys is asked for. */
interface PublicAlgorithm {
  /** The digest's name, none where the algorithm brings its own. */
  readonly hash: string | null;
  readonly padding?: number;
}

const { RSA_PKCS1_PADDING, RSA_PKCS1_PSS_PADDING } = constants;

const publicAlgorithms: ReadonlyMap<string, PublicAlgorithm> = new Map([
  ["RS256", { hash: "sha256", padding: RSA_PKCS1_PADDING }],
  ["RS384", { hash: "sha384", padding: RSA_PKCS1_PADDING }],
  ["RS512", { hash: "sha512", padding: RSA_PKCS1_PADDING }],
  ["PS256", { hash: "sha256", padding: RSA_PKCS1_PSS_PADDING }],
  ["PS384", { hash: "sha384", padding: RSA_PKCS1_PSS_PADDING }],
  ["PS512", { hash: "sha512", padding: RSA_PKCS1_PSS_PADDING }],
  ["ES256", { hash: "sha256" }],
  ["ES384", { hash: "sha384" }],
  ["ES512", { hash: "sha512" }],
  ["EdDSA", { hash: null }],
]);

/** Returns whether the key made the signature by the algorithm, which has to be one of the key's. */
export function isSignedBy(
  key: KeyObject,
  algorithm: string,
  signedText: string,
  signature: string,
): boolean {
  if (key.type === "secret") {
    const verifyHmac = signatureAlgorithms.get(algorithm);
    return verifyHmac !== undefined && verifyHmac(key, signedText, signature) === undefined;
  }
  const known = publicAlgorithms.get(algorithm);
  const given = decodeBase64Url(signature);
  if (known === undefined || typeof given === "number") return false;
  const { hash, padding } = known;
  const options = {
    key,
    dsaEncoding: "ieee-p1363" as const,
    ...(padding === undefined ? {} : { padding }),
    ...(padding === RSA_PKCS1_PSS_PADDING ? { saltLength: constants.RSA_PSS_SALTLEN_DIGEST } : {}),
  };
  return verify(hash, Buffer.from(signedText, "latin1"), options, given);
}
