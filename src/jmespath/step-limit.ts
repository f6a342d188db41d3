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

/**
 * Null where the language lets errors vanish; the error itself when a limit was reached, or where the Go process would
 * have ended: those must never vanish.
 */
export function swallow(error: EvaluationError): EvaluationError | null {
  return isLimitError(error) || error.code === "EVALUATION_PANIC" ? error : null;
}

/** Whether the error tells of a limit of ours, which the Go engine does not have. */
export function isLimitError(error: EvaluationError): boolean {
  return (
    error.code === "EVALUATION_STEP_LIMIT" ||
    error.code === "EVALUATION_DEPTH_LIMIT" ||
    error.code === "EVALUATION_SIZE_LIMIT"
  );
}
