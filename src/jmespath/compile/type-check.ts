import { formatGoValue } from "../../go-values/go-format.ts";
import { isPlainArray, isPlainObject } from "../../go-values/semantics.ts";
import { ExpressionReference, ItemsArray, type Value } from "../../go-values/value.ts";
import type { Budget } from "../../model/budget.ts";
import { maskText } from "../../model/client-texts.ts";
import { EvaluationError } from "../../model/evaluation-error.ts";
import { charge, limitError, spend } from "../../model/step-limit.ts";
import type { Parameter, ParameterType } from "../functions/function-table.ts";

/** Checks one argument: undefined when its type fits, else the error. */
export type TypeCheck = (value: Value, budget: Budget) => EvaluationError | undefined;

/** Whether a value is of the parameter type; a Go int is no number, and an `items()` array no `array[…]`. */
const typeGuards: { readonly [Type in ParameterType]: (value: Value) => boolean } = {
  number: (value) => typeof value === "number",
  string: (value) => typeof value === "string",
  array: (value) => isPlainArray(value) || value instanceof ItemsArray,
  object: isPlainObject,
  "array[array]": isPlainArray,
  "array[number]": (value) => isPlainArray(value) && value.every(isNumber),
  "array[string]": (value) => isPlainArray(value) && value.every(isString),
  expref: (value) => value instanceof ExpressionReference,
  any: () => true,
};

/** Returns the check that the parameter asks for; an undeclared one takes anything. */
export function compileTypeCheck(parameter: Parameter | undefined): TypeCheck {
  if (parameter === undefined || parameter.types.includes("any")) return () => undefined;
  const list = parameter.types.map((type) => `"${type}"`).join(", ");
  const expected = `expected: []functions.JpType{${list}}`;
  const masked = `invalid type for: ${maskText}, ${expected}`;
  const fail = (value: Value, budget: Budget): EvaluationError => {
    // A projection can swallow this error and come back for more: long texts are paid for.
    const text = formatGoValue(value, budget.limits.maxStringBytes, budget);
    if (budget.stepsLeft < 0) return limitError(budget);
    return (
      spend(budget, text.length >> 3) ??
      new EvaluationError("EVALUATION_TYPE", `invalid type for: ${text}, ${expected}`, masked)
    );
  };
  const guards = parameter.types.map((type) => typeGuards[type]);
  const [first] = guards;
  const looksInside = parameter.types.some((type) => type.startsWith("array["));
  if (first !== undefined && guards.length === 1 && !looksInside) {
    return (value, budget) => (first(value) ? undefined : fail(value, budget));
  }
  return (value, budget) => {
    const refusal =
      looksInside && Array.isArray(value) ? charge(budget, value.length * 4) : undefined;
    if (refusal !== undefined) return refusal;
    for (const guard of guards) if (guard(value)) return undefined;
    return fail(value, budget);
  };
}

function isNumber(value: Value): boolean {
  return typeof value === "number";
}

function isString(value: Value): boolean {
  return typeof value === "string";
}
