import { runeCount } from "../../go-values/go-string.ts";
import { elementsOf, isPlainArray, setField } from "../../go-values/semantics.ts";
import { chargedKeys } from "../../go-values/text-cost.ts";
import type { Result, Value, ValueArray } from "../../go-values/value.ts";
import type { Budget } from "../../model/budget.ts";
import { EvaluationError } from "../../model/evaluation-error.ts";
import { charge, chargeElements, chargeKeys, limitError, spend } from "../../model/step-limit.ts";
import { objectAt, plainArrayAt, referenceAt } from "./argument.ts";
import type { FunctionRow, Parameter } from "./function-table.ts";

const arrayParameter: Parameter = { types: ["array"] };
const objectParameter: Parameter = { types: ["object"] };
const referenceParameter: Parameter = { types: ["expref"] };

/** `from_items`, `group_by`, `keys`, `length`, `map`, `merge`, `not_null`, `values`, `zip`. */
export const collectionFunctions: readonly FunctionRow[] = [
  { name: "from_items", parameters: [{ types: ["array[array]"] }], body: fromItems },
  { name: "group_by", parameters: [arrayParameter, referenceParameter], body: groupBy },
  {
    name: "keys",
    parameters: [objectParameter],
    body: (args, budget) => {
      const keys = chargedKeys(objectAt(args, 0), budget);
      return keys instanceof EvaluationError ? keys : (spend(budget, keys.length) ?? keys);
    },
  },
  {
    name: "length",
    bytesPerCharacter: 8,
    parameters: [{ types: ["string", "array", "object"] }],
    body: length,
  },
  { name: "map", parameters: [referenceParameter, arrayParameter], body: map },
  { name: "merge", parameters: [{ types: ["object"], variadic: true }], body: merge },
  {
    name: "not_null",
    bytesPerCharacter: 0,
    parameters: [{ types: ["any"], variadic: true }],
    body: (args) => args.find((arg) => arg !== null) ?? null,
  },
  {
    name: "values",
    parameters: [objectParameter],
    body: (args, budget) => {
      const object = objectAt(args, 0);
      const keys = chargedKeys(object, budget);
      if (keys instanceof EvaluationError) return keys;
      return spend(budget, keys.length) ?? keys.map((key) => object[key] ?? null);
    },
  },
  { name: "zip", parameters: [arrayParameter, { types: ["array"], variadic: true }], body: zip },
];

function fromItems(args: readonly Value[], budget: Budget): Result {
  const pairs = plainArrayAt(args, 0);
  if (pairs instanceof EvaluationError) return pairs;
  const refusal = spend(budget, pairs.length) ?? chargeKeys(budget, pairs.length);
  if (refusal !== undefined) return refusal;
  if (!pairs.every(isPlainArray)) {
    return new EvaluationError(
      "EVALUATION_TYPE",
      "invalid type, first argument must be an array of arrays",
    );
  }
  const object: { [key: string]: Value } = {};
  for (const pair of pairs) {
    const [key, value = null] = pair;
    if (pair.length !== 2 || typeof key !== "string") {
      return new EvaluationError(
        "EVALUATION_VALUE",
        "invalid value, each array must contain two elements, a pair of string and value",
      );
    }
    const unread = charge(budget, key.length);
    if (unread !== undefined) return unread;
    setField(object, key, value);
  }
  return object;
}

function groupBy(args: readonly Value[], budget: Budget): Result {
  const elements = plainArrayAt(args, 0);
  if (elements instanceof EvaluationError) return elements;
  if (elements.length === 0) return null;
  const keyOf = referenceAt(args, 1);
  const groups = new Map<string, Value[]>();
  for (const element of elements) {
    if (--budget.stepsLeft < 0) return limitError(budget);
    const key = keyOf(element);
    if (key instanceof EvaluationError) return key;
    if (typeof key !== "string") {
      const message = "invalid type, the expression must evaluate to a string";
      return new EvaluationError("EVALUATION_TYPE", message);
    }
    const refusal = charge(budget, BYTES_PER_GROUP + key.length);
    if (refusal !== undefined) return refusal;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [element]);
    else group.push(element);
  }
  const object: { [key: string]: Value } = {};
  for (const [key, group] of groups) setField(object, key, group);
  return object;
}

/** Bytes that a group counts for, as long as no two elements are in one. */
const BYTES_PER_GROUP = 192;

function length(args: readonly Value[], budget: Budget): Result {
  const [value = null] = args;
  if (typeof value === "string") return spend(budget, value.length >> 6) ?? runeCount(value);
  const elements = elementsOf(value);
  if (elements !== undefined) return elements.length;
  const count = Object.keys(objectAt(args, 0)).length;
  return spend(budget, count) ?? chargeKeys(budget, count) ?? count;
}

function map(args: readonly Value[], budget: Budget): Result {
  const apply = referenceAt(args, 0);
  const elements = plainArrayAt(args, 1);
  if (elements instanceof EvaluationError) return elements;
  const refusal = chargeElements(budget, elements.length);
  if (refusal !== undefined) return refusal;
  const result: Value[] = [];
  for (const element of elements) {
    if (--budget.stepsLeft < 0) return limitError(budget);
    const value = apply(element);
    if (value instanceof EvaluationError) return value;
    result.push(value);
  }
  return result;
}

function merge(args: readonly Value[], budget: Budget): Result {
  const result: { [key: string]: Value } = {};
  for (const [i] of args.entries()) {
    const object = objectAt(args, i);
    const keys = Object.keys(object);
    const refusal = chargeKeys(budget, keys.length * 2);
    if (refusal !== undefined) return refusal;
    for (const key of keys) {
      if (--budget.stepsLeft < 0) return limitError(budget);
      setField(result, key, object[key] ?? null);
    }
  }
  return result;
}

function zip(args: readonly Value[], budget: Budget): Result {
  const arrays: ValueArray[] = [];
  for (const [i] of args.entries()) {
    const array = plainArrayAt(args, i);
    if (array instanceof EvaluationError) return array;
    arrays.push(array);
  }
  const shortest = Math.min(...arrays.map((array) => array.length));
  const count = shortest * arrays.length;
  const refusal = spend(budget, count) ?? chargeElements(budget, count + shortest * 4);
  if (refusal !== undefined) return refusal;
  return Array.from({ length: shortest }, (_, i) => arrays.map((array) => array[i] ?? null));
}
