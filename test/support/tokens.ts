import { createHmac } from "node:crypto";

const hashes = { HS256: "sha256", HS384: "sha384", HS512: "sha512" } as const;

/** The parts of a test token. */
export interface TokenParts {
  readonly claims: Readonly<Record<string, unknown>>;
  /** `secret` unless given. */
  readonly secret?: string;
  /** HS256 unless given; `none` leaves the signature empty. */
  readonly alg?: keyof typeof hashes | "none";
}

/** Returns a compact JWT. */
export function mintToken({ claims, secret = "secret", alg = "HS256" }: TokenParts): string {
  const signed = `${encode({ alg, typ: "JWT" })}.${encode(claims)}`;
  if (alg === "none") return `${signed}.`;
  return `${signed}.${createHmac(hashes[alg], secret).update(signed).digest("base64url")}`;
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString("base64url");
}
