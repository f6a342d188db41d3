import type { Result } from "../../go-values/value.ts";
import { type EvaluationError, isEvaluationError } from "../../model/evaluation-error.ts";

/**
 * Returns whether evaluating the expression may end in an error of the kind that ended the Go process. Such an error counts
 * even where the original makes a text of all others: in an identifier, and in the message of a branch of `any`.
 */
export function mayPanic(statement: string): boolean {
  return /[([]|let/.test(statement);
}

/** Returns whether the result is such an error. */
export function isPanic(result: Result | undefined): result is EvaluationError {
  return result !== undefined && isEvaluationError(result) && result.code === "EVALUATION_PANIC";
}
