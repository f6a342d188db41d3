import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { RuleResult } from "../../src/model/decision.ts";
import type { JsonObject, JsonValue } from "../../src/model/json.ts";
import { createEngine } from "../conformance/engine.ts";
import { expressionOf } from "./arbitrary-expression.ts";
import { treeOf } from "./arbitrary-tree.ts";
import { jsonDocument } from "./arbitrary-value.ts";
import { inTime, runProperty } from "./run-property.ts";

const engine = createEngine();
const expression = expressionOf([...engine.functions.values()]);
/** Few expressions, so that rules share some of them. */
const common = fc.constantFrom(
  "length(@)",
  "to_string(@)",
  "keys(@)",
  "type(@)",
  "type(a)",
  "items(@, 'k', 'v')[*].v",
  "map(&to_string(@), values(@))",
  "$c",
  "to_string($payload)",
  "not_null(a, b, c, @)",
);
/** Trees that hold or fail, seldom err, and ask what other rules ask of other values. */
const calm = fc.constantFrom<JsonObject>(
  {},
  { "(type(@))": "object" },
  { "(type(@))": "array" },
  { "(type(a))": "null" },
  { "(to_string(@))": "0" },
  { "(not_null(a, b, c, @))->x": { "(type($x))": "object" } },
  { "~.(values({x: a, y: b, z: c}))": { "(to_string(@))": "0" } },
  { "~i.(not_null(items, `[0, 1]`)[])": { "(type(@))": "number" } },
);
const tree = fc
  .oneof({ weight: 6, arbitrary: calm }, treeOf(common), treeOf(fc.oneof(common, expression)))
  .map((spec): JsonObject => (isObject(spec) ? spec : { "": spec }));
const trees = fc.array(tree, { minLength: 1, maxLength: 2 });
const block = fc.constantFrom("any", "all").chain((kind) => trees.map((all) => ({ [kind]: all })));
const assertion = fc
  .record(
    { check: tree, message: common.map((text) => `{{ ${text} }}`) },
    { requiredKeys: ["check"] },
  )
  .map((made): JsonObject => made);
const rule = fc
  .record(
    {
      name: fc.constantFrom("r", "s"),
      context: common.map((text) => [{ name: "c", variable: `(${text})` }]),
      match: block,
      exclude: block,
      assert: fc
        .tuple(fc.constantFrom("any", "all"), fc.array(assertion, { minLength: 1, maxLength: 2 }))
        .map(([kind, all]) => ({ [kind]: all })),
    },
    { requiredKeys: ["name", "assert"] },
  )
  .map((made): JsonValue => JSON.parse(JSON.stringify(made)));

function isObject(spec: JsonValue): spec is JsonObject {
  return typeof spec === "object" && spec !== null && !Array.isArray(spec);
}

/** What the rules make of the payload, each list of rules a policy of the one set; undefined over a limit. */
function evaluate(
  policies: readonly (readonly JsonValue[])[],
  payload: JsonValue,
): readonly RuleResult[] | undefined {
  const files = policies.map((rules, i) => ({
    path: `${i}.json`,
    text: JSON.stringify({
      apiVersion: "json.kyverno.io/v1alpha1",
      kind: "ValidatingPolicy",
      metadata: { name: "p" },
      spec: { rules },
    }),
  }));
  const { policySet, diagnostics } = engine.load({ revision: "r", files });
  assert.ok(policySet !== undefined, JSON.stringify(diagnostics));
  const results = policySet.evaluate(payload, engine.createBudget());
  if (results.some(({ error }) => error?.code.endsWith("_LIMIT"))) return undefined;
  return results;
}

test("rules give together what each of them gives alone", () => {
  runProperty(
    fc.property(fc.array(rule, { minLength: 1, maxLength: 4 }), jsonDocument, (rules, payload) => {
      const alone = rules.flatMap((one) => evaluate([[one]], payload) ?? []);
      const inOnePolicy = inTime(() => evaluate([rules], payload));
      const inPolicies = inTime(() =>
        evaluate(
          rules.map((one) => [one]),
          payload,
        ),
      );
      if (inOnePolicy === undefined || inPolicies === undefined) return;
      assert.deepEqual(inOnePolicy, alone);
      assert.deepEqual(inPolicies, alone);
    }),
    1_000,
  );
});

test("rules pass, fail and err, each now and then", () => {
  const counts = { pass: 0, fail: 0, error: 0 };
  for (const [one, payload] of fc.sample(fc.tuple(rule, jsonDocument), { numRuns: 500, seed: 1 })) {
    for (const { status } of evaluate([[one]], payload) ?? []) counts[status] += 1;
  }
  assert.ok(Math.min(...Object.values(counts)) > 25, JSON.stringify(counts));
});

test("what is remembered of 0 is not the answer for −0", () => {
  const one = { name: "r", assert: { all: [{ check: { "~.a": { "(to_string(@))": "0" } } }] } };
  const [first, second] = evaluate([[one, one]], { a: [0, -0] }) ?? [];
  assert.deepEqual(first?.violations, [
    { errors: ['all[0].check.~.a[1].(to_string(@)): Invalid value: "-0": Expected value: "0"'] },
  ]);
  assert.deepEqual(second, first);
});
