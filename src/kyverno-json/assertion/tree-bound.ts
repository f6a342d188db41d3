import {
  compare,
  constantExtent,
  type Extent,
  enterLoop,
  readable,
  scalarExtent,
  type WorkSite,
} from "../../jmespath/compile/work-bound.ts";
import type { JsonValue } from "../../model/json.ts";
import { type KeyExpression, parseKey } from "./parse-key.ts";

/** What judging the work of trees needs from outside. */
export interface TreeBounds {
  /** Returns the extent of the expression's result; undefined where its work has no bound. */
  readonly extentOfStatement: (
    statement: string,
    current: Extent,
    site: WorkSite,
  ) => Extent | undefined;
  /** How deep trees are evaluated. */
  readonly maxDepth: number;
}

/** Returns whether holding a value of that extent against the tree has a bound linear in the size of the payload. */
export function isTreeBounded(
  tree: JsonValue,
  value: Extent,
  site: WorkSite,
  bounds: TreeBounds,
  depth: number = 1,
): boolean {
  if (depth > bounds.maxDepth) return true;
  if (typeof tree !== "object" || tree === null) return isLeafBounded(tree, value, site, bounds);
  if (Array.isArray(tree)) {
    return tree.every((item) => isTreeBounded(item, value, site, bounds, depth + 1));
  }
  return Object.entries(tree).every(([key, child]) =>
    isEntryBounded(key, child, value, site, bounds, depth),
  );
}

function isLeafBounded(
  leaf: JsonValue,
  value: Extent,
  site: WorkSite,
  bounds: TreeBounds,
): boolean {
  const key = typeof leaf === "string" ? parseKey(leaf) : undefined;
  const expected =
    key?.isExpression === true
      ? bounds.extentOfStatement(key.statement, value, site)
      : constantExtent(leaf);
  return expected !== undefined && compare([expected, value], site) !== undefined;
}

function isEntryBounded(
  text: string,
  child: JsonValue,
  value: Extent,
  site: WorkSite,
  bounds: TreeBounds,
  depth: number,
): boolean {
  const key = parseKey(text);
  const result =
    key?.isExpression === true ? bounds.extentOfStatement(key.statement, value, site) : value;
  if (result === undefined) return false;
  const inner = bindKey(key, result, site);
  if (key?.isForeach !== true) return isTreeBounded(child, result, inner, bounds, depth + 1);
  if (readable(result, inner) === undefined) return false;
  const [element, inside] = enterLoop(result, inner);
  return isTreeBounded(child, element, inside, bounds, depth + 1);
}

function bindKey(key: KeyExpression | undefined, result: Extent, site: WorkSite): WorkSite {
  const { bindingName, indexName } = key ?? {};
  if (bindingName === undefined && indexName === undefined) return site;
  const variables = new Map(site.variables);
  if (bindingName !== undefined) variables.set(bindingName, result);
  if (indexName !== undefined) variables.set(indexName, scalarExtent);
  return { ...site, variables };
}
