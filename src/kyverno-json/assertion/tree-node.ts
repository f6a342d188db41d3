import type { ParsedExpression } from "../../jmespath/syntax/parsed-expression.ts";
import type { KeyExpression } from "./parse-key.ts";

/**
 * A node of an assertion tree, parsed. The compiler, the payload reads, the work bounds and the match analysis are
 * visitors over it: none of them looks at the document's JSON again.
 */
export type TreeNode = LiteralNode | ExpressionNode | ListNode | MapNode | TooDeepNode;

/** A scalar that stands for itself. */
export interface LiteralNode {
  readonly kind: "literal";
  readonly value: null | boolean | number | string;
}

/** A string in parentheses: what it gives for the value is expected of the value. */
export interface ExpressionNode {
  readonly kind: "expression";
  /** The whole string, marks included. */
  readonly text: string;
  readonly key: TreeKey;
  readonly expression: ParsedExpression;
}

/** An array, whose items are matched one by one. */
export interface ListNode {
  readonly kind: "list";
  readonly items: readonly TreeNode[];
}

/** An object, whose keys project the value. */
export interface MapNode {
  readonly kind: "map";
  /** In the document's order. */
  readonly entries: readonly MapEntry[];
}

/** A node below the deepest level that is evaluated. */
interface TooDeepNode {
  readonly kind: "too-deep";
}

/** One key of an object and what stands below it. */
export interface MapEntry {
  /** The key as it stands in the document. */
  readonly text: string;
  /** Undefined for a key that is nothing but a name. */
  readonly key: TreeKey | undefined;
  readonly child: TreeNode;
}

/** A parsed key, leaf or context variable; `expression` is there if its statement is one. */
export interface TreeKey extends KeyExpression {
  readonly expression: ParsedExpression | undefined;
}
