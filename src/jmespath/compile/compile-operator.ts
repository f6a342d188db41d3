import { deepEqual, numberOf } from "../../go-values/semantics.ts";
import type { Result } from "../../go-values/value.ts";
import { EvaluationError } from "../../model/evaluation-error.ts";
import { limitError } from "../../model/step-limit.ts";
import type { ArithmeticNode, ComparisonNode, UnaryNode } from "../syntax/ast.ts";
import type { CompileContext, Expression } from "./expression.ts";
import { constantOf } from "./fold-constant.ts";

/** Returns a closure for `==` and `!=` (deep, dynamic types included) or an ordering (numbers only, else null). */
export function compileComparison(node: ComparisonNode, context: CompileContext): Expression {
  const left = context.compile(node.left, context);
  const right = context.compile(node.right, context);
  switch (node.operator) {
    case "EQ":
      return compileEquality(left, right, true);
    case "NE":
      return compileEquality(left, right, false);
    case "LT":
      return compileNumeric(left, right, (a, b) => a < b);
    case "LTE":
      return compileNumeric(left, right, (a, b) => a <= b);
    case "GT":
      return compileNumeric(left, right, (a, b) => a > b);
    case "GTE":
      return compileNumeric(left, right, (a, b) => a >= b);
  }
}

/** Returns a closure for arithmetic on doubles: Go ints are converted, anything else gives null. */
export function compileArithmetic(node: ArithmeticNode, context: CompileContext): Expression {
  const left = context.compile(node.left, context);
  const right = context.compile(node.right, context);
  switch (node.operator) {
    case "Plus":
      return compileNumeric(left, right, (a, b) => a + b);
    case "Minus":
      return compileNumeric(left, right, (a, b) => a - b);
    case "Multiply":
      return compileNumeric(left, right, (a, b) => a * b);
    case "Divide":
      return compileNumeric(left, right, (a, b) => a / b);
    case "Div":
      return compileNumeric(left, right, (a, b) => Math.floor(a / b));
    case "Modulo":
      return compileNumeric(left, right, (a, b) => a % b);
  }
}

/** Returns a closure for `-a` and `+a`; null unless the operand is numeric. */
export function compileUnary(node: UnaryNode, context: CompileContext): Expression {
  const operand = context.compile(node.operand, context);
  const { isNegative } = node;
  return (current, scope) => {
    const value = operand(current, scope);
    if (value instanceof EvaluationError) return value;
    const number = numberOf(value);
    if (number === undefined) return null;
    return isNegative ? -number : number;
  };
}

function compileNumeric(
  left: Expression,
  right: Expression,
  operate: (left: number, right: number) => number | boolean,
): Expression {
  const constant = constantOf(right);
  if (typeof constant === "number") return compileWithNumber(left, constant, operate);
  return (current, scope) => {
    const a = left(current, scope);
    if (a instanceof EvaluationError) return a;
    const b = right(current, scope);
    if (b instanceof EvaluationError) return b;
    const first = numberOf(a);
    const second = numberOf(b);
    return first === undefined || second === undefined ? null : operate(first, second);
  };
}

function compileWithNumber(
  left: Expression,
  right: number,
  operate: (left: number, right: number) => number | boolean,
): Expression {
  return (current, scope) => {
    const value = left(current, scope);
    if (typeof value === "number") return operate(value, right);
    if (value instanceof EvaluationError) return value;
    const number = numberOf(value);
    return number === undefined ? null : operate(number, right);
  };
}

function compileEquality(left: Expression, right: Expression, wanted: boolean): Expression {
  const constant = constantOf(right);
  if (constant !== undefined && isCheapScalar(constant)) {
    return compareToScalar(left, constant, wanted);
  }
  return (current, scope) => {
    const a = left(current, scope);
    if (a instanceof EvaluationError) return a;
    const b = right(current, scope);
    if (b instanceof EvaluationError) return b;
    const isEqual = deepEqual(a, b, scope.budget);
    return scope.budget.stepsLeft < 0 ? limitError(scope.budget) : isEqual === wanted;
  };
}

/** The case policies are full of: a field against a constant. */
function compareToScalar(left: Expression, constant: unknown, wanted: boolean): Expression {
  return (current, scope) => {
    const value = left(current, scope);
    return value instanceof EvaluationError ? value : (value === constant) === wanted;
  };
}

/** How long a text may be that is compared for the step that comparing takes. */
const MAX_CHEAP_LENGTH = 64;

function isCheapScalar(result: Result): boolean {
  if (typeof result === "string") return result.length <= MAX_CHEAP_LENGTH;
  return result === null || typeof result !== "object";
}
