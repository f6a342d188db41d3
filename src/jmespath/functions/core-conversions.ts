import { formatJson } from "../../go-values/json-text.ts";
import { isPlainArray, isPlainObject, numberOf } from "../../go-values/semantics.ts";
import type { Result, Value } from "../../go-values/value.ts";
import type { Budget } from "../../model/budget.ts";
import { EvaluationError } from "../../model/evaluation-error.ts";
import { spend } from "../../model/step-limit.ts";
import { parseGoFloat } from "../syntax/parse-number.ts";
import type { FunctionRow, Parameter } from "./function-table.ts";

const anyParameter: Parameter = { types: ["any"] };

/** `to_array`, `to_number`, `to_string`, `type`. */
export const conversionFunctions: readonly FunctionRow[] = [
  {
    name: "to_array",
    bytesPerCharacter: 0,
    parameters: [anyParameter],
    body: ([value = null]) => (isPlainArray(value) ? value : [value]),
  },
  {
    name: "to_number",
    bytesPerCharacter: 16,
    parameters: [anyParameter],
    body: ([value = null], budget) => toNumber(value, budget),
  },
  {
    name: "to_string",
    bytesPerCharacter: 0,
    parameters: [anyParameter],
    body: ([value = null], budget) => toText(value, budget),
  },
  {
    name: "type",
    bytesPerCharacter: 0,
    parameters: [anyParameter],
    body: ([value = null]) => typeOf(value),
  },
];

function toNumber(value: Value, budget: Budget): Result {
  if (typeof value === "string") {
    return spend(budget, value.length >> 4) ?? parseGoFloat(value) ?? null;
  }
  const number = numberOf(value);
  if (number !== undefined) return number;
  const type = typeOf(value);
  return type instanceof EvaluationError ? type : null;
}

function toText(value: Value, budget: Budget): Result {
  if (typeof value === "string") return value;
  const text = formatJson(value, budget.limits.maxStringBytes, budget);
  return text instanceof EvaluationError ? text : (spend(budget, text.length >> 3) ?? text);
}

/** Go ints, typed arrays, structs and expression references have no name in the language. */
function typeOf(value: Value): Result {
  if (value === null) return "null";
  if (typeof value !== "object") return typeof value;
  if (isPlainArray(value)) return "array";
  if (isPlainObject(value)) return "object";
  return new EvaluationError("EVALUATION_TYPE", "unknown type");
}
