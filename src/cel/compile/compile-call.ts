import { createBudget } from "../../model/budget.ts";
import { isEvaluationError } from "../../model/evaluation-error.ts";
import { defaultEvaluationLimits } from "../../model/limits.ts";
import { spend } from "../../model/step-limit.ts";
import type { CelFunction } from "../functions/define.ts";
import type { Evaluate } from "../functions/frame.ts";
import { lazyCalls } from "../functions/lazy-calls.ts";
import { JsonMessage } from "../messages/json-message.ts";
import type { CallNode } from "../syntax/ast.ts";
import { noSuchOverload } from "../values/errors.ts";
import { sizeOf } from "../values/size-of.ts";
import type { CelValue } from "../values/value.ts";
import { compileOperator } from "./compile-operator.ts";
import { type Compiler, constant, constantValue } from "./compiler.ts";

/**
 * Returns the closure of a call: arguments are evaluated in order, the first error is the result, else the first signature
 * that takes them is applied. A few functions do not evaluate all of their arguments, or are cheaper known by their operands.
 */
export function compileCall(node: CallNode, compiler: Compiler): Evaluate {
  const resolution = compiler.checked.calls.get(node);
  if (resolution === undefined) throw new Error(`the checker let \`${node.name}\` pass`);
  const { name, target, overloads } = resolution;
  const args = target === undefined ? node.args : [target, ...node.args];
  const closures = args.map(compiler.compile);
  const lazy = lazyCalls.get(name)?.(closures);
  if (lazy !== undefined) return lazy;
  const evaluate =
    compileOperator(name, args, closures, compiler) ?? callOverload(name, closures, overloads);
  const isFixed = closures.every((closure) => constantValue(closure) !== undefined);
  const isPure = !overloads.some(({ dependsOnFrame }) => dependsOnFrame);
  return (isFixed && isPure ? fold(evaluate) : undefined) ?? evaluate;
}

/** The request of a call that looks at none. */
const nothing = new JsonMessage({ name: "", fields: new Map() }, {});

/** Larger results are computed for each request: a policy would hold them for good. */
const maxFoldedBytes = 65_536;

/** Returns the constant that a call of constants gives, or undefined where it fails: it errs for each request, then. */
function fold(evaluate: Evaluate): Evaluate | undefined {
  const result = evaluate({
    budget: createBudget(defaultEvaluationLimits),
    nowMs: 0,
    object: nothing,
    variables: undefined,
    locals: [],
  });
  if (isEvaluationError(result) || sizeOf(result) > maxFoldedBytes) return undefined;
  return constant(result);
}

function callOverload(
  name: string,
  args: readonly Evaluate[],
  overloads: readonly CelFunction[],
): Evaluate {
  const [first, second] = args;
  const [only] = overloads;
  const wrong = noSuchOverload(name);
  if (args.length === 1 && first !== undefined && only !== undefined && overloads.length === 1) {
    return callUnary(first, only);
  }
  if (args.length === 2 && first !== undefined && second !== undefined && overloads.length === 1) {
    return callBinary(first, second, only ?? fail());
  }
  return (frame) => {
    const exceeded = spend(frame.budget, 1);
    if (exceeded !== undefined) return exceeded;
    const values: CelValue[] = [];
    for (const evaluate of args) {
      const value = evaluate(frame);
      if (isEvaluationError(value)) return value;
      values.push(value);
    }
    for (const overload of overloads) {
      if (overload.takes(values)) return overload.apply(frame, ...values);
    }
    return wrong;
  };
}

function never(): boolean {
  return false;
}

function fail(): never {
  throw new Error("a call has at least one overload");
}

function callUnary(argument: Evaluate, overload: CelFunction): Evaluate {
  const wrong = noSuchOverload(overload.name);
  const [isFirst = never] = overload.tests;
  return (frame) => {
    const exceeded = spend(frame.budget, 1);
    if (exceeded !== undefined) return exceeded;
    const value = argument(frame);
    if (isEvaluationError(value)) return value;
    return isFirst(value) ? overload.apply(frame, value) : wrong;
  };
}

function callBinary(first: Evaluate, second: Evaluate, overload: CelFunction): Evaluate {
  const wrong = noSuchOverload(overload.name);
  const [isFirst = never, isSecond = never] = overload.tests;
  return (frame) => {
    const exceeded = spend(frame.budget, 1);
    if (exceeded !== undefined) return exceeded;
    const left = first(frame);
    if (isEvaluationError(left)) return left;
    const right = second(frame);
    if (isEvaluationError(right)) return right;
    return isFirst(left) && isSecond(right) ? overload.apply(frame, left, right) : wrong;
  };
}
