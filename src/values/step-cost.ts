import type { Budget } from "../model/budget.ts";
import type { EvaluationError } from "../model/evaluation-error.ts";
import { spend } from "../model/step-limit.ts";

/** How many characters a plain pass over a string handles for one step: an engine built-in does about that many. */
const CHARACTERS_PER_STEP = 64;

/** Returns nothing, or an error when the budget does not allow one plain pass over so many characters. */
export function spendPass(budget: Budget, characters: number): EvaluationError | undefined {
  return spend(budget, passSteps(characters));
}

/** Returns the steps of one plain pass over so many characters. */
export function passSteps(characters: number): number {
  return Math.ceil(characters / CHARACTERS_PER_STEP);
}
