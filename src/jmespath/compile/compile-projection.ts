import { elementsOf, isFalsy, isPlainObject } from "../../go-values/semantics.ts";
import { chargedKeys } from "../../go-values/text-cost.ts";
import type { Result, Value, ValueArray } from "../../go-values/value.ts";
import { EvaluationError } from "../../model/evaluation-error.ts";
import { chargeElements, limitError, spend, swallow } from "../../model/step-limit.ts";
import type { FilterNode, FlattenNode, ProjectionNode } from "../syntax/ast.ts";
import type { CompileContext, Expression } from "./expression.ts";
import type { Scope } from "./scope.ts";

/** Returns a closure for `[*]`, `[]` and slices: the right side of each element of the left, nulls left out. */
export function compileElements(
  node: ProjectionNode<"elements">,
  context: CompileContext,
): Expression {
  const left = context.compile(node.left, context);
  const right = context.compile(node.right, context);
  const { isSliced } = node;
  const cost = node.right.size;
  return (current, scope) => {
    const value = left(current, scope);
    if (value instanceof EvaluationError) return value;
    if (typeof value === "string") return isSliced ? value : null;
    const elements = elementsOf(value);
    return elements === undefined ? null : project(elements, right, cost, scope);
  };
}

/** Returns a closure for `.*`: the right side of each value of the object, in key order. An error on the left is null. */
export function compileValues(node: ProjectionNode<"values">, context: CompileContext): Expression {
  const left = context.compile(node.left, context);
  const right = context.compile(node.right, context);
  const cost = node.right.size;
  return (current, scope) => {
    const value = left(current, scope);
    if (value instanceof EvaluationError) return swallow(value);
    if (!isPlainObject(value)) return null;
    const keys = chargedKeys(value, scope.budget);
    if (keys instanceof EvaluationError) return keys;
    const values = keys.map((key) => value[key] ?? null);
    return project(values, right, cost, scope);
  };
}

/** Returns a closure for `[?condition]`. An error on the left is null, one in the condition is not. */
export function compileFilter(node: FilterNode, context: CompileContext): Expression {
  const left = context.compile(node.left, context);
  const condition = context.compile(node.condition, context);
  const right = context.compile(node.right, context);
  const cost = node.condition.size + node.right.size;
  return (current, scope) => {
    const value = left(current, scope);
    if (value instanceof EvaluationError) return swallow(value);
    const elements = elementsOf(value);
    if (elements === undefined) return null;
    const refusal = chargeElements(scope.budget, elements.length);
    if (refusal !== undefined) return refusal;
    const result: Value[] = [];
    for (const element of elements) {
      if ((scope.budget.stepsLeft -= cost) < 0) return limitError(scope.budget);
      const decision = condition(element, scope);
      if (decision instanceof EvaluationError) return decision;
      if (isFalsy(decision)) continue;
      const projected = right(element, scope);
      if (projected instanceof EvaluationError) return projected;
      if (projected !== null) result.push(projected);
    }
    return result;
  };
}

/** Returns a closure for the left side of `[]`. An error further left is null. */
export function compileFlatten(node: FlattenNode, context: CompileContext): Expression {
  const left = context.compile(node.left, context);
  return (current, scope) => {
    const value = left(current, scope);
    if (value instanceof EvaluationError) return swallow(value);
    const elements = elementsOf(value);
    if (elements === undefined) return null;
    const result: Value[] = [];
    for (const element of elements) {
      const inner = elementsOf(element);
      const count = inner?.length ?? 1;
      const refusal = spend(scope.budget, count) ?? chargeElements(scope.budget, count);
      if (refusal !== undefined) return refusal;
      if (inner === undefined) result.push(element);
      else for (const item of inner) result.push(item);
    }
    return result;
  };
}

function project(elements: ValueArray, right: Expression, cost: number, scope: Scope): Result {
  const refusal = chargeElements(scope.budget, elements.length);
  if (refusal !== undefined) return refusal;
  const result: Value[] = [];
  for (const element of elements) {
    if ((scope.budget.stepsLeft -= cost) < 0) return limitError(scope.budget);
    const value = right(element, scope);
    if (value instanceof EvaluationError) return value;
    if (value !== null) result.push(value);
  }
  return result;
}
