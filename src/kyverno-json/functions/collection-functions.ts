import { goEqual } from "../../go-values/go-equality.ts";
import { formatGoNumber } from "../../go-values/go-format.ts";
import { isPlainArray, isPlainObject, setField } from "../../go-values/semantics.ts";
import { chargedKeys } from "../../go-values/text-cost.ts";
import {
  GoInt,
  ItemsArray,
  type Result,
  type Value,
  type ValueObject,
} from "../../go-values/value.ts";
import type { FunctionRow, Parameter } from "../../jmespath/functions/function-table.ts";
import type { Budget } from "../../model/budget.ts";
import { EvaluationError } from "../../model/evaluation-error.ts";
import { ownValue } from "../../model/json.ts";
import { charge, chargeKeys, spend } from "../../model/step-limit.ts";
import { argumentTypeError, functionError, panicError } from "./function-error.ts";
import { chargedScalarText } from "./scalar-text.ts";
import { stringArgument } from "./typed-argument.ts";

const INT64_END = 2 ** 63;

const string: Parameter = { types: ["string"] };
const array: Parameter = { types: ["array"] };
const object: Parameter = { types: ["object"] };
const container: Parameter = { types: ["object", "array"] };

/** The collection functions: `at lookup items object_from_lists label_match`. */
export const collectionFunctions: readonly FunctionRow[] = [
  {
    name: "at",
    parameters: [array, { types: ["any"] }],
    body: ([elements = null, index = null]) => at(elements, index),
  },
  {
    name: "lookup",
    parameters: [container, { types: ["string", "number"] }],
    body: ([from = null, key = null]) => lookup(from, key),
  },
  {
    name: "items",
    parameters: [container, string, string],
    body: ([from = null, key, value], budget) =>
      items(from, stringArgument(key), stringArgument(value), budget),
  },
  {
    name: "object_from_lists",
    parameters: [array, array],
    body: ([keys = null, values = null], budget) => objectFromLists(keys, values, budget),
  },
  {
    name: "label_match",
    parameters: [object, object],
    body: ([wanted = null, given = null], budget) => matchLabels(wanted, given, budget),
  },
];

function at(elements: Value, index: Value): Result {
  if (!isPlainArray(elements)) {
    return new EvaluationError("EVALUATION_TYPE", "invalid type, first argument must be an array");
  }
  if (!(index instanceof GoInt) || index.kind !== "int") {
    return new EvaluationError("EVALUATION_TYPE", "invalid type, second argument must be an int");
  }
  const i = index.value;
  if (i >= 0 && i < elements.length) return elements[i] ?? null;
  const bounds = i < 0 ? "" : ` with length ${elements.length}`;
  return panicError(`runtime error: index out of range [${i}]${bounds}`);
}

function lookup(from: Value, key: Value): Result {
  if (isPlainObject(from)) {
    if (typeof key !== "string") return argumentTypeError("lookup", 2, "String");
    return ownValue(from, key) ?? null;
  }
  if (!isPlainArray(from)) return argumentTypeError("lookup", 1, "Object or Array");
  if (typeof key !== "number") return argumentTypeError("lookup", 2, "Number");
  if (!Number.isInteger(key)) {
    const fault = `expected an integer number but got: ${formatGoNumber(key)}`;
    return functionError("lookup", `argument #2: ${fault}`);
  }
  if (key >= INT64_END || key < -INT64_END) {
    const fault = `number is outside the range of integer numbers: ${formatGoNumber(key)}`;
    return functionError("lookup", `argument #2: ${fault}`);
  }
  return from[key] ?? null;
}

/** Bytes that an item counts for: an object of two keys, and a Go int in an array's. */
const BYTES_PER_ITEM = 192;

function items(from: Value, keyName: string, valueName: string, budget: Budget): Result {
  if (isPlainObject(from)) {
    const keys = chargedKeys(from, budget);
    if (keys instanceof EvaluationError) return keys;
    return (
      spend(budget, keys.length) ??
      charge(budget, keys.length * BYTES_PER_ITEM) ??
      new ItemsArray(keys.map((key) => item(keyName, key, valueName, from[key] ?? null)))
    );
  }
  if (!isPlainArray(from)) return argumentTypeError("items", 1, "Object or Array");
  return (
    spend(budget, from.length) ??
    charge(budget, from.length * BYTES_PER_ITEM) ??
    new ItemsArray(from.map((value, i) => item(keyName, i, valueName, value)))
  );
}

/** One item; where both names are the same, only the value remains. */
function item(keyName: string, key: Value, valueName: string, value: Value): ValueObject {
  const made: { [key: string]: Value } = {};
  setField(made, keyName, key);
  setField(made, valueName, value);
  return made;
}

function objectFromLists(keys: Value, values: Value, budget: Budget): Result {
  if (!isPlainArray(keys)) return argumentTypeError("object_from_lists", 1, "Array");
  if (!isPlainArray(values)) return argumentTypeError("object_from_lists", 2, "Array");
  const passed = spend(budget, keys.length) ?? chargeKeys(budget, keys.length);
  if (passed !== undefined) return passed;
  const made: { [key: string]: Value } = {};
  for (const [i, key] of keys.entries()) {
    const name = chargedScalarText(key, budget);
    if (name instanceof EvaluationError) return name;
    if (name === undefined) return argumentTypeError("object_from_lists", 1, "StringArray");
    const unread = charge(budget, name.length);
    if (unread !== undefined) return unread;
    setField(made, name, values[i] ?? null);
  }
  return made;
}

function matchLabels(wanted: Value, given: Value, budget: Budget): Result {
  if (!isPlainObject(wanted)) return argumentTypeError("label_match", 0, "Object");
  if (!isPlainObject(given)) return argumentTypeError("label_match", 1, "Object");
  const keys = chargedKeys(wanted, budget);
  if (keys instanceof EvaluationError) return keys;
  const passed = spend(budget, keys.length);
  if (passed !== undefined) return passed;
  for (const key of keys) {
    const isSame =
      Object.hasOwn(given, key) && goEqual(wanted[key] ?? null, given[key] ?? null, budget);
    if (isSame !== true) return isSame;
  }
  return true;
}
