import { maskText } from "../../model/client-texts.ts";
import { EvaluationError } from "../../model/evaluation-error.ts";

/** Returns the error of a function whose argument (1-based) is not of the named type, in Kyverno's words. */
export function argumentTypeError(name: string, position: number, type: string): EvaluationError {
  const message = `JMESPath function '${name}': argument #${position} is not of type ${type}`;
  return new EvaluationError("EVALUATION_TYPE", message, message);
}

/** Returns the error of a function that cannot use the content of an argument, in Kyverno's words. */
export function functionError(name: string, text: string): EvaluationError {
  return new EvaluationError(
    "EVALUATION_VALUE",
    `JMESPath function '${name}': ${text}`,
    `JMESPath function '${name}': ${maskText}`,
  );
}

/** Returns the error of an argument where the Go engine crashed; the text is Go's. */
export function panicError(text: string): EvaluationError {
  return new EvaluationError("EVALUATION_PANIC", text);
}
