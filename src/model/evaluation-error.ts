import { type ClientTexts, maskText } from "./client-texts.ts";
import type { EvaluationErrorCode } from "./error-codes.ts";

/** What clients are told of an error whose own text may quote a literal or an argument. */
const clientMessages: { readonly [Code in EvaluationErrorCode]: string } = {
  EVALUATION_SYNTAX: "the expression has a syntax error",
  EVALUATION_UNKNOWN_FUNCTION: "unknown function",
  EVALUATION_ARITY: "wrong number of arguments",
  EVALUATION_TYPE: "a value is of the wrong type",
  EVALUATION_UNDEFINED_VARIABLE: "variable not defined",
  EVALUATION_JWT: "invalid JWT token",
  EVALUATION_VALUE: "an argument cannot be used",
  EVALUATION_PANIC: "the evaluation ended in a fault",
  EVALUATION_OTHER: `the policy is not valid here: ${maskText}`,
  EVALUATION_STEP_LIMIT: "the evaluation takes more steps than allowed",
  EVALUATION_BYTE_LIMIT: "the evaluation reads and builds more bytes than allowed",
  EVALUATION_DEPTH_LIMIT: "a value or an expression nests too deep",
  EVALUATION_SIZE_LIMIT: "a value is larger than allowed",
  EVALUATION_CALL_LIMIT: "the evaluation makes more outside calls than allowed",
  EVALUATION_PENDING: "the answer to an outside call is not there yet",
};

/**
 * A value, not an exception: why something could not be evaluated. `any` and `all` have to see failing and
 * erring apart, and an exception would cost a stack trace a request.
 *
 * `message` is the Go engine's text where it has one, without any path in front of it. It may quote what it likes,
 * keys among it: what a client may see is `clientMessage`, which says no more than the code unless it is given.
 */
export class EvaluationError {
  readonly code: EvaluationErrorCode;
  readonly message: string;
  readonly clientMessage: string;
  /** With a fault of our own: its stack, for the log. */
  fault?: string;

  constructor(
    code: EvaluationErrorCode,
    message: string,
    clientMessage: string = clientMessages[code],
  ) {
    this.code = code;
    this.message = message;
    this.clientMessage = clientMessage;
  }
}

/** Returns what a client is told of the error. */
export function clientTextOf(error: EvaluationError, texts: ClientTexts): string {
  return texts === "original" ? error.message : error.clientMessage;
}

/** Returns whether the value is an {@link EvaluationError}. */
export function isEvaluationError(value: unknown): value is EvaluationError {
  return value instanceof EvaluationError;
}

/** Returns the error that stands for an exception: a fault of ours, or the end of the stack; its stack is for the log. */
export function describeFault(thrown: unknown): EvaluationError {
  const error = new EvaluationError("EVALUATION_PANIC", clientMessages.EVALUATION_PANIC);
  error.fault = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  return error;
}
