import { createSecretKey, hash, type KeyObject } from "node:crypto";
import { LRUCache } from "lru-cache";
import { EvaluationError } from "../model/evaluation-error.ts";
import type { JsonObject } from "../model/json.ts";
import type { JwtCacheOptions } from "../model/limits.ts";
import { judgeClaimTimes } from "./claim-times.ts";
import { freezeDeeply } from "./freeze-token.ts";
import { parseToken, splitToken } from "./parse-token.ts";
import {
  createTokenCache,
  type KnownToken,
  recallToken,
  type TokenCache,
  type TokenCacheStats,
  type VerifiedToken,
} from "./token-cache.ts";
import { keyBytesOf } from "./token-key.ts";
import type { TokenText } from "./token-text.ts";

/** The options of a verifier. */
export interface TokenVerifierOptions {
  /** The wall clock, in milliseconds since 1970. */
  readonly nowMs: () => number;
  readonly cache: JwtCacheOptions;
  /** How large a token, and a secret, may be, in characters. */
  readonly maxTokenLength: number;
  /** Whether what golang-jwt lets pass against the RFCs is refused (docs/policy-language.md, Tokens). */
  readonly isStrict: boolean;
  readonly text: TokenText;
}

/** Verifies tokens and remembers which ones were genuine, and which were not. */
export interface TokenVerifier {
  /** The decoder for a secret, to be kept where the secret is known beforehand. Costs nothing until it is used. */
  readonly decoderFor: (secret: string) => TokenDecoder;
  /** What it remembers, which other verifiers of the same thread may share. */
  readonly cache: TokenCache;
  stats(): TokenCacheStats;
}

/**
 * `{ header, payload, sig }` of a token that the secret signed and whose times hold now, deeply frozen; or the error
 * that `jwt_decode` gives (docs/policy-language.md, Tokens). `sig` is the hex of the signature segment's characters.
 */
export type TokenDecoder = (token: string) => JsonObject | EvaluationError;

/** Secrets come from policies, so few; bounded all the same, as an expression may take one from the request. */
const maxKeys = 64;

interface CachedKey {
  /** Stands for the secret wherever one has to be named. */
  readonly id: string;
  /** Undefined for a secret that stands for no bytes, with which anybody could sign. */
  readonly key: KeyObject | undefined;
}

/**
 * Returns a verifier with caches of its own. What is cached is whether a signature holds, or why it does not: both follow from
 * token and key alone. The times are judged at every use. What has not even the form of a token is looked at
 * anew each time: that costs less than remembering it (0.1 µs against 0.5), and leaves room for what is dear (3 to 8 µs).
 */
export function createTokenVerifier(options: TokenVerifierOptions): TokenVerifier {
  const keys = new LRUCache<string, CachedKey>({ max: maxKeys });
  const tokens = createTokenCache(options.cache);

  function keyOf(secret: string): CachedKey {
    // UTF-16, because two secrets that are not UTF-8 must not become the same replacement characters.
    const id = hash("sha256", Buffer.from(secret, "utf16le"), "base64");
    const known = keys.get(id);
    if (known !== undefined) return known;
    const bytes = keyBytesOf(secret, options.text.toBytes);
    const made = { id, key: bytes.length === 0 ? undefined : createSecretKey(bytes) };
    keys.set(id, made);
    return made;
  }

  /** What is so about the token at all times; a text when it has not even the form of one. */
  function verify(token: string, key: KeyObject): KnownToken | string {
    const parts = splitToken(token);
    if (typeof parts === "string") return parts;
    const parsed = parseToken(parts, options.text, options.isStrict);
    // Faults of JSON quote it.
    if (typeof parsed === "string") return new EvaluationError("EVALUATION_JWT", describe(parsed));
    const { header, payload, signature, signedText } = parsed;
    // A signature that does not hold goes before times that do not.
    const fault = parsed.verify(key, signedText, signature);
    if (fault !== undefined) return invalid(fault);
    const sig = Buffer.from(signature, "latin1").toString("hex");
    const decoded = { header, payload, sig };
    // Claims may be slices that keep the token's decoded text alive.
    const sizeBytes = token.length + freezeDeeply(decoded);
    return { decoded, claims: payload, sizeBytes };
  }

  function judgeTimes(claims: JsonObject): EvaluationError | undefined {
    const fault = judgeClaimTimes(claims, Math.floor(options.nowMs() / 1000), options.isStrict);
    return fault === undefined ? undefined : invalid(fault);
  }

  function decode(token: string, { id, key }: CachedKey): JsonObject | EvaluationError {
    if (key === undefined) return emptyKeyError;
    let fault: EvaluationError | undefined;
    const isGood = ({ claims }: VerifiedToken): boolean => {
      fault = judgeTimes(claims);
      return fault === undefined;
    };
    const known = recallToken(tokens, id, token, () => verify(token, key), isGood);
    if (typeof known === "string") return invalid(known);
    return known instanceof EvaluationError ? known : (fault ?? known.decoded);
  }

  return {
    decoderFor(secret) {
      let key: CachedKey | undefined;
      return (token) => {
        if (token.length > options.maxTokenLength || secret.length > options.maxTokenLength) {
          const limit = `${options.maxTokenLength} characters`;
          return new EvaluationError("EVALUATION_SIZE_LIMIT", `token or secret over ${limit}`);
        }
        key ??= keyOf(secret);
        return decode(token, key);
      };
    },
    cache: tokens,
    stats: () => tokens.stats(),
  };
}

const emptyKeyError = new EvaluationError(
  "EVALUATION_JWT",
  "the secret is empty",
  "the secret is empty",
);

function describe(fault: string): string {
  return `invalid JWT token: ${fault}`;
}

/** The error of a fault whose text quotes nothing. */
function invalid(fault: string): EvaluationError {
  return new EvaluationError("EVALUATION_JWT", describe(fault), describe(fault));
}
