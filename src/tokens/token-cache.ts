import { hash } from "node:crypto";
import { LRUCache } from "lru-cache";
import { EvaluationError } from "../model/evaluation-error.ts";
import type { JsonObject } from "../model/json.ts";
import type { JwtCacheOptions } from "../model/limits.ts";
import { createRecentDigests } from "./recent-digests.ts";

/** A token whose signature holds; whether its times do is another matter. */
export interface VerifiedToken {
  readonly decoded: JsonObject;
  readonly claims: JsonObject;
  /** What its claims take, by estimate. */
  readonly sizeBytes: number;
}

/** The lasting knowledge of a token and a key: that its signature holds, or why it does not. */
export type KnownToken = VerifiedToken | EvaluationError;

/** The state of the cache. */
export interface TokenCacheStats {
  /** Tokens found, good or refused. */
  readonly hits: number;
  readonly misses: number;
  /** Tokens remembered, good or refused. */
  readonly entries: number;
  /** By estimate, digests and claims together, of both kinds. */
  readonly bytes: number;
}

/** A token as it was when it was last seen. */
interface RememberedToken {
  readonly token: KnownToken;
  /** Not so: refused, for its signature or its times. */
  readonly isGood: boolean;
}

/** Remembers tokens by digest. */
export interface TokenCache {
  find(digest: string): RememberedToken | undefined;
  /**
   * Remembers a token as one of its kind, and no longer as one of the other. Where its kind has no room left, only if
   * it came before, no longer ago than as many others as there is room for: of tokens that come once, or in a round
   * longer than that, each would drive out one that is of use and be of none itself.
   */
  keep(digest: string, remembered: RememberedToken): void;
  stats(): TokenCacheStats;
}

/**
 * Returns what is so about a token and a key at all times, remembered or found out now; a text, which is not remembered, for
 * what has not even the form of a token. Neither a token nor a secret is ever a key in the cache: digests are, and a
 * token's digest covers the key's.
 *
 * @param keyId stands for the key, and for the rules that the token is read by
 * @param isGood whether a token whose signature holds is good now: refused ones do not drive out good ones
 */
export function recallToken(
  cache: TokenCache,
  keyId: string,
  token: string,
  verify: () => KnownToken | string,
  isGood: (token: VerifiedToken) => boolean,
): KnownToken | string {
  // Good tokens are ASCII, so nothing else can have the bytes of one.
  const digest = hash("sha256", keyId + token, "base64");
  const remembered = cache.find(digest);
  const known = remembered?.token ?? verify();
  if (typeof known === "string") return known;
  const isGoodNow = !(known instanceof EvaluationError) && isGood(known);
  if (isGoodNow !== remembered?.isGood) cache.keep(digest, { token: known, isGood: isGoodNow });
  return known;
}

/** What an entry takes besides its claims: the digest it is found by, the list's links. */
const entryOverheadBytes = 256;

/** Refused tokens get this share of the bounds, beside the good ones. */
const refusedShare = 1 / 4;

/**
 * Returns a cache within those bounds. Refused tokens have bounds of their own, so that whoever sends many of them drives out
 * other refused ones and no good one.
 */
export function createTokenCache(bounds: JwtCacheOptions): TokenCache {
  const good = createPart(bounds.maxEntries, bounds.maxBytes);
  const refused = createPart(
    Math.ceil(bounds.maxEntries * refusedShare),
    Math.ceil(bounds.maxBytes * refusedShare),
  );
  let hits = 0;
  let misses = 0;
  return {
    find(digest) {
      const found = good?.tokens.get(digest) ?? refused?.tokens.get(digest);
      if (found === undefined) misses += 1;
      else hits += 1;
      return found;
    },
    keep(digest, remembered) {
      const [own, other] = remembered.isGood ? [good, refused] : [refused, good];
      const isKnown = other?.tokens.delete(digest) === true;
      own?.keep(digest, remembered, isKnown);
    },
    stats: () => ({
      hits,
      misses,
      entries: (good?.tokens.size ?? 0) + (refused?.tokens.size ?? 0),
      bytes: (good?.tokens.calculatedSize ?? 0) + (refused?.tokens.calculatedSize ?? 0),
    }),
  };
}

/** The tokens of one kind. */
interface CachePart {
  readonly tokens: LRUCache<string, RememberedToken>;
  /** @param isKnown whether it is known to have come before */
  keep(digest: string, remembered: RememberedToken, isKnown: boolean): void;
}

function createPart(maxEntries: number, maxBytes: number): CachePart | undefined {
  if (maxEntries === 0 || maxBytes === 0) return undefined;
  const tokens = new LRUCache<string, RememberedToken>({ max: maxEntries, maxSize: maxBytes });
  const recent = createRecentDigests(maxEntries);
  return {
    tokens,
    keep(digest, remembered, isKnown) {
      const size = sizeOf(remembered);
      const hasRoom = tokens.size < maxEntries && tokens.calculatedSize + size <= maxBytes;
      if (hasRoom || isKnown || recent.note(digest)) tokens.set(digest, remembered, { size });
    },
  };
}

function sizeOf({ token }: RememberedToken): number {
  const ownBytes = token instanceof EvaluationError ? 2 * token.message.length : token.sizeBytes;
  return entryOverheadBytes + ownBytes;
}
