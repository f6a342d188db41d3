import { parseJsonText, parseStrictJsonText } from "../../go-values/json-text.ts";
import { keyOfJsonCall } from "../../jmespath/compile/json-part.ts";
import {
  createFunctionTable,
  type FunctionBody,
  type FunctionRow,
  type FunctionTable,
} from "../../jmespath/functions/function-table.ts";
import type { Ast } from "../../jmespath/syntax/ast.ts";
import { type JsonSelection, wholeJson } from "../../json/json-selection.ts";
import type { EvaluationError } from "../../model/evaluation-error.ts";
import type { JsonValue } from "../../model/json.ts";
import { spend } from "../../model/step-limit.ts";
import { stringArgument } from "./typed-argument.ts";

/** How many steps reading a character takes. */
const STEPS_PER_CHARACTER = 1 / 8;
/** Bytes that a character of JSON costs: in `[[],[],…` a few characters become an array, and are gone through again. */
const BYTES_PER_CHARACTER = 14;

type ParseJson = (
  text: string,
  maxDepth: number,
  selection: JsonSelection,
) => JsonValue | EvaluationError;

const jsonFunctions = [
  jsonFunction("parse_json", parseJsonText),
  jsonFunction("json_parse", parseJsonText),
  jsonFunction("json_parse_strict", parseStrictJsonText),
];

/** The functions that read JSON: `parse_json json_parse json_parse_strict`. */
export const jsonFunctionRows: readonly FunctionRow[] = jsonFunctions.map(({ row }) => row);

/**
 * Returns a table with functions that read no more of a JSON text than is looked at of what a call gives; `selectionOf` is asked
 * at each call, by the name of {@link keyOfJsonCall}.
 */
export function withJsonSelections(
  table: FunctionTable,
  selectionOf: (call: string) => JsonSelection,
): FunctionTable {
  const selective = jsonFunctions.map(({ row, parse }): FunctionRow => {
    const bodyOfCall = (parameters: readonly Ast[]): FunctionBody => {
      const call = keyOfJsonCall(row.name, parameters) ?? "";
      return bodyOf(parse, () => selectionOf(call));
    };
    return { ...row, bodyOfCall };
  });
  return createFunctionTable([...table.values(), ...selective]);
}

function jsonFunction(
  name: string,
  parse: ParseJson,
): { readonly row: FunctionRow; readonly parse: ParseJson } {
  const row: FunctionRow = {
    name,
    parameters: [{ types: ["string"] }],
    bytesPerCharacter: BYTES_PER_CHARACTER,
    body: bodyOf(parse, () => wholeJson),
  };
  return { row, parse };
}

function bodyOf(parse: ParseJson, select: () => JsonSelection): FunctionBody {
  return ([argument], budget) => {
    const text = stringArgument(argument);
    const steps = Math.ceil(text.length * STEPS_PER_CHARACTER);
    return spend(budget, steps) ?? parse(text, budget.limits.maxDepth, select());
  };
}
