import { decodeBase64Standard } from "./base64.ts";

/** RFC 7518 section 3.2: no shorter than the digest, which is that of HS256 at least. */
const shortestKeyBytes = 32;

/** Something wrong with a secret. With an `error` no token is verified. */
export interface KeyFault {
  readonly severity: "error" | "warning";
  /** Never quotes the secret. */
  readonly message: string;
}

/** Returns the bytes that tokens are verified with: what the secret stands for in base64 if it can, else its own. */
export function keyBytesOf(secret: string, toBytes: (text: string) => Uint8Array): Uint8Array {
  return decodeBase64Standard(secret) ?? toBytes(secret);
}

/** Returns what is wrong with a secret, as far as it shows. */
export function judgeKey(secret: string, toBytes: (text: string) => Uint8Array): KeyFault[] {
  const { length } = keyBytesOf(secret, toBytes);
  if (length === 0) return [{ severity: "error", message: "the key of `jwt_decode` is empty" }];
  const faults: string[] = [];
  if (secret.includes("-----BEGIN")) {
    faults.push(
      "the key of `jwt_decode` is PEM text, which would be a shared secret: whoever has the public key can sign",
    );
  }
  if (decodeBase64Standard(secret) !== undefined) {
    faults.push(
      `the key of \`jwt_decode\` is also base64, and is taken as the ${length} bytes behind it`,
    );
  }
  if (length < shortestKeyBytes) {
    faults.push(
      `the key of \`jwt_decode\` has ${length} bytes; with fewer than ${shortestKeyBytes} it can be guessed from a token`,
    );
  }
  return faults.map((message) => ({ severity: "warning", message }));
}
