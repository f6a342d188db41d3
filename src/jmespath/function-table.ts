import type { Budget } from "./scope.ts";
import type { Result, Value } from "./value.ts";

/**
 * What an argument may be; the names are the ones the Go engine prints. `number` is a double only (a Go int is
 * refused), `array` any array (also that of `items()`), `array[array]` any plain array.
 */
export type ParameterType =
  | "number"
  | "string"
  | "array"
  | "object"
  | "array[array]"
  | "array[number]"
  | "array[string]"
  | "expref"
  | "any";

/** One parameter: the types it takes, whether it may be left out, whether it may repeat (the last one only). */
export interface Parameter {
  readonly types: readonly ParameterType[];
  readonly optional?: boolean;
  readonly variadic?: boolean;
}

/** One function: a row of the table. Arity and types are checked before the body runs. */
export interface FunctionRow {
  readonly name: string;
  /** No parameters declared means that anything is taken, unchecked (`time_now`). */
  readonly parameters: readonly Parameter[];
  readonly body: FunctionBody;
  /** A body for calls whose last argument is this literal, for a function that can do part of its work beforehand. */
  readonly bodyFor?: (last: Value) => FunctionBody;
  /** Two calls with equal arguments may differ within a request: the clock or chance is asked. */
  readonly isVolatile?: boolean;
  /** What it gives may change from one request to the next, though not within one: it is never asked beforehand. */
  readonly dependsOnTime?: boolean;
}

/** What a function does with arguments whose number and types have been checked. */
export type FunctionBody = (args: readonly Value[], budget: Budget) => Result;

/** All functions by name. A Map: no name can reach a prototype. */
export type FunctionTable = ReadonlyMap<string, FunctionRow>;

/** A table in which a later row of the same name replaces an earlier one. */
export function createFunctionTable(rows: readonly FunctionRow[]): FunctionTable {
  return new Map(rows.map((row) => [row.name, row]));
}
