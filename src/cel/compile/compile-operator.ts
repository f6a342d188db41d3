import { isEvaluationError } from "../../model/evaluation-error.ts";
import { charge, spend } from "../../model/step-limit.ts";
import type { Evaluate } from "../functions/frame.ts";
import { optionalMember } from "../functions/members.ts";
import type { CelNode } from "../syntax/ast.ts";
import { areEqual } from "../values/equality.ts";
import { noSuchKey } from "../values/errors.ts";
import { CelMap } from "../values/map.ts";
import { sizeOf } from "../values/size-of.ts";
import type { CelValue } from "../values/value.ts";
import { type Compiler, constantValue } from "./compiler.ts";

/**
 * Returns a closure for operators that nearly every policy uses, specialized by the operands' static types, or undefined
 * where the function's signatures have to be asked.
 */
export function compileOperator(
  name: string,
  nodes: readonly CelNode[],
  [first, second]: readonly Evaluate[],
  { checked }: Compiler,
): Evaluate | undefined {
  const [firstNode, secondNode] = nodes;
  if (first === undefined || second === undefined) return undefined;
  if (firstNode === undefined || secondNode === undefined) return undefined;
  const kind = checked.types.get(firstNode)?.kind;
  const fixed = constantValue(second);
  switch (name) {
    case "_==_":
      return compileEquality(first, second, true);
    case "_!=_":
      return compileEquality(first, second, false);
    case "_[?_]":
      return compileOptionalIndex(first, second);
    case "_[_]":
      return kind === "map" && typeof fixed === "string" ? compileMember(first, fixed) : undefined;
    default:
      return undefined;
  }
}

function compileEquality(first: Evaluate, second: Evaluate, wanted: boolean): Evaluate {
  return (frame) => {
    const exceeded = spend(frame.budget, 1);
    if (exceeded !== undefined) return exceeded;
    const left = first(frame);
    if (isEvaluationError(left)) return left;
    const right = second(frame);
    if (isEvaluationError(right)) return right;
    if (typeof left === "string" && typeof right === "string") {
      const unpaid = charge(frame.budget, Math.min(left.length, right.length));
      return unpaid ?? (left === right) === wanted;
    }
    const unpaid = chargeComparison(frame.budget, left, right);
    return unpaid ?? areEqual(left, right) === wanted;
  };
}

function chargeComparison(
  budget: Parameters<typeof charge>[0],
  left: CelValue,
  right: CelValue,
): ReturnType<typeof charge> {
  if (typeof left !== "object" || typeof right !== "object") return undefined;
  return charge(budget, Math.min(sizeOf(left), sizeOf(right)));
}

/** Through dyn: a value that has no members at all has none at this place. */
function compileOptionalIndex(container: Evaluate, key: Evaluate): Evaluate {
  return (frame) => {
    const exceeded = spend(frame.budget, 1);
    if (exceeded !== undefined) return exceeded;
    const value = container(frame);
    if (isEvaluationError(value)) return value;
    const at = key(frame);
    return isEvaluationError(at) ? at : optionalMember(value, at);
  };
}

function compileMember(map: Evaluate, key: string): Evaluate {
  const missing = noSuchKey(key);
  return (frame) => {
    const value = map(frame);
    if (isEvaluationError(value)) return value;
    const found = value instanceof CelMap ? value.get(key) : undefined;
    return found === undefined ? missing : found;
  };
}
