import {
  compare,
  constantExtent,
  type Extent,
  enterLoop,
  readable,
  scalarExtent,
  type WorkSite,
} from "../../jmespath/compile/work-bound.ts";
import type { ParsedExpression } from "../../jmespath/syntax/parsed-expression.ts";
import type { MapEntry, TreeKey, TreeNode } from "./tree-node.ts";

/** The knowledge that judging the work of trees takes from outside. */
export interface TreeBounds {
  /** Returns the extent of the expression's result; undefined where its work has no bound. */
  readonly extentOfExpression: (
    expression: ParsedExpression,
    current: Extent,
    site: WorkSite,
  ) => Extent | undefined;
}

/** Returns whether matching a value of that extent with the tree has a bound linear in the size of the payload. */
export function isTreeBounded(
  tree: TreeNode,
  value: Extent,
  site: WorkSite,
  bounds: TreeBounds,
): boolean {
  switch (tree.kind) {
    case "too-deep":
      return true;
    case "literal":
      return compare([constantExtent(tree.value), value], site) !== undefined;
    case "expression": {
      const expected = bounds.extentOfExpression(tree.expression, value, site);
      return expected !== undefined && compare([expected, value], site) !== undefined;
    }
    case "list":
      return tree.items.every((item) => isTreeBounded(item, value, site, bounds));
    case "map":
      return tree.entries.every((entry) => isEntryBounded(entry, value, site, bounds));
  }
}

function isEntryBounded(
  { key, child }: MapEntry,
  value: Extent,
  site: WorkSite,
  bounds: TreeBounds,
): boolean {
  const result =
    key?.expression === undefined ? value : bounds.extentOfExpression(key.expression, value, site);
  if (result === undefined) return false;
  const inner = bindKey(key, result, site);
  if (key?.isForeach !== true) return isTreeBounded(child, result, inner, bounds);
  if (readable(result, inner) === undefined) return false;
  const [element, inside] = enterLoop(result, inner);
  return isTreeBounded(child, element, inside, bounds);
}

function bindKey(key: TreeKey | undefined, result: Extent, site: WorkSite): WorkSite {
  const { bindingName, indexName } = key ?? {};
  if (bindingName === undefined && indexName === undefined) return site;
  const variables = new Map(site.variables);
  if (bindingName !== undefined) variables.set(bindingName, result);
  if (indexName !== undefined) variables.set(indexName, scalarExtent);
  return { ...site, variables };
}
