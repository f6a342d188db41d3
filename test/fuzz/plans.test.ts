import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { Value } from "../../src/go-values/value.ts";
import { compileExpression } from "../../src/jmespath/compile/compile.ts";
import { compileTree } from "../../src/kyverno-json/assertion/compile-tree.ts";
import { createExpressionCompiler } from "../../src/kyverno-json/rules/shared-expressions.ts";
import type { Decision, RuleResult } from "../../src/model/decision.ts";
import { isEvaluationError } from "../../src/model/evaluation-error.ts";
import type { JsonObject, JsonValue } from "../../src/model/json.ts";
import {
  defaultEvaluationLimits,
  defaultPolicyOptions,
  type EvaluationPlan,
  type PolicyOptions,
} from "../../src/model/limits.ts";
import { isLimitError } from "../../src/model/step-limit.ts";
import type { PolicySet } from "../../src/policy/policy-set.ts";
import { parsedTree } from "../kyverno-json/parsed.ts";
import { loadPolicySet } from "../policy/load-policies.ts";
import { expressionOf } from "./arbitrary-expression.ts";
import { requestExpression, requestPayload, requestRule } from "./arbitrary-request.ts";
import { treeOf } from "./arbitrary-tree.ts";
import { jsonDocument, variables } from "./arbitrary-value.ts";
import { comparable } from "./compare-with-reference.ts";
import { allFunctions, freshBudget, scopeWith } from "./engine-table.ts";
import { inTime, runProperty } from "./run-property.ts";

const limits = defaultEvaluationLimits;
const expression = fc.oneof(
  { weight: 3, arbitrary: expressionOf([...allFunctions.values()]) },
  requestExpression,
);
const tree = treeOf(expression);

/** What an expression gives, or that it ended at a limit, which only the plain plan may. */
function evaluate(
  plan: EvaluationPlan,
  text: string,
  current: Value,
  bound: ReadonlyMap<string, Value>,
): unknown {
  const compiled = compileExpression(text, allFunctions, limits, plan);
  const result = compiled.evaluate(current, scopeWith(bound, freshBudget()));
  if (isEvaluationError(result) && isLimitError(result)) return "limit";
  return [comparable(result), compiled.faults, compiled.variables];
}

test("an expression gives the same planned as plain", () => {
  runProperty(
    fc.property(expression, jsonDocument, variables, (text, current, bound) => {
      const plain = inTime(() => evaluate("plain", text, current, bound));
      const planned = inTime(() => evaluate("planned", text, current, bound));
      assert.deepEqual(plain === "limit" ? plain : planned, plain);
    }),
    4_000,
  );
});

/** What fails of a tree, or its error; "limit" as above. The tree is held twice: what is shared is met again. */
function hold(
  plan: EvaluationPlan,
  spec: JsonValue,
  value: Value,
  bound: ReadonlyMap<string, Value>,
): unknown {
  const compile = createExpressionCompiler(allFunctions, limits, plan);
  const site = { documentPath: [], path: "t", at: [], variables: new Map() };
  const held = compileTree(parsedTree([spec, spec]), site, {
    limits,
    plan,
    texts: "original",
    report: () => {},
    compile: (statement) => compile(statement).evaluate,
  });
  const outcome = held([value, value], undefined, scopeWith(bound, freshBudget())) ?? [];
  if (!isEvaluationError(outcome)) return outcome.map((fail) => fail.render(limits.maxStringBytes));
  return isLimitError(outcome) ? "limit" : outcome;
}

test("a tree gives the same planned as plain", () => {
  runProperty(
    fc.property(tree, jsonDocument, variables, (spec, value, bound) => {
      const plain = inTime(() => hold("plain", spec, value, bound));
      const planned = inTime(() => hold("planned", spec, value, bound));
      assert.deepEqual(plain === "limit" ? plain : planned, plain);
    }),
    3_000,
  );
});

function load(
  plan: EvaluationPlan,
  policies: readonly (readonly JsonValue[])[],
  options: Partial<PolicyOptions>,
): PolicySet {
  const files = policies.map((rules, index) => ({
    path: `${index}.json`,
    text: JSON.stringify({
      apiVersion: "json.kyverno.io/v1alpha1",
      kind: "ValidatingPolicy",
      metadata: { name: `p${index}` },
      spec: { rules },
    }),
  }));
  const { policySet, diagnostics } = loadPolicySet(
    { revision: "r", files },
    { ...defaultPolicyOptions, compat: "kyverno-envoy-plugin", ...options },
    allFunctions,
    plan,
  );
  assert.ok(policySet !== undefined, JSON.stringify(diagnostics));
  return policySet;
}

function results(
  plan: EvaluationPlan,
  policies: readonly (readonly JsonValue[])[],
  payload: JsonObject,
): readonly RuleResult[] {
  return load(plan, policies, {}).evaluate(payload, freshBudget());
}

const policySets = fc.array(fc.array(requestRule, { minLength: 1, maxLength: 3 }), {
  minLength: 1,
  maxLength: 3,
});

test("policies give the same results planned as plain", () => {
  runProperty(
    fc.property(policySets, requestPayload, (policies, payload) => {
      const plain = results("plain", policies, payload);
      assert.deepEqual(results("planned", policies, payload), plain);
    }),
    500,
  );
});

const modes = fc.record({
  denyBody: fc.constantFrom("messages", "details", "none"),
  noRuleApplies: fc.constantFrom("allow", "deny"),
});

test("policies decide the same planned as plain, to the byte, whatever a denied client is told", () => {
  runProperty(
    fc.property(policySets, requestPayload, modes, (policies, payload, options) => {
      const decide = (plan: EvaluationPlan): Decision =>
        load(plan, policies, options).decide({ payload, sizeBytes: 0 });
      assert.deepEqual(decide("planned"), decide("plain"));
    }),
    500,
  );
});

test("the policies pass, fail, err and do not apply, each now and then", () => {
  const counts = new Map<string, number>();
  const sampled = fc.sample(fc.tuple(requestRule, requestPayload), { numRuns: 1_000, seed: 1 });
  for (const [rule, payload] of sampled) {
    const { reason } = load("planned", [[rule]], {}).decide({ payload, sizeBytes: 0 });
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  const figures = JSON.stringify([...counts]);
  assert.ok(counts.size === 4 && Math.min(...counts.values()) > 40, figures);
});
