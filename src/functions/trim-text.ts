import { hasInvalidBytes, toByteString, toCodePoints } from "../jmespath/text.ts";
import { fromByteString, replaceInvalidBytes } from "./byte-text.ts";

/**
 * The text without the code points of `cutset` at both ends (Go `strings.Trim`); an empty set trims nothing. All
 * bytes that are not valid UTF-8 count as the same code point, U+FFFD.
 */
export function trimText(text: string, cutset: string): string {
  const cut = new Set(toCodePoints(replaceInvalidBytes(cutset)));
  const characters = toCodePoints(text);
  const isCut = (character: string | undefined): boolean =>
    character !== undefined && cut.has(replaceInvalidBytes(character));
  let start = 0;
  let end = characters.length;
  while (start < end && isCut(characters[start])) start++;
  while (end > start && isCut(characters[end - 1])) end--;
  return characters.slice(start, end).join("");
}

/** The text without `prefix`, if it starts with it: once, and by byte (Go `strings.TrimPrefix`). */
export function trimPrefix(text: string, prefix: string): string {
  if (!hasInvalidBytes(prefix)) return text.startsWith(prefix) ? text.slice(prefix.length) : text;
  const bytes = toByteString(text);
  const start = toByteString(prefix);
  return bytes.startsWith(start) ? fromByteString(bytes.slice(start.length)) : text;
}

/** The parts between the separators (Go `strings.Split`); an empty separator parts the code points. */
export function splitText(text: string, separator: string): string[] {
  if (separator === "") return toCodePoints(text);
  if (!hasInvalidBytes(separator)) return text.split(separator);
  return toByteString(text).split(toByteString(separator)).map(fromByteString);
}
