import type { Value } from "../jmespath/value.ts";
import type { EvaluationErrorCode } from "../model/error-codes.ts";
import { EvaluationError } from "../model/evaluation-error.ts";
import { renderBadValue } from "./render-value.ts";

/** The error that an expression at the path came to: `PATH: Internal error: CAUSE`, its code kept. */
export function internalError(path: string, cause: EvaluationError): EvaluationError {
  return new EvaluationError(cause.code, `${path}: Internal error: ${cause.message}`);
}

/** The error that a value at the path makes: `PATH: Invalid value: VALUE: DETAIL`. */
export function invalidValueError(
  code: EvaluationErrorCode,
  path: string,
  value: Value,
  detail: string,
  maxLength: number,
): EvaluationError {
  const text = renderBadValue(value, maxLength);
  return new EvaluationError(code, `${path}: Invalid value: ${text}: ${detail}`);
}
