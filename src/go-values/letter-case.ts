import { isAscii } from "./go-string.ts";
import { isPrintable } from "./printable.ts";

/** Returns the text in upper case as Go maps it: code point by code point (`ß` stays), by Unicode 15.0. */
export function toGoUpper(text: string): string {
  return isAscii(text) ? text.toUpperCase() : mapCharacters(text, upperOf);
}

/** Returns the text in lower case as Go maps it: code point by code point (no final sigma, `İ` gives `i`), by Unicode 15.0. */
export function toGoLower(text: string): string {
  return isAscii(text) ? text.toLowerCase() : mapCharacters(text, lowerOf);
}

/** Returns how many steps one of the two takes: going character by character costs much more than what the engine does at once. */
export function caseSteps(text: string): number {
  return isAscii(text) ? text.length >> 6 : text.length;
}

/** Invalid bytes, lone surrogates here, become U+FFFD as in Go. */
function mapCharacters(text: string, map: (character: string) => string): string {
  let result = "";
  for (const character of text) result += isSurrogate(character) ? "\ufffd" : map(character);
  return result;
}

/** Of whole characters only those that are not paired are surrogates. */
function isSurrogate(character: string): boolean {
  return character.length === 1 && character >= "\ud800" && character <= "\udfff";
}

function upperOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  // Greek with iota subscript: one code point by the simple mapping, two by the full one that JavaScript applies.
  if (code >= 0x1f80 && code <= 0x1fa7 && code % 16 < 8) return String.fromCodePoint(code + 8);
  if (code === 0x1fb3 || code === 0x1fc3 || code === 0x1ff3) return String.fromCodePoint(code + 9);
  return simpleMapping(character, character.toUpperCase());
}

function lowerOf(character: string): string {
  return character === "\u0130" ? "i" : simpleMapping(character, character.toLowerCase());
}

/** The mapped character unless it takes several code points, or one of the two is newer than Unicode 15.0. */
function simpleMapping(from: string, to: string): string {
  const before = from.codePointAt(0) ?? 0;
  const after = to.codePointAt(0) ?? 0;
  const isSingle = to.length === (after > 0xffff ? 2 : 1);
  return isSingle && isPrintable(before) && isPrintable(after) ? to : from;
}
