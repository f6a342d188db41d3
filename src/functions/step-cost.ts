import type { Budget } from "../jmespath/scope.ts";
import { spend } from "../jmespath/step-limit.ts";
import { EvaluationError } from "../model/evaluation-error.ts";

/** How many characters a plain pass over a string handles for one step: an engine built-in does about that many. */
const CHARACTERS_PER_STEP = 64;

/** Nothing, or an error when the budget does not allow one plain pass over so many characters. */
export function spendPass(budget: Budget, characters: number): EvaluationError | undefined {
  return spend(budget, passSteps(characters));
}

/** The steps of one plain pass over so many characters. */
export function passSteps(characters: number): number {
  return Math.ceil(characters / CHARACTERS_PER_STEP);
}

/** Nothing, or an error when a string of that length (UTF-16 units) may not be built. */
export function refuseLength(budget: Budget, length: number): EvaluationError | undefined {
  const { maxStringBytes } = budget.limits;
  if (length <= maxStringBytes) return undefined;
  return new EvaluationError(
    "EVALUATION_SIZE_LIMIT",
    `a function's result is longer than ${maxStringBytes} bytes`,
  );
}
