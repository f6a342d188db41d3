import type { Budget } from "./budget.ts";
import { EvaluationError } from "./evaluation-error.ts";

const stepLimitError = new EvaluationError(
  "EVALUATION_STEP_LIMIT",
  "the evaluation takes more steps than allowed",
);
const byteLimitError = new EvaluationError(
  "EVALUATION_BYTE_LIMIT",
  "the evaluation reads and builds more bytes than allowed",
);

/** Bytes that count for one element of an array that is built: its place, and what growing the array copies. */
const BYTES_PER_ELEMENT = 16;
/** Bytes that count for one key of an object that is built or gone through. */
const BYTES_PER_KEY = 128;

/** Returns nothing, or the error that ends the evaluation when the budget has not that many steps left. */
export function spend(budget: Budget, steps: number): EvaluationError | undefined {
  return (budget.stepsLeft -= steps) < 0 ? limitError(budget) : undefined;
}

/**
 * Returns nothing, or the error that ends the evaluation when the budget has not that many bytes left; to be asked
 * before the bytes are read or built.
 */
export function charge(budget: Budget, bytes: number): EvaluationError | undefined {
  return (budget.bytesLeft -= bytes) >= 0 ? undefined : endBytes(budget);
}

/** Returns the error of a budget whose last byte is gone, and takes its steps as well. */
export function endBytes(budget: Budget): EvaluationError {
  budget.stepsLeft = -1;
  return byteLimitError;
}

/** Charges for building an array of so many elements, or going through one. */
export function chargeElements(budget: Budget, count: number): EvaluationError | undefined {
  return charge(budget, count * BYTES_PER_ELEMENT);
}

/** Charges for building an object of so many keys, or going through them. */
export function chargeKeys(budget: Budget, count: number): EvaluationError | undefined {
  return charge(budget, count * BYTES_PER_KEY);
}

/** Returns nothing, or an error when a string of that length (UTF-16 units) may not be built. */
export function refuseLength(budget: Budget, length: number): EvaluationError | undefined {
  const { maxStringBytes } = budget.limits;
  if (length <= maxStringBytes) return undefined;
  return new EvaluationError(
    "EVALUATION_SIZE_LIMIT",
    `a function's result is longer than ${maxStringBytes} bytes`,
  );
}

/** Returns the error of a budget that has no steps left. */
export function limitError(budget: Budget): EvaluationError {
  return budget.bytesLeft < 0 ? byteLimitError : stepLimitError;
}

/**
 * Returns null where the language lets errors vanish; the error itself when a limit was reached, or where the Go process would
 * have ended: those must never vanish.
 */
export function swallow(error: EvaluationError): EvaluationError | null {
  return mustDeny(error) ? error : null;
}

/** Returns whether the error denies whatever a language or a policy says of errors: a limit of ours, or a fault. */
export function mustDeny(error: EvaluationError): boolean {
  return isLimitError(error) || error.code === "EVALUATION_PANIC";
}

/**
 * Returns whether the error ends the evaluation wherever it occurs: it tells of a limit of ours, which the Go engine does
 * not have, or of an outside call whose answer has to come first.
 */
export function isLimitError(error: EvaluationError): boolean {
  return (
    error.code === "EVALUATION_STEP_LIMIT" ||
    error.code === "EVALUATION_BYTE_LIMIT" ||
    error.code === "EVALUATION_DEPTH_LIMIT" ||
    error.code === "EVALUATION_SIZE_LIMIT" ||
    error.code === "EVALUATION_CALL_LIMIT" ||
    error.code === "EVALUATION_PENDING"
  );
}
