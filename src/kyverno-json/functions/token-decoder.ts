import { bytesToGoString, goStringToBytes } from "../../go-values/go-string.ts";
import { parseJsonText } from "../../go-values/json-text.ts";
import type { PolicyOptions } from "../../model/limits.ts";
import { judgeKey, type KeyFault } from "../../tokens/token-key.ts";
import type { TokenText } from "../../tokens/token-text.ts";
import { createTokenVerifier, type TokenVerifier } from "../../tokens/token-verifier.ts";

export type { KeyFault } from "../../tokens/token-key.ts";
export type { TokenVerifier } from "../../tokens/token-verifier.ts";

/** Returns what `jwt_decode` asks, with the options' cache and bounds; it keeps text as expressions do. */
export function createTokenDecoder(nowMs: () => number, options: PolicyOptions): TokenVerifier {
  const { maxTokenLength, maxDepth } = options.limits;
  const isStrict = options.compat === "none";
  const text: TokenText = {
    toBytes: goStringToBytes,
    fromBytes: bytesToGoString,
    parseJson: (json) => parseJsonText(json, maxDepth),
  };
  return createTokenVerifier({ nowMs, cache: options.jwtCache, maxTokenLength, isStrict, text });
}

/** Returns what is wrong with a secret of `jwt_decode`, as far as it shows. */
export function judgeTokenKey(secret: string): KeyFault[] {
  return judgeKey(secret, goStringToBytes);
}
