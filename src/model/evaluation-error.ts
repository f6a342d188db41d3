import type { EvaluationErrorCode } from "./error-codes.ts";

/**
 * A value, not an exception: why something could not be evaluated. `any` and `all` have to see failing and
 * erring apart, and an exception would cost a stack trace a request.
 *
 * `message` is the Go engine's text where it has one, without any path in front of it.
 */
export class EvaluationError {
  readonly code: EvaluationErrorCode;
  readonly message: string;

  constructor(code: EvaluationErrorCode, message: string) {
    this.code = code;
    this.message = message;
  }
}

/** Whether the value is an {@link EvaluationError}. */
export function isEvaluationError(value: unknown): value is EvaluationError {
  return value instanceof EvaluationError;
}
