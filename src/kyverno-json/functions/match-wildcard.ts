import { searchBytes } from "../../go-values/text-cost.ts";
import type { Budget } from "../../model/budget.ts";
import type { EvaluationError } from "../../model/evaluation-error.ts";
import { charge } from "../../model/step-limit.ts";
import { replaceInvalidBytes } from "../../values/byte-text.ts";
import { spendPass } from "../../values/step-cost.ts";

const QUESTION_MARK = 0x3f;

/** A test of whether a whole text matches a pattern; it may give the error that ends the evaluation. */
export type Wildcard = (text: string, budget: Budget) => boolean | EvaluationError;

/**
 * Returns the pattern (go-wildcard) ready to be matched with texts: `*` is any run of characters, slashes and line ends included,
 * `?` exactly one code point, and nothing else is special. Time is pattern times text at worst, and charged.
 */
export function compileWildcard(pattern: string): Wildcard {
  const [head = "", ...others] = replaceInvalidBytes(pattern).split("*");
  const tail = others.pop();
  const middle = others.filter((part) => part !== "");
  return (text, budget) => {
    const given = replaceInvalidBytes(text);
    const refusal = spendPass(budget, pattern.length + given.length);
    if (refusal !== undefined) return refusal;
    const start = endOfMatch(given, 0, head);
    if (start < 0 || tail === undefined) return start === given.length;
    return matchParts(given, start, middle, tail, budget);
  };
}

/** Returns whether the text goes on with the parts in their order, whatever is in between, and ends with the last one. */
function matchParts(
  text: string,
  start: number,
  middle: readonly string[],
  tail: string,
  budget: Budget,
): boolean | EvaluationError {
  let at = start;
  for (const part of middle) {
    const most = partBytes(part, text.length - at);
    const refusal = charge(budget, most);
    if (refusal !== undefined) return refusal;
    const end = findPart(text, at, part);
    if (end < 0) return false;
    // Paid for as if it were not found before the end.
    budget.bytesLeft += most - partBytes(part, end - at);
    at = end;
  }
  const tailStart = startOfTail(text, tail);
  return tailStart >= at && endOfMatch(text, tailStart, tail) === text.length;
}

/** What looking for the part in so many units costs, in bytes. */
function partBytes(part: string, length: number): number {
  return part.includes("?") ? length * (part.length + 4) * 2 : searchBytes(length, part.length);
}

/** Where the first match of the part from there on ends, or -1. */
function findPart(text: string, from: number, part: string): number {
  if (!part.includes("?")) {
    const found = text.indexOf(part, from);
    return found < 0 ? -1 : found + part.length;
  }
  for (let at = from; at < text.length; at += characterLength(text, at)) {
    const end = endOfMatch(text, at, part);
    if (end >= 0) return end;
  }
  return -1;
}

/** Where the text has to go on with the tail so as to end with it: so many characters before its end, or -1. */
function startOfTail(text: string, tail: string): number {
  let at = text.length;
  for (let i = tail.length; i > 0; i--) {
    const isOne = tail.charCodeAt(i - 1) === QUESTION_MARK;
    at -= isOne && at > 1 ? characterLengthBefore(text, at) : 1;
    if (at < 0) return -1;
  }
  return at;
}

/** Where the match of the part that begins there ends, or -1 where there is none. */
function endOfMatch(text: string, start: number, part: string): number {
  let at = start;
  for (let i = 0; i < part.length; i++) {
    if (at >= text.length) return -1;
    const unit = part.charCodeAt(i);
    if (unit === QUESTION_MARK) at += characterLength(text, at);
    else if (unit === text.charCodeAt(at)) at++;
    else return -1;
  }
  return at;
}

function characterLength(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}

function characterLengthBefore(text: string, at: number): number {
  return (text.codePointAt(at - 2) ?? 0) > 0xffff ? 2 : 1;
}
