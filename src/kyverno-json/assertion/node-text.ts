import { memberAt, type Whereabouts } from "../../jmespath/compile/expression-reads.ts";
import { maskExpression } from "../../jmespath/syntax/mask-expression.ts";
import { type ClientTexts, maskText } from "../../model/client-texts.ts";
import type { MapEntry, TreeKey } from "./tree-node.ts";

/** The texts in which clients are told of a node of a tree. */
export interface NodeText {
  /** The path's text since the last `~` key. */
  readonly path: string;
  /** Whether the value found there may be shown. */
  readonly showsValue: boolean;
  readonly showsExpected: boolean;
}

/**
 * Returns how clients are told of the node with that path whose values stand at `at` in the payload: they see a value
 * only where it was read straight from `request.http`, and never what is expected of it.
 */
export function describeNode(path: string, at: Whereabouts, texts: ClientTexts): NodeText {
  const isOriginal = texts === "original";
  return { path, showsValue: isOriginal || isOfRequest(at), showsExpected: isOriginal };
}

/**
 * Returns where the elements count as standing of a value that stands at `at`: where it does in `request.http`, and
 * nowhere else, since the names that lead on from an element are none of the payload's.
 */
export function elementsAt(at: Whereabouts): Whereabouts {
  return isOfRequest(at) ? at : undefined;
}

function isOfRequest(at: Whereabouts): boolean {
  return at !== undefined && !("call" in at) && at[0] === "request" && at[1] === "http";
}

/** Returns where the values stand that are reached from `at` by the names; undefined where either is unknown. */
export function followNames(at: Whereabouts, names: readonly string[] | undefined): Whereabouts {
  return names?.reduce<Whereabouts>(memberAt, at);
}

/**
 * Returns the text by which a key extends a path, an empty one an index without a number. Unless texts are the
 * original's, literals are masked, and a key that holds quotes or parentheses without being an expression is masked
 * whole: it was meant to be one.
 */
export function pathOfKey(
  { text, key }: Pick<MapEntry, "text" | "key">,
  texts: ClientTexts,
): string {
  if (text === "") return "[]";
  return `.${texts === "original" ? text : maskKey(text, key)}`;
}

function maskKey(text: string, key: TreeKey | undefined): string {
  if (text.includes("\n")) return maskText;
  if (key?.expression === undefined) return /['"`()]/.test(text) ? maskText : text;
  const { offset, expression } = key;
  const behind = text.slice(offset + expression.text.length);
  return `${text.slice(0, offset)}${maskExpression(expression)}${behind}`;
}
