import type { EvaluationError } from "../model/evaluation-error.ts";

/**
 * The values expressions work on: JSON, and the few Go types besides it that policies can tell apart.
 *
 * Strings stand for Go's byte strings: a byte that is not valid UTF-8 (only `base64_decode` makes such) is kept as
 * the lone low surrogate U+DC80 + (byte − 0x80), so that bytes survive and the rest stays ordinary text.
 */
export type Value =
  | null
  | boolean
  | number
  | string
  | ValueArray
  | ValueObject
  | GoInt
  | ItemsArray
  | GoStruct
  | ExpressionReference;

/** A plain array (Go `[]any`). */
export type ValueArray = readonly Value[];

/** A plain object (Go `map[string]any`); read own properties only. */
export interface ValueObject {
  readonly [key: string]: Value;
}

/** What an evaluation gives. */
export type Result = Value | EvaluationError;

/** A Go `int`, a type of its own beside number: from `~name.` over an array and from `compare()`. */
export class GoInt {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** The typed array that `items()` makes (Go `[]map[string]any`): indexable, but no plain array for functions. */
export class ItemsArray {
  readonly items: readonly ValueObject[];

  constructor(items: readonly ValueObject[]) {
    this.items = items;
  }
}

/** A Go struct, typed map or named type, as `$policy` and `$rule` hold them; `policy/` derives from it. */
export abstract class GoStruct {
  /** The Go type's name as `%T` prints it. */
  abstract readonly typeName: string;
  /** The value of the field that an expression calls `name`, or null. */
  abstract field(name: string): Value;
  /** Its JSON form, as `to_string` prints it. */
  abstract toJson(): Value;
}

/** `&expression` as a function's argument: the expression with the scope it was written in. */
export class ExpressionReference {
  readonly evaluate: (value: Value) => Result;

  constructor(evaluate: (value: Value) => Result) {
    this.evaluate = evaluate;
  }
}
