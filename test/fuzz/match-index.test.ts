import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { childScope, rootScope } from "../../src/jmespath/compile/scope.ts";
import { buildDocument } from "../../src/kyverno-json/document/build-document.ts";
import { createMatchAnalyzer } from "../../src/kyverno-json/match-index/analyze-match.ts";
import { createRuleIndexSteps } from "../../src/kyverno-json/match-index/rule-index.ts";
import { parseRule } from "../../src/kyverno-json/rules/parse-rule.ts";
import { createExpressionCompiler } from "../../src/kyverno-json/rules/shared-expressions.ts";
import { createBudget } from "../../src/model/budget.ts";
import type { RuleResult } from "../../src/model/decision.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { defaultEvaluationLimits } from "../../src/model/limits.ts";
import { finishSteps } from "../../src/model/resumable.ts";
import type { PolicySet } from "../../src/policy/policy-set.ts";
import { createEngine } from "../conformance/engine.ts";
import { newParser } from "../kyverno-json/parsed.ts";
import { payload as request, rulesOfPolicies } from "./arbitrary-match.ts";
import { inTime, runProperty } from "./run-property.ts";

const planned = createEngine("planned");
const plain = createEngine("plain");
const limits = defaultEvaluationLimits;

type Policies = readonly (readonly JsonObject[])[];

test("an index leaves out only rules that do not apply", () => {
  runProperty(
    fc.property(rulesOfPolicies, fc.array(request, { minLength: 1, maxLength: 4 }), (...given) => {
      const [policies, payloads] = given;
      const sets = [load(planned, policies), load(plain, policies)];
      for (const payload of payloads) {
        const [answer, wanted] = sets.map((set) => ({
          results: evaluate(set, payload, limits.maxSteps),
          decision: inTime(() => set.decide({ payload, sizeBytes: 0 })),
        }));
        assert.deepEqual(answer, wanted);
      }
    }),
    500,
  );
});

test("with few steps it gives what plain evaluation gives, or would give with more", () => {
  const steps = fc.integer({ min: 0, max: 300 });
  runProperty(
    fc.property(rulesOfPolicies, request, steps, (policies, payload, stepsLeft) => {
      const withoutIdentifiers = policies.map((rules) =>
        rules.map(({ identifier: _identifier, ...rule }) => rule),
      );
      const results = evaluate(load(planned, withoutIdentifiers), payload, stepsLeft);
      const plainSet = load(plain, withoutIdentifiers);
      const wanted = evaluate(plainSet, payload, stepsLeft);
      const unlimited = evaluate(plainSet, payload, limits.maxSteps).map(toText);
      if (wanted.some(isOverLimit)) {
        const others = results.filter((result) => !isOverLimit(result)).map(toText);
        assert.deepEqual(
          others.filter((result) => !unlimited.includes(result)),
          [],
        );
      } else {
        assert.deepEqual(results, wanted);
      }
    }),
    500,
  );
});

test("rules are left out now and then, and so are rules that would pass, fail and err", () => {
  const counts = { left: 0, pass: 0, fail: 0, error: 0 };
  const samples = fc.sample(fc.tuple(rulesOfPolicies, request), { numRuns: 500, seed: 1 });
  for (const [policies, payload] of samples) {
    counts.left += policies.flat().length - select(policies, payload).length;
    const results = evaluate(load(plain, policies), payload, limits.maxSteps);
    for (const { status } of results) counts[status] += 1;
  }
  assert.ok(Math.min(...Object.values(counts)) > 40, JSON.stringify(counts));
});

function load(engine: typeof planned, policies: Policies): PolicySet {
  const files = policies.map((rules, i) => ({
    path: `${i}.json`,
    text: JSON.stringify({
      apiVersion: "json.kyverno.io/v1alpha1",
      kind: "ValidatingPolicy",
      metadata: { name: `p${i}` },
      spec: { rules },
    }),
  }));
  const { policySet, diagnostics } = engine.load({ revision: "r", files });
  assert.ok(policySet !== undefined, JSON.stringify(diagnostics));
  return policySet;
}

function evaluate(set: PolicySet, payload: JsonObject, stepsLeft: number): readonly RuleResult[] {
  return inTime(() => set.evaluate(payload, createBudget({ ...limits, maxSteps: stepsLeft })));
}

/** The places of the rules that the index selects. */
function select(policies: Policies, payload: JsonObject): readonly number[] {
  const compile = createExpressionCompiler(planned.functions, limits);
  const parser = newParser();
  const analyze = createMatchAnalyzer(planned.functions, limits, compile);
  const documents = policies.map((rules) =>
    buildDocument(
      { spec: { rules } },
      {
        file: "p.json",
        fileText: "",
        locate: () => ({ line: 1, column: 1 }),
      },
    ),
  );
  const conditions = documents.flatMap(({ rules }) =>
    rules.map((rule) => analyze(parseRule(rule, {}, parser))),
  );
  const scope = childScope(rootScope(createBudget(limits)), "payload", payload);
  return finishSteps(createRuleIndexSteps(conditions))(payload, scope);
}

/** Whether the result says that the steps ran out, be it in a message. */
function isOverLimit(result: RuleResult): boolean {
  return toText(result).includes("more steps than allowed");
}

function toText(result: RuleResult): string {
  return JSON.stringify(result);
}
