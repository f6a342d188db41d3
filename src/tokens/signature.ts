import { createHmac, type KeyObject, timingSafeEqual } from "node:crypto";
import { decodeBase64Url } from "./base64.ts";

/** A check of a signature: it gives why it does not hold, or undefined when it does. */
export type VerifySignature = (
  key: KeyObject,
  signedText: string,
  signature: string,
) => string | undefined;

/**
 * Every algorithm golang-jwt 3.2.2 registers, by its exact name. The key is always a shared secret, so that only HMAC
 * can succeed; the others are here for the reason they give.
 */
export const signatureAlgorithms: ReadonlyMap<string, VerifySignature> = new Map([
  ["HS256", verifyHmac("sha256")],
  ["HS384", verifyHmac("sha384")],
  ["HS512", verifyHmac("sha512")],
  ["RS256", refuseDecoded("key is of invalid type")],
  ["RS384", refuseDecoded("key is of invalid type")],
  ["RS512", refuseDecoded("key is of invalid type")],
  ["ES256", refuseDecoded("key is of invalid type")],
  ["ES384", refuseDecoded("key is of invalid type")],
  ["ES512", refuseDecoded("key is of invalid type")],
  ["PS256", refuseDecoded("key is invalid")],
  ["PS384", refuseDecoded("key is invalid")],
  ["PS512", refuseDecoded("key is invalid")],
  ["EdDSA", () => "key is of invalid type"],
  ["none", () => "'none' signature type is not allowed"],
]);

/** Returns the Go engine's text for base64 that is wrong at the offset. */
export function illegalBase64(offset: number): string {
  return `illegal base64 data at input byte ${offset}`;
}

function verifyHmac(hash: string): VerifySignature {
  return (key, signedText, signature) => {
    const given = decodeBase64Url(signature);
    if (typeof given === "number") return illegalBase64(given);
    // A digest that comes as a Buffer has memory of its own, which costs more to get and to free than this copy.
    const digest = createHmac(hash, key).update(signedText, "latin1").digest("binary");
    const wanted = Buffer.from(digest, "binary");
    const same = given.length === wanted.length && timingSafeEqual(given, wanted);
    return same ? undefined : "signature is invalid";
  };
}

function refuseDecoded(reason: string): VerifySignature {
  return (_key, _signedText, signature) => {
    const given = decodeBase64Url(signature);
    return typeof given === "number" ? illegalBase64(given) : reason;
  };
}
