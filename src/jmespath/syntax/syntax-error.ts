import { EvaluationError } from "../../model/evaluation-error.ts";

/**
 * The error of a text that is no expression: of code `EVALUATION_SYNTAX`, or `EVALUATION_DEPTH_LIMIT` when it nests too
 * deep, with the place in the text.
 */
export class ExpressionSyntaxError extends EvaluationError {
  /** Where in the text, 0-based in UTF-16 units. */
  readonly offset: number;

  constructor(
    message: string,
    offset: number,
    code: "EVALUATION_SYNTAX" | "EVALUATION_DEPTH_LIMIT" = "EVALUATION_SYNTAX",
  ) {
    super(code, message);
    this.offset = offset;
  }
}
