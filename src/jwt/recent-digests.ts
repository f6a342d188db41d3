/** Notes digests that went by lately, in a table of one fixed size. */
export interface RecentDigests {
  /**
   * Whether the digest was noted before and is still in the table; notes it in any case. A digest stays for about as
   * many others as the table has places. Another one may be taken for it, about once in four thousand million times.
   */
  note(digest: string): boolean;
}

/** So many characters of base64 are 30 bits. */
const charactersRead = 5;

/**
 * A table with a place for so many digests in base64, or up to twice as many. It takes four bytes a place and nothing
 * for a digest, so a flood of digests that come once leaves nothing behind.
 */
export function createRecentDigests(minPlaces: number): RecentDigests {
  const marks = new Uint32Array(2 ** Math.ceil(Math.log2(minPlaces)));
  return {
    note(digest) {
      const place = readBits(digest, 0) % marks.length;
      // Other characters than those the place comes from, so that the two together name the digest.
      const mark = readBits(digest, charactersRead);
      const isKnown = marks[place] === mark;
      marks[place] = mark;
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
