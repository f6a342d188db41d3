import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { cutPayload } from "../../src/envoy/cut-payload.ts";
import { createBudget } from "../../src/jmespath/scope.ts";
import type { Decision, RuleResult } from "../../src/model/decision.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../src/model/json.ts";
import { defaultPolicyOptions, type PolicyOptions } from "../../src/model/limits.ts";
import type { PolicySnapshot } from "../../src/model/policy-source.ts";
import { loadPolicySet } from "../../src/policy/load-policy-set.ts";
import type { PolicySet } from "../../src/policy/policy-set.ts";
import { createEngine } from "../conformance/engine.ts";
import { findVectorFiles, testedPaths } from "../conformance/find-vectors.ts";
import { readVectorFile } from "../conformance/read-vectors.ts";
import { snapshotOf } from "../conformance/run-policy.ts";
import type { Vector } from "../conformance/vector.ts";
import { cutToReads } from "../support/payload-reads.ts";
import { expressionOf } from "./arbitrary-expression.ts";
import { treeOf } from "./arbitrary-tree.ts";
import { jsonDocument, names } from "./arbitrary-value.ts";
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
    for (const cut of cuts) {
      assert.deepEqual(answer(set, cut), want, JSON.stringify([reads, cut]));
    }
  }
  return !reads.some((path) => path.length === 0);
}

const name = fc.constantFrom(...names);
const spelt = fc
  .constantFrom(...names)
  .map((text) => (/^[A-Za-z_]\w*$/.test(text) ? text : JSON.stringify(text)));
/** A way from the payload or the value at hand down to a part, with some detours. */
const way = fc
  .tuple(
    fc.constantFrom("", "", "$payload.", "@.", "$c."),
    fc.array(spelt, { minLength: 1, maxLength: 4 }),
    fc.constantFrom(
      "",
      "",
      "",
      "",
      "[0]",
      "[]",
      "[*].a",
      ".*",
      ".[`1`]",
      ".[a]",
      ".{x: b}",
      " | a",
    ),
  )
  .map(([start, steps, end]) => `${start}${steps.join(".")}${end}`);
/** Expressions that see no more of a value than they have to. */
const narrow = fc.oneof(
  way,
  fc.tuple(way, fc.constantFrom("==", "||", "&&", "|", "<"), way).map((parts) => parts.join(" ")),
  fc
    .tuple(fc.constantFrom("type", "length", "to_string", "not_null"), way)
    .map(([call, text]) => `${call}(${text})`),
  way.map((text) => `!(${text})`),
  fc.tuple(way, way).map(([value, body]) => `let $c = ${value} in ${body}`),
  fc.tuple(way, way).map(([body, list]) => `map(&${body}, ${list})`),
  fc.tuple(way, way).map(([one, other]) => `[${one}, ${other}]`),
  fc.tuple(way, way).map(([one, other]) => `{x: ${one}, "a": ${other}}`),
  fc.tuple(spelt, way).map(([list, each]) => `not_null(${list}, \`[1, {}]\`)[*].[${each}]`),
  fc.tuple(spelt, way).map(([list, each]) => `not_null(${list}, \`[1, {}]\`)[?${each}]`),
  fc.tuple(way, way).map(([value, body]) => `let $d = ${value}, $c = $d in ['x', ${body}][1]`),
);
const wide = expressionOf([...functions.values()]);
const expression = fc.oneof({ weight: 6, arbitrary: narrow }, { weight: 1, arbitrary: wide });

/** Keys over keys, as most policies have them, and then any tree. */
const tree = fc
  .tuple(fc.array(name, { maxLength: 3 }), treeOf(expression))
  .map(([keys, end]) =>
    keys.reduceRight<JsonValue>((below, key) => Object.fromEntries([[key, below]]), end),
  )
  .map((made): JsonObject => (isJsonObject(made) ? made : { a: made }));
const block = fc
  .tuple(fc.constantFrom("any", "all"), fc.array(tree, { minLength: 1, maxLength: 2 }))
  .map(([kind, trees]) => ({ [kind]: trees }));
const assertion = fc
  .record(
    { check: tree, message: narrow.map((text) => `{{ ${text} }}`) },
    { requiredKeys: ["check"] },
  )
  .map((made): JsonObject => made);
const rule = fc
  .record(
    {
      name: fc.constant("r"),
      identifier: narrow,
      context: narrow.map((text) => [{ name: "c", variable: `(${text})` }]),
      match: block,
      exclude: block,
      assert: fc
        .tuple(fc.constantFrom("any", "all"), fc.array(assertion, { minLength: 1, maxLength: 2 }))
        .map(([kind, all]) => ({ [kind]: all })),
    },
    { requiredKeys: ["name", "assert"] },
  )
  .map((made): JsonValue => JSON.parse(JSON.stringify(made)));

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
    .flatMap((file) => readVectorFile(file).vectors);
  let narrowed = 0;
  for (const vector of vectors) {
    const payload = payloadOf(vector);
    if (vector.kind === "expr" || payload === undefined) continue;
    narrowed += compareAnswers(snapshotOf(vector.policies ?? ""), payload) ? 1 : 0;
  }
  assert.ok(narrowed > 500, `${narrowed} read less than everything`);
});

function payloadOf(vector: Vector): JsonObject | undefined {
  if (vector.kind === "expr") return undefined;
  const payload = vector.kind === "check" ? vector.expect.payload : vector.input;
  return isJsonObject(payload) ? payload : undefined;
}
