import { hasInvalidBytes, toByteString, toCodePoints } from "../go-values/go-string.ts";
import { BYTES_PER_ENCODED, searchBytes } from "../go-values/text-cost.ts";
import type { Budget } from "../model/budget.ts";
import type { EvaluationError } from "../model/evaluation-error.ts";
import { charge, spend } from "../model/step-limit.ts";
import { fromByteString, replaceInvalidBytes } from "./byte-text.ts";
import { spendPass } from "./step-cost.ts";

/**
 * Returns the text without the code points of `cutset` at both ends (Go `strings.Trim`); an empty set trims nothing. All
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

/** Returns the text without `prefix`, if it starts with it: once, and by byte (Go `strings.TrimPrefix`). */
export function trimPrefix(text: string, prefix: string): string {
  if (!hasInvalidBytes(prefix)) return text.startsWith(prefix) ? text.slice(prefix.length) : text;
  const bytes = toByteString(text);
  const start = toByteString(prefix);
  return bytes.startsWith(start) ? fromByteString(bytes.slice(start.length)) : text;
}

/** Bytes that a part costs beside its characters. */
const BYTES_PER_PART = 64;

/** A text so short is parted before its parts are paid for: they are no more than that. */
const FEW_PARTS = 256;

/** Returns the parts between the separators, or the error that ends the evaluation; of a long text they are counted first. */
export function chargedSplit(
  text: string,
  separator: string,
  budget: Budget,
): string[] | EvaluationError {
  const isByBytes = hasInvalidBytes(separator);
  const length = text.length + separator.length;
  const bytes = searchBytes(text.length, separator.length);
  const refusal =
    spendPass(budget, text.length) ??
    charge(budget, isByBytes ? bytes + length * 2 * BYTES_PER_ENCODED : bytes);
  if (refusal !== undefined) return refusal;
  if (text.length <= FEW_PARTS) {
    const parts = splitText(text, separator);
    return chargeParts(budget, parts.length) ?? parts;
  }
  const count = isByBytes ? text.length : countParts(text, separator);
  return chargeParts(budget, count) ?? splitText(text, separator);
}

function chargeParts(budget: Budget, count: number): EvaluationError | undefined {
  return spend(budget, count) ?? charge(budget, count * BYTES_PER_PART);
}

function countParts(text: string, separator: string): number {
  if (separator === "") return text.length;
  let parts = 1;
  let at = text.indexOf(separator);
  for (; at >= 0; at = text.indexOf(separator, at + separator.length)) parts++;
  return parts;
}

/** The parts between the separators (Go `strings.Split`); an empty separator parts the code points. */
function splitText(text: string, separator: string): string[] {
  if (separator === "") return toCodePoints(text);
  if (!hasInvalidBytes(separator)) return text.split(separator);
  return toByteString(text).split(toByteString(separator)).map(fromByteString);
}
