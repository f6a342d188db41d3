import type { Value } from "../../go-values/value.ts";

/** What every node has. */
interface Node {
  /** Where it starts in the text (infix nodes: where the operator stands), 0-based in UTF-16 units. */
  readonly offset: number;
  /** How many levels it nests, itself included. */
  readonly height: number;
  /** How many nodes it is made of: the most steps one evaluation takes, loops aside. */
  readonly size: number;
}

/** A parsed expression; grammar and names as in the Go library. Chains of one operator are one node. */
export type Ast =
  | CurrentNode
  | FieldNode
  | LiteralNode
  | VariableNode
  | ChainNode<"path">
  | ChainNode<"pipe">
  | ChainNode<"or">
  | ChainNode<"and">
  | IndexNode
  | SliceNode
  | ProjectionNode<"elements">
  | ProjectionNode<"values">
  | FilterNode
  | FlattenNode
  | ListNode
  | HashNode
  | ComparisonNode
  | ArithmeticNode
  | UnaryNode
  | NotNode
  | LetNode
  | AssignmentNode
  | CallNode
  | ReferenceNode;

/** `@`, and the missing left side of a projection. */
interface CurrentNode extends Node {
  readonly kind: "current";
}

/** `name`, `"name"`. */
export interface FieldNode extends Node {
  readonly kind: "field";
  readonly name: string;
}

/** `'text'`, a JSON literal, and `$`: no root document is ever given, so that is null. */
interface LiteralNode extends Node {
  readonly kind: "literal";
  readonly value: Value;
}

/** `$name`; the name is without `$`. */
export interface VariableNode extends Node {
  readonly kind: "variable";
  readonly name: string;
}

/**
 * Steps taken one after the other: `path` is `a.b[0]` (ends at the first null), `pipe` is `a | b`, `or` and `and`
 * end at the first step that decides.
 */
export interface ChainNode<Kind extends "path" | "pipe" | "or" | "and"> extends Node {
  readonly kind: Kind;
  readonly steps: readonly Ast[];
  /** How many of them stand left of the operator that was parsed last. */
  readonly split: number;
}

/** `[n]` of the current value. */
export interface IndexNode extends Node {
  readonly kind: "index";
  readonly index: number;
}

/** `[start:stop:step]` of the current value; undefined where left out. */
export interface SliceNode extends Node {
  readonly kind: "slice";
  readonly start: number | undefined;
  readonly stop: number | undefined;
  readonly step: number | undefined;
}

/** The right side applied to all elements of the left: `[*]`, `[]` (over a flatten node), slices; or values: `.*`. */
export interface ProjectionNode<Kind extends "elements" | "values"> extends Node {
  readonly kind: Kind;
  readonly left: Ast;
  readonly right: Ast;
  /** The left side ends in a slice: a string is then the result as it is, and the right side is ignored. */
  readonly isSliced: boolean;
}

/** `left[?condition]right`. */
export interface FilterNode extends Node {
  readonly kind: "filter";
  readonly left: Ast;
  readonly condition: Ast;
  readonly right: Ast;
}

/** The left side's elements with one level of nesting removed; always the left side of a projection. */
export interface FlattenNode extends Node {
  readonly kind: "flatten";
  readonly left: Ast;
}

/** `[a, b]`. */
interface ListNode extends Node {
  readonly kind: "list";
  readonly items: readonly Ast[];
}

/** `{a: b}`; of two equal keys the later counts. */
interface HashNode extends Node {
  readonly kind: "hash";
  readonly entries: readonly { readonly key: string; readonly value: Ast }[];
}

/** `left == right` and the like. */
export interface ComparisonNode extends Node {
  readonly kind: "comparison";
  readonly operator: "EQ" | "NE" | "LT" | "LTE" | "GT" | "GTE";
  readonly left: Ast;
  readonly right: Ast;
}

/** `left + right` and the like. */
export interface ArithmeticNode extends Node {
  readonly kind: "arithmetic";
  readonly operator: "Plus" | "Minus" | "Multiply" | "Divide" | "Div" | "Modulo";
  readonly left: Ast;
  readonly right: Ast;
}

/** `-a`, `+a`. */
export interface UnaryNode extends Node {
  readonly kind: "unary";
  readonly isNegative: boolean;
  readonly operand: Ast;
}

/** `!a`. */
interface NotNode extends Node {
  readonly kind: "not";
  readonly operand: Ast;
}

/** `let … in body`; what its items bind, whatever they are, says `let-item.ts`. */
export interface LetNode extends Node {
  readonly kind: "let";
  readonly items: readonly Ast[];
  readonly body: Ast;
}

/** `left = right`: evaluates only as an item of `let`. */
interface AssignmentNode extends Node {
  readonly kind: "assignment";
  readonly left: Ast;
  readonly right: Ast;
}

/** `name(a, b)`. */
export interface CallNode extends Node {
  readonly kind: "call";
  readonly name: string;
  readonly parameters: readonly Ast[];
}

/** `&body`. */
export interface ReferenceNode extends Node {
  readonly kind: "reference";
  readonly body: Ast;
}

/** Returns the height and size of a node with these children. */
export function measure(children: readonly Ast[]): { height: number; size: number } {
  let height = 0;
  let size = 1;
  for (const child of children) {
    height = Math.max(height, child.height);
    size += child.size;
  }
  return { height: height + 1, size };
}
