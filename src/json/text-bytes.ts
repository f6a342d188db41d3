/** A text's UTF-8 with zeros behind it, as bytes and for reading four at a time; half a surrogate pair is U+FFFD in there. */
export interface TextBytes {
  readonly bytes: Uint8Array;
  readonly words: DataView;
  /** The length of the text, in bytes. */
  readonly length: number;
}

/** Somewhere to write text. */
interface Place {
  readonly bytes: Buffer;
  readonly words: DataView;
}

/** The most bytes that stay allocated between texts, for each thread. */
const maxKeptBytes = 1_048_576;
/** Zeros behind the text: as many as are read at a time. */
const zeros = 4;
/** As many bytes as a UTF-16 unit can come to. */
const bytesPerUnit = 3;

let kept: Place = createPlace(4_096);

/**
 * Returns the text's UTF-8, valid until the next call: reading a typed array takes a third of what asking a string for its
 * units one by one does, and of ASCII, which texts mostly are, a word has four.
 */
export function encodeText(text: string): TextBytes {
  const { bytes, words } = placeFor(text);
  const length = bytes.write(text);
  bytes.fill(0, length, length + zeros);
  return { bytes, words, length };
}

/** Returns the place behind the plain characters of a string that begin there: of a quote, a backslash, a control character, or one that is not ASCII. */
export function endOfPlain(words: DataView, start: number): number {
  for (let at = start; ; at += 4) {
    const word = words.getInt32(at, true);
    // The top bit of each byte that is such a one; also of some above it, from the borrow.
    const found =
      (((word ^ 0x22222222) - 0x01010101) |
        ((word ^ 0x5c5c5c5c) - 0x01010101) |
        (word - 0x20202020) |
        word) &
      0x80808080;
    if (found !== 0) return at + ((31 - Math.clz32(found & -found)) >> 3);
  }
}

/** Returns whether the same stands at both places, neither of which has a zero in it. */
export function isSame(
  bytes: Uint8Array,
  words: DataView,
  left: number,
  right: number,
  length: number,
): boolean {
  const last = length - 4;
  for (let at = 0; at < last; at += 4) {
    if (words.getInt32(left + at, true) !== words.getInt32(right + at, true)) return false;
  }
  if (last >= 0) return words.getInt32(left + last, true) === words.getInt32(right + last, true);
  for (let at = 0; at < length; at++) if (bytes[left + at] !== bytes[right + at]) return false;
  return true;
}

/** Returns by how much a byte adds to the bytes beyond the UTF-16 units: one for each that continues a character, but two of each character of four are paired with a unit. */
export function lagOf(byte: number): number {
  if (byte < 0xc0) return byte < 0x80 ? 0 : 1;
  return byte < 0xf0 ? 0 : -1;
}

function placeFor(text: string): Place {
  const most = text.length * bytesPerUnit + zeros;
  if (most <= kept.bytes.length) return kept;
  if (kept.bytes.length < maxKeptBytes) kept = createPlace(sizeFor(most));
  const needed = Buffer.byteLength(text) + zeros;
  return needed <= kept.bytes.length ? kept : createPlace(needed);
}

function sizeFor(bytes: number): number {
  let size = kept.bytes.length;
  while (size < bytes && size < maxKeptBytes) size *= 2;
  return size;
}

function createPlace(size: number): Place {
  const buffer = new ArrayBuffer(size);
  return { bytes: Buffer.from(buffer), words: new DataView(buffer) };
}
