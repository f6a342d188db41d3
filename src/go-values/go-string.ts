import type { ValueObject } from "./value.ts";

/**
 * Go's view of strings: bytes and code points, where JavaScript has UTF-16 units.
 *
 * A byte that is not valid UTF-8 is kept as the lone low surrogate U+DC80 + (byte − 0x80); see `value.ts`.
 */

const notAscii = /[\u0080-\uffff]/;
const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** Returns whether the string is pure ASCII, so that bytes, code points and UTF-16 units are the same. */
export function isAscii(text: string): boolean {
  return !notAscii.test(text);
}

/** Returns whether the string holds bytes that are not valid UTF-8, as lone surrogates. */
export function hasInvalidBytes(text: string): boolean {
  return !text.isWellFormed();
}

/** Returns the string's code points, each as a string of its own; an invalid byte counts as one. */
export function toCodePoints(text: string): string[] {
  return Array.from(text);
}

/** Returns the string's code points as Go's `[]rune` has them: U+FFFD for each invalid byte. */
export function toRunes(text: string): string[] {
  return Array.from(text.toWellFormed());
}

/** Returns how many code points the string has (Go `utf8.RuneCountInString`). */
export function runeCount(text: string): number {
  let count = text.length;
  for (let i = 0; i < text.length - 1; i++) {
    if (isHigh(text.charCodeAt(i)) && isLow(text.charCodeAt(i + 1))) {
      count--;
      i++;
    }
  }
  return count;
}

/** Returns how many bytes the string has in Go (`len`). */
export function byteLength(text: string): number {
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) {
      length += 1;
    } else if (unit < 0x800) {
      length += 2;
    } else if (!isSurrogate(unit)) {
      length += 3;
    } else if (isHigh(unit) && isLow(text.charCodeAt(i + 1))) {
      length += 4;
      i++;
    } else {
      length += 1;
    }
  }
  return length;
}

/** Returns negative, zero or positive as `left` sorts before, with or after `right` by bytes, which is by code point. */
export function compareByCodePoint(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let i = 0; i < length; i++) {
    const difference = left.charCodeAt(i) - right.charCodeAt(i);
    if (difference !== 0) return compareFrom(left, right, i);
  }
  return left.length - right.length;
}

/** Returns how many units both begin with alike. */
export function commonLength(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  let common = 0;
  while (common < length && left.charCodeAt(common) === right.charCodeAt(common)) common++;
  return common;
}

/** Returns what {@link compareByCodePoint} gives for texts of which so many units are known to be alike, and no more are. */
export function compareFrom(left: string, right: string, common: number): number {
  if (common === left.length || common === right.length) return left.length - right.length;
  const a = left.charCodeAt(common);
  const b = right.charCodeAt(common);
  if (!isSurrogate(a) && !isSurrogate(b)) return a - b;
  // Units order wrongly only around surrogates.
  const start = common > 0 && isHigh(left.charCodeAt(common - 1)) ? common - 1 : common;
  return compareNearby(left.slice(start), right.slice(start));
}

/** How many units decide: invalid bytes may spell the beginning of a character of four bytes. */
const DECISIVE_UNITS = 8;

/** Compares by bytes what differs in the first character, without making bytes of the rest. */
function compareNearby(left: string, right: string): number {
  const first = goStringToBytes(left.slice(0, DECISIVE_UNITS));
  const second = goStringToBytes(right.slice(0, DECISIVE_UNITS));
  const length = Math.min(first.length, second.length);
  for (let i = 0; i < length; i++) {
    const difference = (first[i] ?? 0) - (second[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** Returns the object's own keys in code point order, the order in which every object is gone through. */
export function sortedKeys(object: ValueObject): string[] {
  const keys = Object.keys(object);
  return keys.length > 1 ? keys.toSorted(compareByCodePoint) : keys;
}

/** Returns the string's bytes in Go: UTF-8, with invalid bytes restored. */
export function goStringToBytes(text: string): Uint8Array {
  return hasInvalidBytes(text) ? encodeLeniently(text) : encoder.encode(text);
}

/** Returns the string that stands for the bytes; each byte that is not part of valid UTF-8 becomes a lone surrogate. */
export function bytesToGoString(bytes: Uint8Array): string {
  try {
    return strictDecoder.decode(bytes);
  } catch {
    return decodeLeniently(bytes);
  }
}

/** Returns the string with bytes that have come together to valid UTF-8 read as such; to be called after joining strings. */
export function normalizeBytes(text: string): string {
  return hasInvalidBytes(text) ? bytesToGoString(goStringToBytes(text)) : text;
}

/** Returns the string's bytes as characters U+0000 to U+00FF, for searching by byte. */
export function toByteString(text: string): string {
  return isAscii(text) ? text : textOfUnits(goStringToBytes(text));
}

/** Goes unit by unit: a text may consist of invalid bytes, and an array of numbers would take eight times the room. */
function encodeLeniently(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 3);
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.codePointAt(i) ?? 0;
    if (code < 0x80 || isSurrogate(code)) {
      bytes[length++] = code & 0xff;
    } else if (code < 0x800) {
      bytes[length++] = 0xc0 | (code >> 6);
      bytes[length++] = 0x80 | (code & 0x3f);
    } else if (code < 0x10000) {
      bytes[length++] = 0xe0 | (code >> 12);
      bytes[length++] = 0x80 | ((code >> 6) & 0x3f);
      bytes[length++] = 0x80 | (code & 0x3f);
    } else {
      bytes[length++] = 0xf0 | (code >> 18);
      bytes[length++] = 0x80 | ((code >> 12) & 0x3f);
      bytes[length++] = 0x80 | ((code >> 6) & 0x3f);
      bytes[length++] = 0x80 | (code & 0x3f);
      i++;
    }
  }
  return bytes.slice(0, length);
}

function decodeLeniently(bytes: Uint8Array): string {
  const units = new Uint16Array(bytes.length);
  let length = 0;
  let at = 0;
  while (at < bytes.length) {
    const size = sequenceLength(bytes, at);
    const code = size === 0 ? 0xdc00 + (bytes[at] ?? 0) : codePointOf(bytes, at, size);
    if (code < 0x10000) {
      units[length++] = code;
    } else {
      units[length++] = 0xd7c0 + (code >> 10);
      units[length++] = 0xdc00 + (code & 0x3ff);
    }
    at += Math.max(size, 1);
  }
  return textOfUnits(units.subarray(0, length));
}

/** The code point of the valid UTF-8 sequence of that length. */
function codePointOf(bytes: Uint8Array, at: number, length: number): number {
  const first = bytes[at] ?? 0;
  if (length === 1) return first;
  let code = first & (0x7f >> length);
  for (let i = 1; i < length; i++) code = (code << 6) | ((bytes[at + i] ?? 0) & 0x3f);
  return code;
}

/** How many units become text at once: the number of arguments of a call is limited. */
const UNITS_AT_ONCE = 4_096;

function textOfUnits(units: Uint8Array | Uint16Array): string {
  let text = "";
  for (let at = 0; at < units.length; at += UNITS_AT_ONCE) {
    text += String.fromCharCode(...units.subarray(at, at + UNITS_AT_ONCE));
  }
  return text;
}

/** The length of the valid UTF-8 sequence that starts there, or 0: the table of Unicode 15, section 3.9. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  if (!isSecondByte(first, bytes[at + 1] ?? 0)) return 0;
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  for (let i = 2; i < length; i++) if (((bytes[at + i] ?? 0) & 0xc0) !== 0x80) return 0;
  return length;
}

function isSecondByte(first: number, second: number): boolean {
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  return second >= low && second <= high;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
