import { formatGoValue } from "../../src/go-values/go-format.ts";
import { ItemsArray, type Result, type Value } from "../../src/go-values/value.ts";
import type { FunctionRow, ParameterType } from "../../src/jmespath/functions/function-table.ts";
import type { Budget } from "../../src/model/budget.ts";
import { EvaluationError } from "../../src/model/evaluation-error.ts";
import { kindOf, listOf } from "./reference-values.ts";

/**
 * Returns what a call gives once its arguments are evaluated: the name, then the number of arguments, then their types
 * are judged; then the row's body runs.
 */
export function callFunction(
  row: FunctionRow | undefined,
  name: string,
  values: readonly Value[],
  budget: Budget,
): Result {
  if (row === undefined) {
    return new EvaluationError("EVALUATION_UNKNOWN_FUNCTION", `unknown function: ${name}`);
  }
  if (row.parameters.length === 0) return row.body(values, budget);
  const arity = arityFault(row, values.length);
  if (arity !== undefined) {
    const message = `invalid arity, the function '${name}' expects ${arity} were supplied`;
    return new EvaluationError("EVALUATION_ARITY", message);
  }
  for (const [index, value] of values.entries()) {
    const types = (row.parameters[index] ?? row.parameters.at(-1))?.types ?? [];
    if (types.some((type) => isOfType(value, type))) continue;
    const shown = formatGoValue(value, budget.limits.maxStringBytes);
    const expected = types.map((type) => `"${type}"`).join(", ");
    const message = `invalid type for: ${shown}, expected: []functions.JpType{${expected}}`;
    return new EvaluationError("EVALUATION_TYPE", message);
  }
  return row.body(values, budget);
}

function arityFault({ parameters }: FunctionRow, count: number): string | undefined {
  const isVariadic = parameters.some(({ variadic }) => variadic === true);
  const required = parameters.filter(({ optional }) => optional !== true).length;
  if (count < required) {
    const noun = required > 1 ? "arguments" : "argument";
    const supplied = count === 0 ? "none" : `${isVariadic ? "only " : ""}${count}`;
    return `${required} ${noun}${isVariadic ? " or more" : ""} but ${supplied}`;
  }
  if (isVariadic || count <= parameters.length) return undefined;
  return `at most ${parameters.length} arguments but ${count}`;
}

function isOfType(value: Value, type: ParameterType): boolean {
  const kind = kindOf(value);
  const isPlainArray = kind === "slice" && !(value instanceof ItemsArray);
  const areAll = (wanted: string): boolean =>
    isPlainArray && (listOf(value) ?? []).every((item) => kindOf(item) === wanted);
  switch (type) {
    case "any":
      return true;
    case "number":
      return kind === "float64";
    case "string":
      return kind === "string";
    case "object":
      return kind === "map";
    case "expref":
      return kind === "func";
    case "array":
      return kind === "slice";
    case "array[array]":
      return isPlainArray;
    case "array[number]":
      return areAll("float64");
    case "array[string]":
      return areAll("string");
  }
}
