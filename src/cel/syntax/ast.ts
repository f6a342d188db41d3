/**
 * The tree of a CEL expression. Macros are nodes of their own rather than the comprehensions that the language definition
 * expands them to: the checker types them and the compiler runs them as loops.
 *
 * `at` is the offset in the text where a fault of the node is reported: of an operator where it stands, of a call at its
 * name, of anything else at its beginning.
 */
export type CelNode =
  | LiteralNode
  | IdentifierNode
  | SelectNode
  | CallNode
  | ConditionalNode
  | LogicalNode
  | ListNode
  | MapNode
  | MessageNode
  | LoopNode
  | BindNode
  | OptionalMapNode;

/** A constant. Ints are bigints, doubles numbers; `uint` distinguishes unsigned integers. */
export interface LiteralNode {
  readonly kind: "literal";
  readonly value: null | boolean | bigint | number | string | Uint8Array;
  readonly isUint: boolean;
  readonly at: number;
}

/** A variable, a type's name or the first part of a qualified name. */
export interface IdentifierNode {
  readonly kind: "identifier";
  readonly name: string;
  readonly at: number;
}

/** `operand.field`, `operand.?field`, or with `isTest` `has(operand.field)`. */
export interface SelectNode {
  readonly kind: "select";
  readonly operand: CelNode;
  readonly field: string;
  readonly isOptional: boolean;
  readonly isTest: boolean;
  readonly at: number;
}

/** A call of a function, a method (`target`) or an operator (named as in the language definition: `_+_`, `_[_]`, `@in`). */
export interface CallNode {
  readonly kind: "call";
  readonly name: string;
  readonly target: CelNode | undefined;
  readonly args: readonly CelNode[];
  readonly at: number;
}

/** `condition ? whenTrue : otherwise`. */
export interface ConditionalNode {
  readonly kind: "conditional";
  readonly condition: CelNode;
  readonly whenTrue: CelNode;
  readonly otherwise: CelNode;
  readonly at: number;
}

/** `a && b && c` or `a || b || c`, all operands of one operator in a row. */
export interface LogicalNode {
  readonly kind: "logical";
  readonly operator: "&&" | "||";
  readonly operands: readonly CelNode[];
  readonly at: number;
}

/** `[a, ?b]`. */
export interface ListNode {
  readonly kind: "list";
  readonly elements: readonly { readonly value: CelNode; readonly isOptional: boolean }[];
  readonly at: number;
}

/** `{k: v, ?k: v}`. */
export interface MapNode {
  readonly kind: "map";
  readonly entries: readonly {
    readonly key: CelNode;
    readonly value: CelNode;
    readonly isOptional: boolean;
  }[];
  readonly at: number;
}

/** `Type{field: value, ?field: value}`. */
export interface MessageNode {
  readonly kind: "message";
  readonly typeName: string;
  readonly fields: readonly {
    readonly name: string;
    readonly value: CelNode;
    readonly isOptional: boolean;
    readonly at: number;
  }[];
  readonly at: number;
}

/** `range.all(x, e)`, `exists`, `exists_one`, `filter` (predicate) and `map` (transform, with three arguments also a predicate). */
export interface LoopNode {
  readonly kind: "loop";
  readonly macro: "all" | "exists" | "existsOne" | "filter" | "map";
  readonly range: CelNode;
  readonly variable: string;
  readonly predicate: CelNode | undefined;
  readonly transform: CelNode | undefined;
  readonly at: number;
}

/** `cel.bind(variable, init, body)`: `init` is evaluated when the variable is first read. */
export interface BindNode {
  readonly kind: "bind";
  readonly variable: string;
  readonly init: CelNode;
  readonly body: CelNode;
  readonly at: number;
}

/** `operand.optMap(variable, body)`, or `optFlatMap`, whose body gives an optional itself. */
export interface OptionalMapNode {
  readonly kind: "optionalMap";
  readonly isFlat: boolean;
  readonly operand: CelNode;
  readonly variable: string;
  readonly body: CelNode;
  readonly at: number;
}
