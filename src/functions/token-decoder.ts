import { parseJsonText } from "../jmespath/json-text.ts";
import { bytesToGoString, goStringToBytes } from "../jmespath/text.ts";
import type { TokenText } from "../jwt/token-text.ts";
import { createTokenVerifier, type TokenVerifier } from "../jwt/token-verifier.ts";
import type { PolicyOptions } from "../model/limits.ts";

export type { TokenVerifier } from "../jwt/token-verifier.ts";

/** What `jwt_decode` asks, with the options' cache and bounds; it keeps text as expressions do. */
export function createTokenDecoder(nowMs: () => number, options: PolicyOptions): TokenVerifier {
  const { maxTokenLength } = options.limits;
  return createTokenVerifier({ nowMs, cache: options.jwtCache, maxTokenLength, text });
}

const text: TokenText = {
  toBytes: goStringToBytes,
  fromBytes: bytesToGoString,
  parseJson: parseJsonText,
};
