import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { JsonObject, JsonValue } from "../../src/model/json.ts";
import {
  defaultPolicyOptions,
  type EvaluationPlan,
  type PolicyOptions,
} from "../../src/model/limits.ts";
import { loadPolicySet } from "../policy/load-policies.ts";
import { narrowRule } from "./arbitrary-rule.ts";
import { jsonDocument } from "./arbitrary-value.ts";
import { allFunctions, freshBudget } from "./engine-table.ts";
import { inTime, runProperty } from "./run-property.ts";

const options: PolicyOptions = {
  ...defaultPolicyOptions,
  compat: "kyverno-envoy-plugin",
  denyBody: "details",
};

/** All that a policy set says of a payload. */
function answer(plan: EvaluationPlan, rules: readonly JsonValue[], payload: JsonObject): unknown {
  const policy = {
    apiVersion: "json.kyverno.io/v1alpha1",
    kind: "ValidatingPolicy",
    metadata: { name: "p" },
    spec: { rules },
  };
  const files = [{ path: "p.json", text: JSON.stringify(policy) }];
  const snapshot = { revision: "r", files };
  const { policySet } = loadPolicySet(snapshot, options, allFunctions, plan, "original");
  return (
    policySet && [
      policySet.evaluate(payload, freshBudget()),
      policySet.decide({ payload, sizeBytes: 0 }),
    ]
  );
}

const starts = [
  "$t.",
  "$t.",
  "$u.",
  "$t[*].",
  "$c.",
  "",
  "json_parse($payload.text).",
  "json_parse_strict($payload.text).",
  "json_parse($payload.text) | ",
  "not_null($t, `{}`).",
  "not_null($t.a, 'x') | ",
];
const rule = narrowRule(allFunctions, starts, [
  { name: "t", variable: "(json_parse_strict(text))" },
  { name: "u", variable: "(json_parse(text).a)" },
]);
/** So long that it is not left to the engine's parser, which reads all of it. */
const text = jsonDocument.map((value) => `${" ".repeat(1_100)}${JSON.stringify(value)}`);

test("no policy can tell JSON from what it looks at of it", () => {
  runProperty(
    fc.property(
      fc.array(rule, { minLength: 1, maxLength: 3 }),
      fc.oneof(
        text,
        fc.tuple(text, text).map(([one, other]) => `{"a":${one},"b":[${other}]}`),
      ),
      (rules, json) => {
        const payload = { text: json, a: { b: 1 } };
        const want = inTime(() => answer("plain", rules, payload));
        assert.deepEqual(
          inTime(() => answer("planned", rules, payload)),
          want,
        );
      },
    ),
    500,
  );
});
