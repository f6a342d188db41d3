import { EvaluationError } from "../../model/evaluation-error.ts";

/** What a value or a tree that nests too deep comes to. */
export const depthLimitError: EvaluationError = new EvaluationError(
  "EVALUATION_DEPTH_LIMIT",
  "the value nests too deep",
);
