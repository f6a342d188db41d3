import type { CelNode } from "../syntax/ast.ts";
import { childrenOf } from "../syntax/children.ts";

/** Functions whose work or result may grow faster than what they are given. */
const growing: ReadonlySet<string> = new Set([
  "distinct",
  "findAll",
  "flatten",
  "format",
  "join",
  "lists.range",
  "replace",
  "sets.contains",
  "sets.equivalent",
  "sets.intersects",
  "sort",
  "sortBy",
]);

/**
 * Returns whether the work of an expression has a bound linear in the size of the request: it goes through nothing that the
 * request makes longer, and calls nothing that multiplies what it is given.
 */
export function isBounded(node: CelNode): boolean {
  return isBoundedWithin(node, false);
}

function isBoundedWithin(node: CelNode, isInLoop: boolean): boolean {
  if (node.kind === "call" && growing.has(node.name)) return false;
  if (node.kind !== "loop") {
    return childrenOf(node).every((child) => isBoundedWithin(child, isInLoop));
  }
  // A list that the policy spells out is as long for every request.
  const isWritten = node.range.kind === "list" || node.range.kind === "map";
  if (isInLoop || !isWritten) return false;
  return childrenOf(node).every((child) => isBoundedWithin(child, true));
}
