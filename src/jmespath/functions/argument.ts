import { elementsOf, isPlainArray, isPlainObject } from "../../go-values/semantics.ts";
import {
  ExpressionReference,
  type Value,
  type ValueArray,
  type ValueObject,
} from "../../go-values/value.ts";
import { EvaluationError } from "../../model/evaluation-error.ts";

/**
 * The arguments of a function, whose types have been checked before: what is given for another type is never seen.
 */

/** Returns the string at that place; empty when left out. */
export function stringAt(args: readonly Value[], index: number): string {
  const value = args[index];
  return typeof value === "string" ? value : "";
}

/** Returns the number at that place; NaN when left out. */
export function numberAt(args: readonly Value[], index: number): number {
  const value = args[index];
  return typeof value === "number" ? value : Number.NaN;
}

/** Returns the numbers in the array at that place. */
export function numbersAt(args: readonly Value[], index: number): readonly number[] {
  return elementsAt(args, index).filter((value) => typeof value === "number");
}

/** Returns the strings in the array at that place. */
export function stringsAt(args: readonly Value[], index: number): readonly string[] {
  return elementsAt(args, index).filter((value) => typeof value === "string");
}

/** Returns the object at that place. */
export function objectAt(args: readonly Value[], index: number): ValueObject {
  const value = args[index] ?? null;
  return isPlainObject(value) ? value : {};
}

/** Returns the elements of the array at that place; the Go function crashes on the typed array of `items()`. */
export function plainArrayAt(args: readonly Value[], index: number): ValueArray | EvaluationError {
  const value = args[index] ?? null;
  if (isPlainArray(value)) return value;
  return new EvaluationError(
    "EVALUATION_PANIC",
    "interface conversion: interface {} is []map[string]interface {}, not []interface {}",
  );
}

/** Returns the expression reference at that place, as a function of a value. */
export function referenceAt(
  args: readonly Value[],
  index: number,
): ExpressionReference["evaluate"] {
  const value = args[index];
  return value instanceof ExpressionReference ? value.evaluate : () => null;
}

function elementsAt(args: readonly Value[], index: number): ValueArray {
  return elementsOf(args[index] ?? null) ?? [];
}
