import type { Value } from "../../go-values/value.ts";
import type { Budget } from "../../model/budget.ts";
import { maskText } from "../../model/client-texts.ts";
import type { EvaluationErrorCode } from "../../model/error-codes.ts";
import { EvaluationError } from "../../model/evaluation-error.ts";
import { renderBadValue } from "./render-value.ts";

/** Returns the error that an expression at the path came to: `PATH: Internal error: CAUSE`, its code kept. */
export function internalError(path: string, cause: EvaluationError): EvaluationError {
  const { code, message, clientMessage } = cause;
  const start = `${path}: Internal error: `;
  return new EvaluationError(code, start + message, start + clientMessage);
}

/** Returns the error that a value at the path makes: `PATH: Invalid value: VALUE: DETAIL`. */
export function invalidValueError(
  code: EvaluationErrorCode,
  path: string,
  value: Value,
  detail: string,
  maxLength: number,
  showsValue: boolean,
  budget?: Budget,
): EvaluationError {
  const describe = (text: string): string => `${path}: Invalid value: ${text}: ${detail}`;
  const text = renderBadValue(value, maxLength, budget);
  return new EvaluationError(code, describe(text), describe(showsValue ? text : maskText));
}
