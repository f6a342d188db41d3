import {
  constantExtent,
  type Extent,
  extentOf,
  scalarExtent,
  type WorkSite,
  wholeExtent,
} from "../../jmespath/compile/work-bound.ts";
import type { Ast } from "../../jmespath/syntax/ast.ts";
import { parseExpression } from "../../jmespath/syntax/parse-expression.ts";
import { ExpressionSyntaxError } from "../../jmespath/syntax/syntax-error.ts";
import type { EvaluationLimits } from "../../model/limits.ts";
import { parseKey } from "../assertion/parse-key.ts";
import { isTreeBounded, type TreeBounds } from "../assertion/tree-bound.ts";
import type { ContextEntry, RuleDocument } from "../document/document.ts";
import { workOfFunction } from "../functions/function-work.ts";
import { compileMessage } from "./message-template.ts";

/** Finds out whether the work of rules has a bound linear in the size of the payload. */
export type WorkJudge = (rule: RuleDocument) => boolean;

/** The policy and the rule themselves, which no request makes larger, and which are not small. */
const documentExtent: Extent = { level: Number.POSITIVE_INFINITY, factor: 65_536 };

/** A judge of the rules of one policy set. */
export function createWorkJudge(limits: EvaluationLimits): WorkJudge {
  const known = new Map<string, Ast | undefined>();
  const parse = (statement: string): Ast | undefined => {
    if (known.has(statement)) return known.get(statement);
    const ast = parseExpression(statement, limits.maxDepth);
    const parsed = ast instanceof ExpressionSyntaxError ? undefined : ast;
    known.set(statement, parsed);
    return parsed;
  };
  const bounds: TreeBounds = {
    maxDepth: limits.maxDepth,
    extentOfStatement: (statement, current, site) => {
      const ast = parse(statement);
      // What is no expression is an error at once.
      return ast === undefined ? scalarExtent : extentOf(ast, current, site);
    },
  };
  return (rule) => isRuleBounded(rule, bounds);
}

function isRuleBounded(rule: RuleDocument, bounds: TreeBounds): boolean {
  const { context, match, exclude, assert } = rule;
  const variables = new Map([
    ["payload", wholeExtent],
    ["policy", documentExtent],
    ["rule", documentExtent],
  ]);
  for (const entry of context) {
    const extent = extentOfEntry(entry, { ...site, variables }, bounds);
    if (extent === undefined) return false;
    variables.set(entry.name, extent);
  }
  const at: WorkSite = { ...site, variables };
  const isBounded = (statement: string): boolean =>
    bounds.extentOfStatement(statement, wholeExtent, at) !== undefined;
  const assertions = [...(assert.any ?? []), ...(assert.all ?? [])];
  const trees = [match, exclude].flatMap((block) => [...(block?.any ?? []), ...(block?.all ?? [])]);
  return (
    [...trees, ...assertions.map(({ check }) => check)].every((tree) =>
      isTreeBounded(tree, wholeExtent, at, bounds),
    ) && assertions.every(({ message = "" }) => statementsOf(message).every(isBounded))
  );
}

const site: WorkSite = { workOf: workOfFunction, variables: new Map(), depth: 0 };

function extentOfEntry(
  { variable = null }: ContextEntry,
  at: WorkSite,
  bounds: TreeBounds,
): Extent | undefined {
  const key = typeof variable === "string" ? parseKey(variable) : undefined;
  if (key?.isExpression !== true) return constantExtent(variable);
  return bounds.extentOfStatement(key.statement, wholeExtent, at);
}

function statementsOf(message: string): readonly string[] {
  const statements: string[] = [];
  compileMessage(message, "masked", (statement) => {
    statements.push(statement);
    return () => null;
  });
  return statements;
}
