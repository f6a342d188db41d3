/** Notes digests that went by lately, in a table of one fixed size. */
export interface RecentDigests {
  /**
   * Returns whether the digest was noted before, with fewer others in between than the table is for; notes it in any case. One
   * that another has taken the place of is not known, and another may be taken for it once in four thousand million times.
   */
  note(digest: string): boolean;
}

/** So many characters of base64 are 30 bits. */
const charactersRead = 5;

/**
 * Returns a table for so many digests in base64. It takes eight to sixteen bytes for each, and nothing more for those that
 * come, so a flood of digests that come once leaves nothing behind.
 */
export function createRecentDigests(maxOthers: number): RecentDigests {
  const places = 2 ** Math.ceil(Math.log2(maxOthers));
  const marks = new Uint32Array(places);
  /** When each was noted, by the count of all that were; it starts over after 2 ** 32. */
  const times = new Uint32Array(places);
  let now = maxOthers;
  return {
    note(digest) {
      const place = readBits(digest, 0) % places;
      // Other characters than those the place comes from, so that the two together name the digest.
      const mark = readBits(digest, charactersRead);
      const isKnown = marks[place] === mark && (now - (times[place] ?? 0)) >>> 0 <= maxOthers;
      now = (now + 1) >>> 0;
      marks[place] = mark;
      times[place] = now;
      return isKnown;
    },
  };
}

/** Digests are as good as random, so any mixing of their characters that keeps them apart will do. */
function readBits(digest: string, start: number): number {
  let bits = 0;
  for (let index = start; index < start + charactersRead; index++) {
    bits = Math.imul(bits, 67) + digest.charCodeAt(index);
  }
  return bits >>> 0;
}
