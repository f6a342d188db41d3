import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { Value } from "../../src/go-values/value.ts";
import { compileParsed } from "../../src/jmespath/compile/compile.ts";
import { compileTree } from "../../src/kyverno-json/assertion/compile-tree.ts";
import { EvaluationError, isEvaluationError } from "../../src/model/evaluation-error.ts";
import type { JsonValue } from "../../src/model/json.ts";
import { defaultEvaluationLimits } from "../../src/model/limits.ts";
import { isLimitError } from "../../src/model/step-limit.ts";
import { parsedTree } from "../kyverno-json/parsed.ts";
import { holdReference } from "../support/reference-tree.ts";
import { expressionOf } from "./arbitrary-expression.ts";
import { treeOf } from "./arbitrary-tree.ts";
import { jsonDocument, variables } from "./arbitrary-value.ts";
import { allFunctions, freshBudget, scopeWith } from "./engine-table.ts";
import { inTime, runProperty } from "./run-property.ts";

const limits = defaultEvaluationLimits;
const tree = treeOf(expressionOf([...allFunctions.values()]));

/** The texts of what fails, none when the tree holds, or the error. */
function hold(
  spec: JsonValue,
  value: Value,
  bound: ReadonlyMap<string, Value>,
): readonly string[] | EvaluationError {
  const site = { documentPath: [], path: "t", at: [], variables: new Map() };
  const held = compileTree(parsedTree(spec), site, {
    limits,
    plan: "planned",
    texts: "original",
    report: () => {},
    compile: ({ ast }) => compileParsed(ast, allFunctions, limits).evaluate,
  });
  const outcome = held(value, undefined, scopeWith(bound, freshBudget())) ?? [];
  return isEvaluationError(outcome)
    ? new EvaluationError(outcome.code, outcome.message)
    : outcome.map((fail) => fail.render(limits.maxStringBytes));
}

test("generated trees hold, fail and err as the reference says", () => {
  runProperty(
    fc.property(tree, jsonDocument, variables, (spec, value, bound) => {
      const outcome = inTime(() => hold(spec, value, bound));
      if (isEvaluationError(outcome) && isLimitError(outcome)) return;
      const scope = { table: allFunctions, budget: freshBudget(), variables: bound };
      assert.deepEqual(outcome, holdReference(spec, value, "t", scope));
    }),
    3_000,
  );
});

test("generated trees hold, fail and err, each now and then", () => {
  const counts = { holds: 0, fails: 0, errs: 0 };
  const sampled = fc.sample(fc.tuple(tree, jsonDocument, variables), { numRuns: 1_000, seed: 1 });
  for (const [spec, value, bound] of sampled) {
    const outcome = hold(spec, value, bound);
    if (isEvaluationError(outcome)) counts.errs += 1;
    else counts[outcome.length === 0 ? "holds" : "fails"] += 1;
  }
  assert.ok(Math.min(...Object.values(counts)) > 100, JSON.stringify(counts));
});
