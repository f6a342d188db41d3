import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { createBudget } from "../../src/model/budget.ts";
import type { Decision, RuleResult } from "../../src/model/decision.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../src/model/json.ts";
import { defaultPolicyOptions, type PolicyOptions } from "../../src/model/limits.ts";
import type { PolicySnapshot } from "../../src/model/policy-snapshot.ts";
import { cutPayload } from "../../src/payload/prune-payload.ts";
import type { PolicySet } from "../../src/policy/policy-set.ts";
import { createEngine } from "../conformance/engine.ts";
import { findVectorFiles, testedPaths } from "../conformance/find-vectors.ts";
import { readVectorFile } from "../conformance/read-vectors.ts";
import { snapshotOf } from "../conformance/run-policy.ts";
import type { Vector } from "../conformance/vector.ts";
import { loadPolicySet } from "../policy/load-policies.ts";
import { cutToReads } from "../support/payload-reads.ts";
import { shareOf } from "../support/test-effort.ts";
import { narrowRule } from "./arbitrary-rule.ts";
import { jsonDocument } from "./arbitrary-value.ts";
import { inTime, runProperty } from "./run-property.ts";

const { functions } = createEngine();
const options: PolicyOptions = {
  ...defaultPolicyOptions,
  compat: "kyverno-envoy-plugin",
  denyBody: "details",
};

/** All that a policy set says of a payload, and how many steps it had left then. */
interface Answer {
  readonly rules: readonly RuleResult[];
  readonly decision: Decision;
  readonly stepsLeft: number;
}

function answer(policySet: PolicySet, payload: JsonObject): Answer {
  const budget = createBudget(options.limits);
  const rules = policySet.evaluate(payload, budget);
  const decision = policySet.decide({ payload, sizeBytes: 0 });
  return { rules, decision, stepsLeft: budget.stepsLeft };
}

/** Whether less than the whole payload is read; fails when anything of an answer shows what has been left out. */
function compareAnswers(snapshot: PolicySnapshot, payload: JsonObject): boolean {
  const { policySet, reads } = loadPolicySet(snapshot, options, functions);
  const plain = loadPolicySet(snapshot, options, functions, "plain").policySet;
  if (policySet === undefined || plain === undefined) return false;
  assert.ok(reads !== undefined);
  const cuts = [cutToReads(payload, reads), cutPayload(payload, reads)];
  for (const set of [policySet, plain]) {
    // Patterns are compiled in the first evaluation that meets them, and cost it steps.
    answer(set, payload);
    const want = answer(set, payload);
    for (const cut of cuts) assert.deepEqual(answer(set, cut), want, JSON.stringify([reads, cut]));
  }
  return !reads.some((path) => path.length === 0);
}

const rule = narrowRule(functions, ["", "", "$payload.", "@.", "$c."]);

function snapshotWith(rules: readonly JsonValue[]): PolicySnapshot {
  const policy = {
    apiVersion: "json.kyverno.io/v1alpha1",
    kind: "ValidatingPolicy",
    metadata: { name: "p" },
    spec: { rules },
  };
  return { revision: "r", files: [{ path: "p.json", text: JSON.stringify(policy) }] };
}

test("no policy can tell a payload from what it reads of it", () => {
  let narrowed = 0;
  let runs = 0;
  runProperty(
    fc.property(
      fc.array(rule, { minLength: 1, maxLength: 2 }),
      jsonDocument.filter(isJsonObject),
      (rules, payload) => {
        runs += 1;
        narrowed += inTime(() => compareAnswers(snapshotWith(rules), payload)) ? 1 : 0;
      },
    ),
    1_000,
  );
  assert.ok(narrowed > runs / 5, `${narrowed} of ${runs} read less than everything`);
});

test("nor can the policies of the vectors", () => {
  const vectors = testedPaths()
    .flatMap((path) => findVectorFiles(path) ?? [])
    .flatMap((file) => shareOf(readVectorFile(file).vectors, 5));
  let narrowed = 0;
  for (const vector of vectors) {
    const payload = payloadOf(vector);
    if (payload === undefined || !("policies" in vector)) continue;
    narrowed += compareAnswers(snapshotOf(vector.policies ?? ""), payload) ? 1 : 0;
  }
  assert.ok(narrowed > 100, `${narrowed} read less than everything`);
});

function payloadOf(vector: Vector): JsonObject | undefined {
  if (vector.kind !== "check" && vector.kind !== "policy") return undefined;
  const payload = vector.kind === "check" ? vector.expect.payload : vector.input;
  return isJsonObject(payload) ? payload : undefined;
}
