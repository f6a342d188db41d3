import type { Budget } from "../jmespath/scope.ts";
import type { EvaluationError } from "../model/evaluation-error.ts";
import { replaceInvalidBytes } from "./byte-text.ts";
import { spendPass } from "./step-cost.ts";

const STAR = 0x2a;
const QUESTION_MARK = 0x3f;

/**
 * Whether the whole text matches the pattern (go-wildcard): `*` is any run of characters, slashes and line ends
 * included, `?` exactly one code point, and nothing else is special. Time is pattern times text at worst, in steps.
 */
export function matchWildcard(
  pattern: string,
  text: string,
  budget: Budget,
): boolean | EvaluationError {
  const wanted = replaceInvalidBytes(pattern);
  const given = replaceInvalidBytes(text);
  const passed = spendPass(budget, wanted.length + given.length);
  if (passed !== undefined) return passed;
  let at = 0;
  let next = 0;
  // Where to go on from when a character does not fit: behind the last star, with one more character under it.
  let afterStar = -1;
  let underStar = 0;
  while (at < given.length) {
    const unit = wanted.charCodeAt(next);
    if (unit === STAR) {
      next++;
      afterStar = next;
      underStar = at;
    } else if (unit === QUESTION_MARK) {
      next++;
      at += characterLength(given, at);
    } else if (unit === given.charCodeAt(at)) {
      next++;
      at++;
    } else {
      if (afterStar < 0) return false;
      const retried = spendPass(budget, at - underStar + 1);
      if (retried !== undefined) return retried;
      underStar += characterLength(given, underStar);
      at = underStar;
      next = afterStar;
    }
  }
  while (wanted.charCodeAt(next) === STAR) next++;
  return next === wanted.length;
}

function characterLength(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}
