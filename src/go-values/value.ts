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

/** The result of an evaluation. */
export type Result = Value | EvaluationError;

/** What all values that are not JSON have in common: one look tells them from plain objects. */
abstract class GoValue {
  /** Go's kind of the value, as type errors name it: `int`, `slice`, `struct`, … */
  abstract readonly kind: string;
}

/** Returns whether the value is one of the Go types beside JSON. */
export function isGoValue(
  value: Value,
): value is GoInt | ItemsArray | GoStruct | ExpressionReference {
  return value instanceof GoValue;
}

/** A Go `int`, a type of its own beside number: from `~name.` over an array and from `compare()`. */
export class GoInt extends GoValue {
  readonly value: number;

  constructor(value: number) {
    super();
    this.value = value;
  }

  /** `int`, or `int64` in a subclass. */
  get kind(): string {
    return "int";
  }
}

/**
 * A typed array, indexable but no plain array for functions: the one `items()` makes (Go `[]map[string]any`), and
 * the lists inside `$policy` and `$rule`.
 */
export class ItemsArray extends GoValue {
  readonly items: readonly Value[];
  /** The Go type's name as `%T` prints it. */
  readonly typeName: string;
  /** A nil list: as an empty one, but printed otherwise. */
  readonly isNil: boolean;

  constructor(
    items: readonly Value[],
    typeName: string = "[]map[string]interface {}",
    isNil: boolean = false,
  ) {
    super();
    this.items = items;
    this.typeName = typeName;
    this.isNil = isNil;
  }

  get kind(): string {
    return "slice";
  }
}

/** A Go struct, typed map or named type, as `$policy` and `$rule` hold them; `policy/` derives from it. */
export abstract class GoStruct extends GoValue {
  /** The Go type's name as `%T` prints it. */
  abstract readonly typeName: string;
  /** `struct`, or in a subclass `ptr`, `map`, `string`. */
  readonly kind: string = "struct";
  /** The value of the field that an expression calls `name`, or null. */
  abstract field(name: string): Value;
  /** Its JSON form; `to_string` prints {@link jsonText}, which keeps the order of the fields. */
  abstract toJson(): Value;
  /** Its JSON text as Go marshals it, or undefined where that is the plain text of {@link toJson}. */
  jsonText(): string | undefined {
    return undefined;
  }
  /** The same where Go reaches it by a pointer, or in a list of structs. */
  addressableText(): string | undefined {
    return this.jsonText();
  }
  /** What `%#v` prints. */
  goSyntax(): string {
    return `${this.typeName}{}`;
  }
  /** What `%v` prints. */
  goText(): string {
    return "{}";
  }
  /** What a field error shows for it: `%#v` unless the type has a text of its own; a pointer shows its target. */
  displayText(): string {
    return this.goSyntax();
  }
  /** What Go's `==` looks at, in order; undefined for a type that `==` cannot compare. */
  comparedParts(): readonly Value[] | undefined {
    return [];
  }
  /** What a typed map (kind `map`) holds; undefined for anything else. */
  members(): ValueObject | undefined {
    return undefined;
  }
}

/** `&expression` as a function's argument: the expression with the scope it was written in. */
export class ExpressionReference extends GoValue {
  readonly evaluate: (value: Value) => Result;

  constructor(evaluate: (value: Value) => Result) {
    super();
    this.evaluate = evaluate;
  }

  get kind(): string {
    return "func";
  }
}
