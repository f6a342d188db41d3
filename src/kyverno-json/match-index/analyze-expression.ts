import { hasInvalidBytes } from "../../go-values/go-string.ts";
import { isPlainArray } from "../../go-values/semantics.ts";
import type { Value } from "../../go-values/value.ts";
import type { FunctionTable } from "../../jmespath/functions/function-table.ts";
import type { Ast, CallNode, ComparisonNode } from "../../jmespath/syntax/ast.ts";
import type { ParsedExpression } from "../../jmespath/syntax/parsed-expression.ts";
import type { EvaluationLimits } from "../../model/limits.ts";
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
import type { Source, SourceTable } from "./match-source.ts";

/** The standpoint of an expression: what it is evaluated against, and what the variables in reach hold. */
export interface Standpoint {
  readonly sources: SourceTable;
  readonly functions: FunctionTable;
  readonly limits: EvaluationLimits;
  readonly place: Source;
  readonly variables: ReadonlyMap<string, Source>;
}

/**
 * Returns the source that the expression is; undefined where it depends on more than the payload. `whole` is the
 * parsed text, if the expression is all of it.
 */
export function analyzeSource(
  ast: Ast,
  at: Standpoint,
  whole?: ParsedExpression,
): Source | undefined {
  if (ast.kind === "variable") return at.variables.get(ast.name);
  if (ast.kind === "path") {
    const [first, ...steps] = ast.steps;
    const areFields = steps.every((step) => step.kind === "field");
    if (first?.kind === "variable" && areFields) {
      const variable = at.variables.get(first.name);
      return variable && at.sources.expression(variable, { ...ast, steps });
    }
  }
  return at.sources.expression(at.place, ast, whole);
}

/** Returns what is known of an expression that gives a boolean whenever it gives anything; undefined for any other. */
export function analyzeTruth(ast: Ast, at: Standpoint): Condition | undefined {
  if (ast.kind === "and") return combine(ast.steps, at, allOf);
  if (ast.kind === "or") return combine(ast.steps, at, oneOf);
  if (ast.kind === "comparison") return analyzeComparison(ast, at);
  if (ast.kind === "call") return analyzeCall(ast, at);
  if (ast.kind !== "not") return undefined;
  const guards = analyzeTruth(ast.operand, at)?.guards;
  return guards === undefined ? guarded(ast.operand, at, anyKind) : unknown(guards);
}

function combine(
  steps: readonly Ast[],
  at: Standpoint,
  join: (conditions: readonly Condition[]) => Condition,
): Condition | undefined {
  const conditions: Condition[] = [];
  for (const step of steps) {
    const condition = analyzeTruth(step, at);
    if (condition === undefined) return undefined;
    conditions.push(condition);
  }
  return join(conditions);
}

/** `a == 'x'`: no comparison of scalars errs. Go ints, which equal no number here, are of the kind `other`. */
function analyzeComparison(node: ComparisonNode, at: Standpoint): Condition | undefined {
  const { left, right, operator } = node;
  if (operator !== "EQ" && operator !== "NE") return undefined;
  const wanted = literalOf(right) ?? literalOf(left);
  if (wanted === undefined || !isScalar(wanted.value)) return undefined;
  const source = analyzeSource(wanted.node === right ? left : right, at);
  if (source === undefined) return undefined;
  return operator === "EQ"
    ? testing(source, anyKind, "equal", wanted.value)
    : unknown([{ source, kinds: anyKind }]);
}

function analyzeCall(node: CallNode, at: Standpoint): Condition | undefined {
  const [first, second] = node.parameters;
  if (first === undefined || second === undefined || node.parameters.length > 2) return undefined;
  if (!at.functions.has(node.name)) return undefined;
  switch (node.name) {
    case "starts_with":
      return analyzeAffix(first, second, at);
    case "ends_with":
      return textOf(second) === undefined ? undefined : guarded(first, at, Kind.string);
    case "contains":
      return analyzeContains(first, second, at);
    case "wildcard":
    case "pattern_match":
      return analyzePattern(first, second, at);
    case "regex_match":
      return isGoodPattern(first, at) ? guarded(second, at, Kind.string) : undefined;
    default:
      return undefined;
  }
}

function analyzeAffix(subject: Ast, affix: Ast, at: Standpoint): Condition | undefined {
  const text = textOf(affix);
  const source = analyzeSource(subject, at);
  if (text === undefined || source === undefined) return undefined;
  // Invalid bytes may match within a character.
  return hasInvalidBytes(text)
    ? unknown([{ source, kinds: Kind.string }])
    : testing(source, Kind.string, "prefix", text);
}

/** An element of a list, or a part of a text. */
function analyzeContains(subject: Ast, wanted: Ast, at: Standpoint): Condition | undefined {
  const items = scalarsOf(subject);
  if (items === undefined) {
    return literalOf(wanted) === undefined ? undefined : guarded(subject, at, Kind.string);
  }
  const source = analyzeSource(wanted, at);
  if (source === undefined) return undefined;
  const guards = [{ source, kinds: anyKind }];
  const tests = items.map((item) => testing(source, anyKind, "equal", item));
  return { guards, alternatives: oneOf(tests).alternatives };
}

const firstWildcard = /[*?]/;
/** What stands in a text for bytes that are not valid: the pattern is not compared with the text as it is. */
const replaced = /[\ud800-\udfff\ufffd]/u;

function analyzePattern(pattern: Ast, subject: Ast, at: Standpoint): Condition | undefined {
  const text = textOf(pattern);
  const source = analyzeSource(subject, at);
  if (text === undefined || source === undefined) return undefined;
  const wildcard = text.search(firstWildcard);
  const prefix = wildcard < 0 ? text : text.slice(0, wildcard);
  if (replaced.test(prefix)) return unknown([{ source, kinds: Kind.string }]);
  return testing(source, Kind.string, wildcard < 0 ? "equal" : "prefix", prefix);
}

/** A pattern that compiles errs on no text. */
function isGoodPattern(pattern: Ast, at: Standpoint): boolean {
  const text = textOf(pattern);
  const row = at.functions.get("regex_match");
  if (text === undefined || row === undefined) return false;
  return row.prepare?.([text, undefined], at.limits)?.isFaulty === false;
}

/** A boolean of which only the guard is known. */
function guarded(subject: Ast, at: Standpoint, kinds: number): Condition | undefined {
  const source = analyzeSource(subject, at);
  return source && unknown([{ source, kinds }]);
}

function literalOf(node: Ast): { readonly node: Ast; readonly value: Value } | undefined {
  return node.kind === "literal" ? { node, value: node.value } : undefined;
}

function textOf(node: Ast): string | undefined {
  return node.kind === "literal" && typeof node.value === "string" ? node.value : undefined;
}

function isScalar(value: Value): value is Scalar {
  return value === null || typeof value !== "object";
}

/** The members of a list that is written out, if all are scalars. */
function scalarsOf(node: Ast): readonly Scalar[] | undefined {
  const items = itemsOf(node);
  return items?.every((item) => isScalar(item)) === true ? items : undefined;
}

function itemsOf(node: Ast): readonly Value[] | undefined {
  if (node.kind === "literal") return isPlainArray(node.value) ? node.value : undefined;
  if (node.kind !== "list") return undefined;
  return node.items.map((item) => (item.kind === "literal" ? item.value : []));
}
