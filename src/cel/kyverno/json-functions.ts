import { JsonFault } from "../../json/json-fault.ts";
import { wholeJson } from "../../json/json-selection.ts";
import { parseJson } from "../../json/parse-json.ts";
import type { Budget } from "../../model/budget.ts";
import { type EvaluationError, isEvaluationError } from "../../model/evaluation-error.ts";
import type { JsonValue } from "../../model/json.ts";
import { charge, spend } from "../../model/step-limit.ts";
import { type CelFunction, defineMethod, opaqueOf, types } from "../functions/define.ts";
import { jsonToCel } from "../messages/well-known-fields.ts";
import { valueError } from "../values/errors.ts";
import { CelNamespace } from "../values/value.ts";

/** The type of the variable `json`. */
export const jsonNamespace = "json.Json";

/** Bytes and characters a step: reading JSON is about as dear as a step for each of so many. */
const charactersPerStep = 64;
/** What a value takes in memory for each character of its text, at most about. */
const bytesPerCharacter = 8;

/** Returns the value of a JSON text, by the reader that is safe for whatever keys a client sends. */
export function readJsonText(text: string, budget: Budget): JsonValue | EvaluationError {
  const unpaid =
    spend(budget, Math.ceil(text.length / charactersPerStep)) ??
    charge(budget, text.length * bytesPerCharacter);
  if (unpaid !== undefined) return unpaid;
  const value = parseJson(text, budget.limits.maxDepth, wholeJson);
  return value instanceof JsonFault ? valueError("the text is no JSON") : value;
}

/** The functions of `json`. */
export const jsonFunctions: readonly CelFunction[] = [
  defineMethod(
    "Unmarshal",
    [opaqueOf(jsonNamespace, CelNamespace), types.dyn],
    types.dyn,
    (frame, _, text) => {
      if (typeof text !== "string") return valueError("`json.Unmarshal` reads a string");
      const value = readJsonText(text, frame.budget);
      return isEvaluationError(value) ? value : jsonToCel(value);
    },
  ),
];
