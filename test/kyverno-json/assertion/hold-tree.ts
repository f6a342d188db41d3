import assert from "node:assert/strict";
import type { Value } from "../../../src/go-values/value.ts";
import { compileParsed } from "../../../src/jmespath/compile/compile.ts";
import { childScope, rootScope } from "../../../src/jmespath/compile/scope.ts";
import { createFunctionTable } from "../../../src/jmespath/functions/function-table.ts";
import { compileTree } from "../../../src/kyverno-json/assertion/compile-tree.ts";
import type { Origin, TreeCompiler } from "../../../src/kyverno-json/assertion/tree.ts";
import { createBudget } from "../../../src/model/budget.ts";
import { EvaluationError, isEvaluationError } from "../../../src/model/evaluation-error.ts";
import type { JsonValue } from "../../../src/model/json.ts";
import { defaultEvaluationLimits, type EvaluationLimits } from "../../../src/model/limits.ts";
import { parsedTree } from "../parsed.ts";

const noFunctions = createFunctionTable([]);

/** A fault that a tree's compiler reported. */
export interface Report {
  readonly code: string;
  readonly severity: string;
  readonly message: string;
  readonly origin: Origin;
}

/** Returns a compiler that collects what it is told. */
export function createTestCompiler(limits: EvaluationLimits = defaultEvaluationLimits): {
  compiler: TreeCompiler;
  reports: Report[];
} {
  const reports: Report[] = [];
  const compiler: TreeCompiler = {
    limits,
    plan: "planned",
    texts: "original",
    report: (code, severity, message, origin) => {
      reports.push({ code, severity, message, origin });
    },
    compile: ({ ast }) => compileParsed(ast, noFunctions, limits).evaluate,
  };
  return { compiler, reports };
}

/** Returns what the tree says of the value: `holds`, the texts of what fails, or the error. */
export function holdTree(
  tree: JsonValue,
  value: Value,
  limits: EvaluationLimits = defaultEvaluationLimits,
): "holds" | string[] | EvaluationError {
  const { compiler } = createTestCompiler(limits);
  const site = { documentPath: [], path: "t", at: [], variables: new Map() };
  const held = compileTree(parsedTree(tree, limits.maxDepth), site, compiler);
  const root = rootScope(createBudget(limits));
  const outcome = held(value, undefined, childScope(root, "payload", value));
  if (outcome === undefined) return "holds";
  return isEvaluationError(outcome)
    ? new EvaluationError(outcome.code, outcome.message)
    : outcome.map((fail) => fail.render(limits.maxStringBytes));
}

/** Returns the texts of what fails, of which there has to be something. */
export function failsOf(tree: JsonValue, value: Value): readonly string[] {
  const outcome = holdTree(tree, value);
  assert.ok(Array.isArray(outcome), "fails");
  return outcome;
}
