import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { CompiledCelPolicy } from "../../../src/cel/policy/cel-policy.ts";
import { createPolicyIndex } from "../../../src/cel/policy/policy-index.ts";
import type { JsonObject } from "../../../src/model/json.ts";
import { defaultPolicyOptions } from "../../../src/model/limits.ts";
import { finishSteps } from "../../../src/model/resumable.ts";
import { createPolicyEngine } from "../../../src/policy/policy-engine.ts";
import type { PolicySet } from "../../../src/policy/policy-set.ts";
import { createSnapshot } from "../../../src/sources/files/read-policy-files.ts";

const http = "object.attributes.request.http";
const conditions = [
  `${http}.path == "/a"`,
  `"/b" == ${http}.path`,
  `${http}.path in ["/a", "/c"]`,
  `${http}.method == "GET" && ${http}.path == "/a"`,
  `${http}.headers["x"] == "1" && ${http}.path == "/b"`,
  `${http}.host == "h"`,
  `${http}.path.startsWith("/a")`,
  `${http}.path == "/a" || ${http}.path == "/b"`,
  `${http}.headers["x"] == "1"`,
  "true",
];

function write(name: string, first: string, second: string | undefined, status: number): string {
  const more = second === undefined ? "" : `    - { name: b, expression: '${second}' }\n`;
  return `apiVersion: policies.kyverno.io/v1
kind: ValidatingPolicy
metadata: { name: ${name} }
spec:
  evaluation: { mode: Envoy }
  matchConditions:
    - { name: a, expression: '${first}' }
${more}  validations:
    - expression: envoy.Denied(${status}).Response()
`;
}

function load(texts: readonly string[]): PolicySet {
  const engine = createPolicyEngine(defaultPolicyOptions, { nowMs: () => 0, random: () => 0 });
  const snapshot = createSnapshot([{ path: "p.yaml", text: texts.join("---\n") }]);
  const { policySet, diagnostics } = finishSteps(engine.load(snapshot));
  assert.ok(policySet !== undefined, JSON.stringify(diagnostics));
  return policySet;
}

function answer(policySet: PolicySet, request: JsonObject): unknown {
  const { allowed, policy, errorCode, response } = policySet.decide({
    payload: { request: { http: request } },
    sizeBytes: 0,
  });
  return { allowed, policy, errorCode, response };
}

test("policies that the index leaves out would have had nothing to say", () => {
  const condition = fc.constantFrom(...conditions);
  const policies = fc.array(fc.tuple(condition, fc.option(condition, { nil: undefined })), {
    minLength: 5,
    maxLength: 12,
  });
  const request = fc.record({
    path: fc.constantFrom("/a", "/b", "/c", "/d", ""),
    host: fc.constantFrom("h", "i"),
    method: fc.constantFrom("GET", "POST"),
    headers: fc.constantFrom({}, { x: "1" }, { x: "2" }),
  });
  fc.assert(
    fc.property(policies, request, (rows, asked) => {
      const texts = rows.map(([first, second], index) =>
        write(`p${String(index).padStart(2, "0")}`, first, second, 400 + index),
      );
      const whole = answer(load(texts), asked);
      // Each policy alone is below the size from which an index is made.
      const alone = texts.map((text) => answer(load([text]), asked));
      const first = alone.find((one) => JSON.stringify(one).includes('"policy"'));
      assert.deepEqual(whole, first ?? alone[0]);
    }),
    { numRuns: 60 },
  );
});

/** A policy that is for one path, or for all. */
function policyFor(name: string, path?: string): CompiledCelPolicy {
  return {
    name,
    ignoresErrors: false,
    selector: path === undefined ? undefined : { field: "path", values: [path] },
    conditions: [],
    variables: new Map(),
    exceptions: [],
    validations: [],
  };
}

test("of many policies only those for the path are asked, in their order", () => {
  const index = createPolicyIndex([
    policyFor("a", "/1"),
    policyFor("b"),
    policyFor("c", "/2"),
    policyFor("d", "/1"),
    policyFor("e", "__proto__"),
  ]);
  const asked = (path: string): readonly string[] =>
    index({ request: { http: { path } } }).map(({ name }) => name);
  assert.deepEqual(asked("/1"), ["a", "b", "d"]);
  assert.deepEqual(asked("/2"), ["b", "c"]);
  assert.deepEqual(asked("__proto__"), ["b", "e"]);
  assert.deepEqual(asked("constructor"), ["b"]);
  assert.deepEqual(
    index({}).map(({ name }) => name),
    ["b"],
  );
});
