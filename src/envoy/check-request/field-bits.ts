import type { WireReader } from "./wire-reader.ts";

/** Fields of a message are a bit each, bit `n` for field `n`; a tag is `n << 3 | wire type`. */
const LAST_TAG_WITH_BIT = 0xff;

/** Returns the bit of the tag's field. */
export function bitOf(tag: number): number {
  return 1 << (tag >>> 3);
}

/** Returns whether the field of that tag is among the fields, which are a bit each. */
export function isRead(fields: number, tag: number): boolean {
  return (fields & bitOf(tag)) !== 0;
}

/**
 * Returns the fields seen, a bit each, this one added. One that comes twice is not ordinary: the later replaces the earlier or
 * is merged into it. Nor is one that has no bit.
 */
export function markSeen(reader: WireReader, seen: number, tag: number): number {
  const bit = bitOf(tag);
  if ((seen & bit) !== 0 || tag > LAST_TAG_WITH_BIT) reader.fail();
  return seen | bit;
}
