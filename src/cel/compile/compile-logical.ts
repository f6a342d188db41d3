import { type EvaluationError, isEvaluationError } from "../../model/evaluation-error.ts";
import { mustDeny } from "../../model/step-limit.ts";
import type { Evaluate } from "../functions/frame.ts";
import type { LogicalNode } from "../syntax/ast.ts";
import { noSuchOverload } from "../values/errors.ts";
import type { Compiler } from "./compiler.ts";

/**
 * Returns the closure of `&&` or `||`: the deciding value wins over errors wherever it stands, else the first error
 * surfaces. An exhausted budget ends the evaluation.
 */
export function compileLogical(node: LogicalNode, { compile }: Compiler): Evaluate {
  const operands = node.operands.map(compile);
  const deciding = node.operator === "||";
  const [first, second] = operands;
  if (first === undefined || second === undefined) throw new Error("two operands are missing");
  return operands.length === 2
    ? compilePair(first, second, deciding, node.operator)
    : compileRow(operands, deciding, node.operator);
}

function compilePair(
  first: Evaluate,
  second: Evaluate,
  deciding: boolean,
  operator: string,
): Evaluate {
  return (frame) => {
    const left = first(frame);
    if (left === deciding) return deciding;
    if (isEvaluationError(left) && mustDeny(left)) return left;
    const right = second(frame);
    if (right === deciding) return deciding;
    if (typeof left === "boolean" && typeof right === "boolean") return !deciding;
    return firstError([left, right], operator);
  };
}

function compileRow(operands: readonly Evaluate[], deciding: boolean, operator: string): Evaluate {
  return (frame) => {
    let failed: EvaluationError | undefined;
    for (const operand of operands) {
      const result = operand(frame);
      if (result === deciding) return deciding;
      if (typeof result === "boolean") continue;
      const error = isEvaluationError(result) ? result : noSuchOverload(`_${operator}_`);
      if (mustDeny(error)) return error;
      failed ??= error;
    }
    return failed ?? !deciding;
  };
}

function firstError(results: readonly unknown[], operator: string): EvaluationError {
  const limit = results.find((result) => isEvaluationError(result) && mustDeny(result));
  if (isEvaluationError(limit)) return limit;
  const wrong = results.find((result) => typeof result !== "boolean");
  return isEvaluationError(wrong) ? wrong : noSuchOverload(`_${operator}_`);
}
