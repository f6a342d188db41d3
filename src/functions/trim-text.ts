import type { Budget } from "../jmespath/scope.ts";
import { charge, spend } from "../jmespath/step-limit.ts";
import { hasInvalidBytes, toByteString, toCodePoints } from "../jmespath/text.ts";
import { BYTES_PER_ENCODED, searchBytes } from "../jmespath/text-cost.ts";
import type { EvaluationError } from "../model/evaluation-error.ts";
import { fromByteString, replaceInvalidBytes } from "./byte-text.ts";
import { spendPass } from "./step-cost.ts";

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

/** Bytes that a part costs beside its characters. */
const BYTES_PER_PART = 64;

/** Charges for {@link splitText}: the parts are counted first, since there may be one for each character. */
export function chargeSplit(
  text: string,
  separator: string,
  budget: Budget,
): EvaluationError | undefined {
  const isByBytes = hasInvalidBytes(separator);
  const bytesPerCharacter = isByBytes ? 2 * BYTES_PER_ENCODED : 0;
  const refusal =
    spendPass(budget, text.length) ??
    charge(budget, searchBytes(text.length, separator.length)) ??
    charge(budget, (text.length + separator.length) * bytesPerCharacter);
  if (refusal !== undefined) return refusal;
  const parts = isByBytes ? text.length : countParts(text, separator);
  return spend(budget, parts) ?? charge(budget, parts * BYTES_PER_PART);
}

function countParts(text: string, separator: string): number {
  if (separator === "") return text.length;
  let parts = 1;
  let at = text.indexOf(separator);
  for (; at >= 0; at = text.indexOf(separator, at + separator.length)) parts++;
  return parts;
}

/** The parts between the separators (Go `strings.Split`); an empty separator parts the code points. */
export function splitText(text: string, separator: string): string[] {
  if (separator === "") return toCodePoints(text);
  if (!hasInvalidBytes(separator)) return text.split(separator);
  return toByteString(text).split(toByteString(separator)).map(fromByteString);
}
