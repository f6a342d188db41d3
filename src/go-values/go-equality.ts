import type { Budget } from "../model/budget.ts";
import { EvaluationError } from "../model/evaluation-error.ts";
import { limitError } from "../model/step-limit.ts";
import { deepEqual, isPlainArray, isPlainObject } from "./semantics.ts";
import { ExpressionReference, GoStruct, ItemsArray, type Value } from "./value.ts";

/**
 * Returns whether Go's `==` calls both the same, or the error of values of one type that it cannot compare: those end the Go
 * process. Pointers to equal targets count as the same.
 */
export function goEqual(left: Value, right: Value, budget: Budget): boolean | EvaluationError {
  const type = uncomparableType(left, right, budget);
  if (type === undefined) {
    const isEqual = deepEqual(left, right, budget);
    return budget.stepsLeft < 0 ? limitError(budget) : isEqual;
  }
  const message = `runtime error: comparing uncomparable type ${type}`;
  return new EvaluationError("EVALUATION_PANIC", message, message);
}

/** The type that keeps the two from being compared: values of different types are just unequal. */
function uncomparableType(left: Value, right: Value, budget: Budget): string | undefined {
  if (isPlainArray(left)) return isPlainArray(right) ? "[]interface {}" : undefined;
  if (isPlainObject(left)) return isPlainObject(right) ? "map[string]interface {}" : undefined;
  if (left instanceof ExpressionReference) {
    return right instanceof ExpressionReference ? "functions.ExpRef" : undefined;
  }
  if (left instanceof ItemsArray) {
    const isSameType = right instanceof ItemsArray && right.typeName === left.typeName;
    return isSameType ? left.typeName : undefined;
  }
  if (!(left instanceof GoStruct && right instanceof GoStruct)) return undefined;
  return left.typeName === right.typeName ? uncomparablePart(left, right, budget) : undefined;
}

/** Parts are compared in order, up to the first that differs. */
function uncomparablePart(left: GoStruct, right: GoStruct, budget: Budget): string | undefined {
  const parts = left.comparedParts();
  const others = right.comparedParts();
  if (parts === undefined || others === undefined) return left.typeName;
  for (const [index, part] of parts.entries()) {
    const other = others[index] ?? null;
    const type = uncomparableType(part, other, budget);
    if (type !== undefined) return type;
    if (!deepEqual(part, other, budget)) return undefined;
  }
  return undefined;
}
