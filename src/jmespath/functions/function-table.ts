import type { Result, Value } from "../../go-values/value.ts";
import type { Budget } from "../../model/budget.ts";
import type { EvaluationLimits } from "../../model/limits.ts";
import type { Ast } from "../syntax/ast.ts";

/**
 * The type of an argument; the names are the ones the Go engine prints. `number` is a double only (a Go int is
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
  /**
   * What a character of a text among the arguments costs, in bytes: 1 unless given, which is one pass by a built-in of the
   * engine, a nanosecond. Charged before the body runs, which charges for all else that it reads and builds itself.
   */
  readonly bytesPerCharacter?: number;
  /**
   * What a call can do beforehand whose arguments are known in part: undefined stands for one that only a request decides.
   * The arguments' types are not checked yet.
   */
  readonly prepare?: (
    constants: readonly (Value | undefined)[],
    limits: EvaluationLimits,
  ) => PreparedCall | undefined;
  /**
   * Makes a pattern ready that stands somewhere in a policy which calls the function with patterns that only a request
   * picks: from a list, say.
   */
  readonly expect?: (pattern: string, limits: EvaluationLimits) => void;
  /** The body for a call with these arguments as they are written, where that makes a difference. */
  readonly bodyOfCall?: (parameters: readonly Ast[]) => FunctionBody;
  /** Two calls with equal arguments may differ within a request: the clock or chance is asked. */
  readonly isVolatile?: boolean;
  /** What it gives may change from one request to the next, though not within one: it is never asked beforehand. */
  readonly dependsOnTime?: boolean;
}

/** A call that has done part of its work beforehand. */
interface PreparedCall {
  /** Takes all arguments, those that are known too. */
  readonly body: FunctionBody;
  /** Whether a constant is refused, so that the call can only err. */
  readonly isFaulty?: boolean;
}

/** The body of a function, for arguments whose number and types have been checked. */
export type FunctionBody = (args: readonly Value[], budget: Budget) => Result;

/** All functions by name. A Map: no name can reach a prototype. */
export type FunctionTable = ReadonlyMap<string, FunctionRow>;

/** Returns a table in which a later row of the same name replaces an earlier one. */
export function createFunctionTable(rows: readonly FunctionRow[]): FunctionTable {
  return new Map(rows.map((row) => [row.name, row]));
}
