import { EvaluationError } from "../model/evaluation-error.ts";
import type { Budget } from "./scope.ts";

/** What an evaluation ends with that has taken more steps than `maxSteps`. */
export const stepLimitError: EvaluationError = new EvaluationError(
  "EVALUATION_STEP_LIMIT",
  "the evaluation takes more steps than allowed",
);

/** Nothing, or the error that ends the evaluation when the budget has not that many steps left. */
export function spend(budget: Budget, steps: number): EvaluationError | undefined {
  return (budget.stepsLeft -= steps) < 0 ? stepLimitError : undefined;
}
