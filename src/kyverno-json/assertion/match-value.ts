import { goEqual } from "../../go-values/go-equality.ts";
import { elementsOf, goTypeName, numberOf } from "../../go-values/semantics.ts";
import { chargedKeys } from "../../go-values/text-cost.ts";
import {
  ExpressionReference,
  GoStruct,
  type Value,
  type ValueObject,
} from "../../go-values/value.ts";
import type { Budget } from "../../model/budget.ts";
import { EvaluationError } from "../../model/evaluation-error.ts";
import { charge, limitError } from "../../model/step-limit.ts";
import { depthLimitError } from "./depth-limit-error.ts";
import { memberOf, membersOf } from "./tree-value.ts";

/**
 * Returns whether the actual value is as expected, or the error that keeps the two from being compared
 * (docs/policy-language.md, Comparison). Arrays match element by element, an expected object is a subset of the actual one.
 *
 * Every comparison counts as a step.
 */
export function matchValue(
  expected: Value,
  actual: Value,
  budget: Budget,
  depth: number = 0,
): boolean | EvaluationError {
  budget.stepsLeft -= 1;
  if (budget.stepsLeft < 0) return limitError(budget);
  if (typeof expected !== "object" || expected === null) {
    return matchScalar(expected, actual, budget);
  }
  if (depth > budget.limits.maxDepth) return depthLimitError;
  const elements = elementsOf(expected);
  if (elements !== undefined) return matchElements(elements, actual, budget, depth);
  const members = membersOf(expected);
  if (members !== undefined) return matchMembers(members, actual, budget, depth);
  return matchScalar(expected, actual, budget);
}

function matchElements(
  expected: readonly Value[],
  actual: Value,
  budget: Budget,
  depth: number,
): boolean | EvaluationError {
  const found = elementsOf(actual);
  if (found === undefined) {
    const message = `invalid actual value, must be a slice, found ${goTypeName(actual)}`;
    return new EvaluationError("EVALUATION_TYPE", message, message);
  }
  if (found.length !== expected.length) return false;
  for (const [index, element] of expected.entries()) {
    const outcome = matchValue(element, found[index] ?? null, budget, depth + 1);
    if (outcome !== true) return outcome;
  }
  return true;
}

function matchMembers(
  expected: ValueObject,
  actual: Value,
  budget: Budget,
  depth: number,
): boolean | EvaluationError {
  const found = membersOf(actual);
  if (found === undefined) {
    const message = `invalid actual value, must be a map, found ${goTypeName(actual)}`;
    return new EvaluationError("EVALUATION_TYPE", message, message);
  }
  const keys = chargedKeys(expected, budget);
  if (keys instanceof EvaluationError) return keys;
  for (const key of keys) {
    if (!Object.hasOwn(found, key)) return false;
    const outcome = matchValue(memberOf(expected, key), memberOf(found, key), budget, depth + 1);
    if (outcome !== true) return outcome;
  }
  return true;
}

/**
 * Returns whether two scalars match: null only null, numbers and Go integers by number, else values of one type by
 * equality; different types are an error.
 */
export function matchScalar(
  expected: Value,
  actual: Value,
  budget: Budget,
): boolean | EvaluationError {
  if (expected === null || actual === null) return expected === actual;
  if (typeof expected === "string" && typeof actual === "string") {
    if (expected.length !== actual.length) return false;
    return charge(budget, expected.length) ?? expected === actual;
  }
  if (typeof expected === typeof actual && typeof expected !== "object") return expected === actual;
  const expectedNumber = numberOf(expected);
  const actualNumber = numberOf(actual);
  if (expectedNumber !== undefined && actualNumber !== undefined) {
    return expectedNumber === actualNumber;
  }
  if (isOfSameGoType(expected, actual)) return goEqual(expected, actual, budget);
  const message = `types are not comparable, ${goTypeName(expected)} - ${goTypeName(actual)}`;
  return new EvaluationError("EVALUATION_TYPE", message, message);
}

function isOfSameGoType(expected: Value, actual: Value): boolean {
  if (expected instanceof ExpressionReference) return actual instanceof ExpressionReference;
  if (!(expected instanceof GoStruct && actual instanceof GoStruct)) return false;
  return expected.typeName === actual.typeName;
}
