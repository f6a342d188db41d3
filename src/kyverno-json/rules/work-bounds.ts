import {
  constantExtent,
  type Extent,
  extentOf,
  scalarExtent,
  type WorkSite,
  wholeExtent,
} from "../../jmespath/compile/work-bound.ts";
import { astOf } from "../../jmespath/syntax/parsed-expression.ts";
import { isTreeBounded, type TreeBounds } from "../assertion/tree-bound.ts";
import { workOfFunction } from "../functions/function-work.ts";
import {
  type ParsedContextEntry,
  type ParsedRule,
  textExpressionsOf,
  treesOf,
} from "./parse-rule.ts";

/** The policy and the rule themselves, which no request makes larger, and which are not small. */
const documentExtent: Extent = { level: Number.POSITIVE_INFINITY, factor: 65_536 };

const bounds: TreeBounds = {
  extentOfExpression: (expression, current, at) => {
    const ast = astOf(expression);
    // A text that is no expression is an error at once.
    return ast === undefined ? scalarExtent : extentOf(ast, current, at);
  },
};

/** Returns whether the work of a rule has a bound linear in the size of the payload. */
export function isRuleBounded(rule: ParsedRule): boolean {
  const variables = new Map([
    ["payload", wholeExtent],
    ["policy", documentExtent],
    ["rule", documentExtent],
  ]);
  for (const entry of rule.context) {
    const extent = extentOfEntry(entry, { ...site, variables });
    if (extent === undefined) return false;
    variables.set(entry.name, extent);
  }
  const at: WorkSite = { ...site, variables };
  return (
    treesOf(rule).every((tree) => isTreeBounded(tree, wholeExtent, at, bounds)) &&
    textExpressionsOf(rule).every(
      (expression) => bounds.extentOfExpression(expression, wholeExtent, at) !== undefined,
    )
  );
}

const site: WorkSite = { workOf: workOfFunction, variables: new Map(), depth: 0 };

function extentOfEntry({ variable, key }: ParsedContextEntry, at: WorkSite): Extent | undefined {
  if (key?.expression === undefined) return constantExtent(variable);
  return bounds.extentOfExpression(key.expression, wholeExtent, at);
}
