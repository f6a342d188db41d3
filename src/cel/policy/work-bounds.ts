import type { Checked } from "../check/checked.ts";
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
export function isBounded(root: CelNode, { calls }: Pick<Checked, "calls">): boolean {
  const isBoundedWithin = (node: CelNode, isInLoop: boolean): boolean => {
    if (growing.has(calls.get(node)?.name ?? "")) return false;
    const isLoop = node.kind === "loop";
    if (isLoop && (isInLoop || !isWritten(node.range))) return false;
    return childrenOf(node).every((child) => isBoundedWithin(child, isInLoop || isLoop));
  };
  return isBoundedWithin(root, false);
}

/** A list that the policy spells out is as long for every request. */
function isWritten({ kind }: CelNode): boolean {
  return kind === "list" || kind === "map";
}
