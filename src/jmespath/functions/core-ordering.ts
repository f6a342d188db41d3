import { chargedOrder, chargedSort } from "../../go-values/text-cost.ts";
import type { ExpressionReference, Result, Value, ValueArray } from "../../go-values/value.ts";
import type { Budget } from "../../model/budget.ts";
import { EvaluationError } from "../../model/evaluation-error.ts";
import { chargeElements, limitError, spend } from "../../model/step-limit.ts";
import { numbersAt, plainArrayAt, referenceAt, stringsAt } from "./argument.ts";
import type { FunctionRow, Parameter } from "./function-table.ts";

const byParameters: readonly Parameter[] = [{ types: ["array"] }, { types: ["expref"] }];
const scalarsParameter: Parameter = { types: ["array[number]", "array[string]"] };

/** `max`, `max_by`, `min`, `min_by`, `sort`, `sort_by`. */
export const orderingFunctions: readonly FunctionRow[] = [
  { name: "max", parameters: [scalarsParameter], body: (args, budget) => best(args, budget, 1) },
  {
    name: "max_by",
    parameters: byParameters,
    body: (args, budget) => bestBy(args, budget, 1),
  },
  { name: "min", parameters: [scalarsParameter], body: (args, budget) => best(args, budget, -1) },
  {
    name: "min_by",
    parameters: byParameters,
    body: (args, budget) => bestBy(args, budget, -1),
  },
  { name: "sort", parameters: [{ types: ["array[string]", "array[number]"] }], body: sort },
  { name: "sort_by", parameters: byParameters, body: sortBy },
];

/** The greatest (`sign` 1) or least (−1) element; of equals the first. */
function best(args: readonly Value[], budget: Budget, sign: number): Result {
  const numbers = numbersAt(args, 0);
  if (numbers.length > 0) {
    return (
      spend(budget, numbers.length) ??
      chargeElements(budget, numbers.length) ??
      bestOf(numbers, compareNumbers, sign)
    );
  }
  const strings = stringsAt(args, 0);
  const refusal =
    spend(budget, strings.length + textCost(strings)) ?? chargeElements(budget, strings.length);
  if (refusal !== undefined) return refusal;
  const found = bestOf(strings, chargedOrder(budget), sign);
  return budget.stepsLeft < 0 ? limitError(budget) : found;
}

function bestOf<T extends Value>(
  values: readonly T[],
  compare: (left: T, right: T) => number,
  sign: number,
): T | null {
  let found: T | null = null;
  for (const value of values) if (found === null || compare(value, found) * sign > 0) found = value;
  return found;
}

function bestBy(args: readonly Value[], budget: Budget, sign: number): Result {
  const elements = plainArrayAt(args, 0);
  if (elements instanceof EvaluationError) return elements;
  if (elements.length < 2) return elements[0] ?? null;
  const keyOf = referenceAt(args, 1);
  const first = keyOf(elements[0] ?? null);
  if (first instanceof EvaluationError) return first;
  if (typeof first === "number") {
    return pickByKey(
      elements,
      budget,
      keyOf,
      isNumber,
      "number",
      (key, other) => sign * compareNumbers(key, other),
    );
  }
  if (typeof first === "string") {
    const order = chargedOrder(budget);
    const compare = (key: string, other: string): number => sign * order(key, other);
    return pickByKey(elements, budget, keyOf, isString, "string", compare);
  }
  return new EvaluationError("EVALUATION_TYPE", "invalid type, must be number of string");
}

/** The element with the greatest key, the first of several; all keys must be of the type of the first. */
function pickByKey<Key extends Value>(
  elements: ValueArray,
  budget: Budget,
  keyOf: ExpressionReference["evaluate"],
  isKey: (value: Value) => value is Key,
  typeName: string,
  compare: (left: Key, right: Key) => number,
): Result {
  let found: { readonly key: Key; readonly element: Value } | undefined;
  for (const element of elements) {
    if (--budget.stepsLeft < 0) return limitError(budget);
    const key = keyOf(element);
    if (key instanceof EvaluationError) return key;
    if (!isKey(key)) {
      return new EvaluationError("EVALUATION_TYPE", `invalid type, must be ${typeName}`);
    }
    if (found === undefined || compare(key, found.key) > 0) found = { key, element };
  }
  return found?.element ?? null;
}

function sort(args: readonly Value[], budget: Budget): Result {
  const strings = stringsAt(args, 0);
  const numbers = numbersAt(args, 0);
  const count = Math.max(strings.length, numbers.length);
  const refusal =
    spend(budget, sortCost(count) + textCost(strings)) ?? chargeElements(budget, count * 2);
  if (refusal !== undefined) return refusal;
  return strings.length > 0 ? chargedSort(strings, budget) : numbers.toSorted(compareNumbers);
}

/** A sorted copy: unlike the Go library, nothing is reordered in the request itself. */
function sortBy(args: readonly Value[], budget: Budget): Result {
  const elements = plainArrayAt(args, 0);
  if (elements instanceof EvaluationError) return elements;
  if (elements.length < 2) return elements;
  const keyOf = referenceAt(args, 1);
  const first = keyOf(elements[0] ?? null);
  if (first instanceof EvaluationError) return first;
  if (typeof first === "number") {
    return sortByKey(elements, budget, keyOf, isNumber, compareNumbers);
  }
  if (typeof first === "string") {
    return sortByKey(elements, budget, keyOf, isString, chargedOrder(budget));
  }
  return new EvaluationError("EVALUATION_TYPE", "invalid type, must be number of string");
}

/** All keys must be of the type of the first. */
function sortByKey<Key extends Value>(
  elements: ValueArray,
  budget: Budget,
  keyOf: ExpressionReference["evaluate"],
  isKey: (value: Value) => value is Key,
  compare: (left: Key, right: Key) => number,
): Result {
  const refusal =
    spend(budget, sortCost(elements.length)) ?? chargeElements(budget, elements.length * 4);
  if (refusal !== undefined) return refusal;
  const entries: { readonly key: Key; readonly element: Value }[] = [];
  for (const element of elements) {
    const key = keyOf(element);
    if (key instanceof EvaluationError) return key;
    if (!isKey(key)) return new EvaluationError("EVALUATION_TYPE", "error in sort_by comparison");
    entries.push({ key, element });
  }
  const sorted = entries.toSorted((a, b) => compare(a.key, b.key)).map(({ element }) => element);
  return budget.stepsLeft < 0 ? limitError(budget) : sorted;
}

/** Texts that are long and alike are compared to their ends. */
function textCost(strings: readonly string[]): number {
  let length = 0;
  for (const string of strings) length += string.length;
  return length >> 3;
}

function sortCost(length: number): number {
  return length * Math.ceil(Math.log2(length + 1));
}

function compareNumbers(left: number, right: number): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function isNumber(value: Value): value is number {
  return typeof value === "number";
}

function isString(value: Value): value is string {
  return typeof value === "string";
}
