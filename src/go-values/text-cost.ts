import type { Budget } from "../model/budget.ts";
import type { EvaluationError } from "../model/evaluation-error.ts";
import { charge, chargeKeys, limitError } from "../model/step-limit.ts";
import {
  commonLength,
  compareByCodePoint,
  compareFrom,
  hasInvalidBytes,
  normalizeBytes,
} from "./go-string.ts";
import type { ValueObject } from "./value.ts";

/** Bytes that a character costs which is taken to bytes, and perhaps back: the engine has no built-in for invalid ones. */
export const BYTES_PER_ENCODED = 32;

/** Bytes that a character costs which becomes a text of its own, in a list, and is joined to others again. */
export const BYTES_PER_SINGLE = 64;

/**
 * Returns what it costs, in bytes, to look for a text in another. The engine's search skips by 250 characters at most, so
 * that a long text that nearly fits everywhere is compared with nearly all of it everywhere.
 */
export function searchBytes(length: number, wantedLength: number): number {
  const places = Math.max(length - wantedLength + 1, 0);
  return length * 4 + places * (wantedLength >> 3);
}

/** Returns the same for the engine's search from the end, which skips nothing. */
export function backwardSearchBytes(length: number, wantedLength: number): number {
  const places = Math.max(length - wantedLength + 1, 0);
  return length * 4 + places * (wantedLength >> 1);
}

/** Returns the text with bytes that have come together to valid UTF-8 read as such; to be called after joining texts. */
export function chargedNormal(text: string, budget: Budget): string | EvaluationError {
  if (!hasInvalidBytes(text)) return text;
  return charge(budget, text.length * 2 * BYTES_PER_ENCODED) ?? normalizeBytes(text);
}

/**
 * Returns an order of texts by code point that charges for what it compares, and finds all equal once there is nothing
 * left: whoever sorts by it has to look at the budget afterwards.
 */
export function chargedOrder(budget: Budget): (left: string, right: string) => number {
  return (left, right) => {
    if (budget.stepsLeft < 0) return 0;
    const common = commonLength(left, right);
    charge(budget, common + 1);
    return compareFrom(left, right, common);
  };
}

/** So few texts are paid for as if each were compared to its end each time, which costs less than looking. */
const FEW_TEXTS = 64;

/** Returns the texts in order of their code points, or the error that ends the evaluation. */
export function chargedSort(texts: readonly string[], budget: Budget): string[] | EvaluationError {
  if (texts.length < 2) return [...texts];
  if (texts.length <= FEW_TEXTS) {
    let length = 0;
    for (const text of texts) length += text.length;
    const turns = 32 - Math.clz32(texts.length);
    return charge(budget, length * turns) ?? texts.toSorted(compareByCodePoint);
  }
  const sorted = texts.toSorted(chargedOrder(budget));
  return budget.stepsLeft < 0 ? limitError(budget) : sorted;
}

/** Returns the object's own keys in code point order, as every object is gone through, or the error that ends the evaluation. */
export function chargedKeys(object: ValueObject, budget: Budget): string[] | EvaluationError {
  const keys = Object.keys(object);
  return chargeKeys(budget, keys.length) ?? (keys.length > 1 ? chargedSort(keys, budget) : keys);
}
