import { createSecretKey, hash, type KeyObject } from "node:crypto";
import { LRUCache } from "lru-cache";
import { EvaluationError } from "../model/evaluation-error.ts";
import type { JsonObject } from "../model/json.ts";
import type { JwtCacheOptions } from "../model/limits.ts";
import { decodeBase64Standard } from "./base64.ts";
import { judgeClaimTimes } from "./claim-times.ts";
import { freezeDeeply } from "./freeze-token.ts";
import { parseToken } from "./parse-token.ts";
import type { TokenText } from "./token-text.ts";

/** What a verifier needs to know. */
export interface TokenVerifierOptions {
  /** The wall clock, in milliseconds since 1970. */
  readonly nowMs: () => number;
  readonly cache: JwtCacheOptions;
  /** How large a token, and a secret, may be, in characters. */
  readonly maxTokenLength: number;
  readonly text: TokenText;
}

/** How the verification cache is doing. */
interface TokenCacheStats {
  readonly hits: number;
  readonly misses: number;
  readonly entries: number;
  /** By estimate, keys and claims together. */
  readonly bytes: number;
}

/** Verifies tokens and remembers which ones were genuine. */
export interface TokenVerifier {
  /** The decoder for a secret, to be kept where the secret is known beforehand. Costs nothing until it is used. */
  readonly decoderFor: (secret: string) => TokenDecoder;
  stats(): TokenCacheStats;
}

/**
 * `{ header, payload, sig }` of a token that the secret signed and whose times hold now, deeply frozen; or the error
 * that `jwt_decode` gives (docs/policy-language.md, Tokens). `sig` is the hex of the signature segment's characters.
 */
export type TokenDecoder = (token: string) => JsonObject | EvaluationError;

/** Secrets come from policies, so few; bounded all the same, as an expression may take one from the request. */
const maxKeys = 64;
/** What an entry takes besides its claims: the digest it is found by, the list's links. */
const entryOverheadBytes = 256;

interface VerifiedToken {
  readonly decoded: JsonObject;
  readonly claims: JsonObject;
  readonly sizeBytes: number;
}

interface CachedKey {
  /** Stands for the secret wherever one has to be named. */
  readonly id: string;
  readonly key: KeyObject;
}

/**
 * A verifier with caches of its own. What is cached is that a signature holds; the times are judged at every use.
 *
 * Neither a token nor a secret is ever a cache's key: digests are, and a token's digest covers the key's.
 */
export function createTokenVerifier(options: TokenVerifierOptions): TokenVerifier {
  const keys = new LRUCache<string, CachedKey>({ max: maxKeys });
  const tokens = createTokenCache(options.cache);
  let hits = 0;
  let misses = 0;

  function keyOf(secret: string): CachedKey {
    // UTF-16, because two secrets that are not UTF-8 must not become the same replacement characters.
    const id = hash("sha256", Buffer.from(secret, "utf16le"), "base64");
    const known = keys.get(id);
    if (known !== undefined) return known;
    const bytes = decodeBase64Standard(secret) ?? options.text.toBytes(secret);
    const made = { id, key: createSecretKey(bytes) };
    keys.set(id, made);
    return made;
  }

  function verify(token: string, key: KeyObject): VerifiedToken | EvaluationError {
    const parsed = parseToken(token, options.text);
    if (typeof parsed === "string") return invalid(parsed);
    const { header, payload, signature, signedText } = parsed;
    // A signature that does not hold goes before times that do not.
    const fault = parsed.verify(key, signedText, signature);
    if (fault !== undefined) return invalid(fault);
    const sig = Buffer.from(signature, "latin1").toString("hex");
    const decoded = { header, payload, sig };
    // Claims may be slices that keep the token's decoded text alive.
    const sizeBytes = entryOverheadBytes + token.length + freezeDeeply(decoded);
    return { decoded, claims: payload, sizeBytes };
  }

  function judge(verified: VerifiedToken): EvaluationError | undefined {
    const fault = judgeClaimTimes(verified.claims, Math.floor(options.nowMs() / 1000));
    return fault === undefined ? undefined : invalid(fault);
  }

  function decode(token: string, { id, key }: CachedKey): JsonObject | EvaluationError {
    // Tokens that are remembered are ASCII, so nothing else can have the same bytes.
    const digest = hash("sha256", id + token, "base64");
    const known = tokens?.get(digest);
    if (known !== undefined) hits += 1;
    else misses += 1;
    const verified = known ?? verify(token, key);
    if (verified instanceof EvaluationError) return verified;
    const fault = judge(verified);
    if (fault !== undefined) {
      tokens?.delete(digest);
      return fault;
    }
    if (known === undefined) tokens?.set(digest, verified);
    return verified.decoded;
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
    stats() {
      return { hits, misses, entries: tokens?.size ?? 0, bytes: tokens?.calculatedSize ?? 0 };
    },
  };
}

function createTokenCache(bounds: JwtCacheOptions): LRUCache<string, VerifiedToken> | undefined {
  if (bounds.maxEntries === 0 || bounds.maxBytes === 0) return undefined;
  return new LRUCache({
    max: bounds.maxEntries,
    maxSize: bounds.maxBytes,
    sizeCalculation: (verified) => verified.sizeBytes,
  });
}

function invalid(message: string): EvaluationError {
  return new EvaluationError("EVALUATION_JWT", `invalid JWT token: ${message}`);
}
