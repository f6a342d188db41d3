import { EvaluationError } from "../../model/evaluation-error.ts";

/** Returns the error of a value that has the right type and the wrong content. */
export function valueError(message: string): EvaluationError {
  return new EvaluationError("EVALUATION_VALUE", message);
}

/** Returns the error of a call that no signature takes. */
export function noSuchOverload(name: string): EvaluationError {
  return new EvaluationError("EVALUATION_TYPE", `no such overload: ${name}`);
}

/** Returns the error of a key that a map does not have. */
export function noSuchKey(key: string): EvaluationError {
  return new EvaluationError("EVALUATION_VALUE", `no such key: ${key}`);
}
