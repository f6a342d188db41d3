import type { EvaluationError } from "../model/evaluation-error.ts";
import type { JsonValue } from "../model/json.ts";

/**
 * The expression language's way to keep text, handed in by whoever builds the verifier: this room may not know it.
 */
export interface TokenText {
  /** The bytes a string stands for, bytes that are not UTF-8 included. */
  readonly toBytes: (text: string) => Uint8Array;
  /** The string that stands for the bytes, whether they are UTF-8 or not. */
  readonly fromBytes: (bytes: Uint8Array) => string;
  /**
   * The JSON value that is the whole text, read as Go's `json.Unmarshal` reads it, or an error with Go's text.
   * A key such as `__proto__` has to become an own property; nesting has to be limited.
   */
  readonly parseJson: (text: string) => JsonValue | EvaluationError;
}
