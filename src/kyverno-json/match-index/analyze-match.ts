import type { FunctionTable } from "../../jmespath/functions/function-table.ts";
import { astOf } from "../../jmespath/syntax/parsed-expression.ts";
import type { EvaluationLimits } from "../../model/limits.ts";
import type { MapEntry, TreeKey, TreeNode } from "../assertion/tree-node.ts";
import type { ParsedMatch, ParsedRule } from "../rules/parse-rule.ts";
import type { ExpressionCompiler } from "../rules/shared-expressions.ts";
import { analyzeSource, analyzeTruth, type Standpoint } from "./analyze-expression.ts";
import {
  allOf,
  anyKind,
  type Condition,
  Kind,
  oneOf,
  type Scalar,
  testing,
  unknown,
} from "./match-condition.ts";
import { type Source, SourceTable } from "./match-source.ts";

/** Finds out under which conditions rules apply. */
export type MatchAnalyzer = (rule: ParsedRule) => Condition | undefined;

/** Creates an analyzer for the rules of one policy set: equal questions of different rules have one source. */
export function createMatchAnalyzer(
  functions: FunctionTable,
  limits: EvaluationLimits,
  compileExpression: ExpressionCompiler,
): MatchAnalyzer {
  const sources = new SourceTable(functions, limits, compileExpression);
  const start = { sources, functions, limits, place: sources.payload };
  return (rule) =>
    rule.match && analyzeBlock(rule.match, { ...start, variables: bindContext(rule, start) });
}

/** The variables of a rule that hold what the payload alone decides. An entry hides earlier ones of its name. */
function bindContext(
  rule: ParsedRule,
  start: Omit<Standpoint, "variables">,
): ReadonlyMap<string, Source> {
  const variables = new Map([["payload", start.place]]);
  for (const { name, key } of rule.context) {
    const source = key && analyzeVariable(key, { ...start, variables });
    if (source === undefined) variables.delete(name);
    else variables.set(name, source);
  }
  return variables;
}

function analyzeVariable(key: TreeKey, at: Standpoint): Source | undefined {
  const { expression } = key;
  if (expression === undefined || key.isForeach || key.bindingName !== undefined) return undefined;
  const ast = astOf(expression);
  return ast && analyzeSource(ast, at, expression);
}

/** A block without trees errs, as does much else: nothing is known of it. */
function analyzeBlock({ any, all }: ParsedMatch, at: Standpoint): Condition | undefined {
  if (any.length === 0 && all.length === 0) return undefined;
  const some = analyzeTrees(any, at);
  const every = analyzeTrees(all, at);
  if (some === undefined || every === undefined) return undefined;
  return allOf(any.length === 0 ? every : [...every, oneOf(some)]);
}

function analyzeTrees(trees: readonly TreeNode[], at: Standpoint): Condition[] | undefined {
  return analyzeEach(trees, (tree) => analyzeTree(tree, at));
}

function analyzeTree(tree: TreeNode, at: Standpoint): Condition | undefined {
  switch (tree.kind) {
    case "map": {
      const conditions = analyzeEach(tree.entries, (entry) => analyzeEntry(entry, at));
      return conditions && allOf(conditions);
    }
    case "literal":
      return testing(at.place, kindsBeside(tree.value), "equal", tree.value);
    case "expression":
    case "list":
    case "too-deep":
      return undefined;
  }
}

/** The conditions of all; undefined as soon as nothing is known of one. */
function analyzeEach<Item>(
  items: readonly Item[],
  analyze: (item: Item) => Condition | undefined,
): Condition[] | undefined {
  const conditions: Condition[] = [];
  for (const item of items) {
    const condition = analyze(item);
    if (condition === undefined) return undefined;
    conditions.push(condition);
  }
  return conditions;
}

/** A key, and what stands below it. */
function analyzeEntry({ text, key, child }: MapEntry, at: Standpoint): Condition | undefined {
  if (key?.isForeach === true) return undefined;
  const variables = variablesBelow(key, at.variables);
  if (key?.expression === undefined) {
    const place = at.sources.field(at.place, key?.statement ?? text);
    return analyzeTree(child, { ...at, variables, place });
  }
  const ast = astOf(key.expression);
  if (ast === undefined) return undefined;
  if (child.kind === "literal" && typeof child.value === "boolean") {
    const truth = analyzeTruth(ast, at);
    if (truth !== undefined) return child.value ? truth : unknown(truth.guards);
  }
  const place = analyzeSource(ast, at, key.expression);
  const below = place && analyzeTree(child, { ...at, variables, place });
  return below && allOf([unknown([{ source: place, kinds: anyKind }]), below]);
}

/** A variable bound by a key hides those of its name. */
function variablesBelow(
  key: TreeKey | undefined,
  variables: ReadonlyMap<string, Source>,
): ReadonlyMap<string, Source> {
  const name = key?.bindingName;
  if (name === undefined || !variables.has(name)) return variables;
  return new Map([...variables].filter(([other]) => other !== name));
}

/** The kinds of values that can be compared with the scalar. */
function kindsBeside(scalar: Scalar): number {
  if (scalar === null) return anyKind;
  if (typeof scalar === "string") return Kind.null | Kind.string;
  return Kind.null | (typeof scalar === "number" ? Kind.number : Kind.boolean);
}
