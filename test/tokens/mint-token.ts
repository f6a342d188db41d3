import { createHmac } from "node:crypto";

const hashes = { HS256: "sha256", HS384: "sha384", HS512: "sha512" } as const;

/** Returns a token of the two JSON texts (or bytes), signed by HMAC with the key's bytes. */
export function mintToken(
  payload: string | Uint8Array,
  key: string | Uint8Array,
  header: string | Uint8Array = '{"alg":"HS256"}',
  algorithm: keyof typeof hashes = "HS256",
): string {
  const signed = `${Buffer.from(header).toString("base64url")}.${Buffer.from(payload).toString("base64url")}`;
  return `${signed}.${createHmac(hashes[algorithm], key).update(signed).digest("base64url")}`;
}
