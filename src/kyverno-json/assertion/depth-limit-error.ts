import { EvaluationError } from "../../model/evaluation-error.ts";

/** The error of a value or a tree that nests too deep. */
export const depthLimitError: EvaluationError = new EvaluationError(
  "EVALUATION_DEPTH_LIMIT",
  "the value nests too deep",
);
