import type { FunctionTable } from "../../jmespath/functions/function-table.ts";
import { parseExpression } from "../../jmespath/syntax/parse-expression.ts";
import { isEvaluationError } from "../../model/evaluation-error.ts";
import { isJsonObject, type JsonObject, type JsonValue, ownValue } from "../../model/json.ts";
import type { EvaluationLimits } from "../../model/limits.ts";
import { type KeyExpression, parseKey } from "../assertion/parse-key.ts";
import type { ContextEntry, MatchBlock, RuleDocument } from "../document/document.ts";
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
export type MatchAnalyzer = (rule: RuleDocument) => Condition | undefined;

/** An analyzer for the rules of one policy set: equal questions of different rules have one source. */
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
  rule: RuleDocument,
  start: Omit<Standpoint, "variables">,
): ReadonlyMap<string, Source> {
  const variables = new Map([["payload", start.place]]);
  for (const entry of rule.context) {
    const source = analyzeEntry(entry, { ...start, variables });
    if (source === undefined) variables.delete(entry.name);
    else variables.set(entry.name, source);
  }
  return variables;
}

function analyzeEntry({ variable }: ContextEntry, at: Standpoint): Source | undefined {
  const key = typeof variable === "string" ? parseKey(variable) : undefined;
  if (key?.isExpression !== true || key.isForeach || key.bindingName !== undefined) {
    return undefined;
  }
  return sourceOfStatement(key.statement, at);
}

function sourceOfStatement(statement: string, at: Standpoint): Source | undefined {
  const ast = parseExpression(statement, at.limits.maxDepth);
  return isEvaluationError(ast) ? undefined : analyzeSource(ast, at, statement);
}

/** A block without trees errs, as does much else: nothing is known of it. */
function analyzeBlock(block: MatchBlock, at: Standpoint): Condition | undefined {
  const { any = [], all = [] } = block;
  if (any.length === 0 && all.length === 0) return undefined;
  const some = analyzeTrees(any, at);
  const every = analyzeTrees(all, at);
  if (some === undefined || every === undefined) return undefined;
  return allOf(any.length === 0 ? every : [...every, oneOf(some)]);
}

function analyzeTrees(trees: readonly JsonObject[], at: Standpoint): Condition[] | undefined {
  const conditions: Condition[] = [];
  for (const tree of trees) {
    const condition = analyzeTree(tree, at);
    if (condition === undefined) return undefined;
    conditions.push(condition);
  }
  return conditions;
}

function analyzeTree(tree: JsonValue, at: Standpoint): Condition | undefined {
  if (isJsonObject(tree)) {
    const conditions: Condition[] = [];
    for (const key of Object.keys(tree)) {
      const condition = analyzeEntryOf(key, ownValue(tree, key) ?? null, at);
      if (condition === undefined) return undefined;
      conditions.push(condition);
    }
    return allOf(conditions);
  }
  if (typeof tree === "object" && tree !== null) return undefined;
  if (typeof tree === "string" && parseKey(tree)?.isExpression === true) return undefined;
  return testing(at.place, kindsBeside(tree), "equal", tree);
}

/** A key, and what stands below it. */
function analyzeEntryOf(text: string, child: JsonValue, at: Standpoint): Condition | undefined {
  const key = parseKey(text);
  if (key?.isForeach === true) return undefined;
  const variables = variablesBelow(key, at.variables);
  if (key?.isExpression !== true) {
    const place = at.sources.field(at.place, key?.statement ?? text);
    return analyzeTree(child, { ...at, variables, place });
  }
  const ast = parseExpression(key.statement, at.limits.maxDepth);
  if (isEvaluationError(ast)) return undefined;
  if (typeof child === "boolean") {
    const truth = analyzeTruth(ast, at);
    if (truth !== undefined) return child ? truth : unknown(truth.guards);
  }
  const place = analyzeSource(ast, at, key.statement);
  const below = place && analyzeTree(child, { ...at, variables, place });
  return below && allOf([unknown([{ source: place, kinds: anyKind }]), below]);
}

/** A variable bound by a key hides those of its name. */
function variablesBelow(
  key: KeyExpression | undefined,
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
