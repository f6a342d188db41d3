import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import {
  type BatchAnswer,
  isProbeAnswer,
  packAnswer,
  packBatch,
  unpackAnswer,
  unpackBatch,
} from "../../src/evaluator/protocol.ts";
import type { JsonObject, JsonValue } from "../../src/model/json.ts";

const jwtCache = { hits: 1, misses: 2, entries: 3, bytes: 4 };
const allow = { allowed: true, reason: "passed", body: "" } as const;
const answer: BatchAnswer = { decisions: [allow], evaluationMs: 0.5, jwtCache };

test("a batch arrives as it was sent, hostile keys and any text included", () => {
  // Without the negative zero that fast-check makes: JSON text has none.
  const json = fc.jsonValue({ stringUnit: "binary" }).map((value): JsonValue => {
    return JSON.parse(JSON.stringify(value));
  });
  const key = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("__proto__", "toJSON"));
  const payload = fc.dictionary(key, json, { noNullPrototype: true });
  const input = fc.record({ payload, sizeBytes: fc.nat() }, { noNullPrototype: true });
  fc.assert(
    fc.property(fc.array(input), (batch) => {
      assert.deepEqual(unpackBatch(packBatch(batch)), batch);
    }),
    { seed: 1, numRuns: 200 },
  );
});

const exact: { name: string; payload: JsonObject }[] = [
  { name: "an own __proto__", payload: JSON.parse('{"__proto__":{"allowed":true}}') },
  { name: "a lone surrogate", payload: { text: "a\udc80b\ud800" } },
  { name: "a number's last digit", payload: { number: 0.1 + 0.2, large: 1.7976931348623157e308 } },
  { name: "line separators and NUL", payload: { text: "\u2028\u2029\u0000" } },
];

suite("kept exactly", () => {
  for (const { name, payload } of exact) {
    test(name, () => {
      const arrived = unpackBatch(packBatch([{ payload, sizeBytes: 7 }]))[0];
      assert.deepEqual(arrived, { payload, sizeBytes: 7 });
      assert.deepEqual(Object.keys(arrived.payload), Object.keys(payload));
      assert.equal(Object.getPrototypeOf(arrived.payload), Object.prototype);
    });
  }
});

test("an answer arrives as it was sent", () => {
  const full: BatchAnswer = {
    decisions: [
      allow,
      null,
      {
        allowed: false,
        reason: "evaluation-error",
        body: "\udc80",
        policy: "p",
        rule: "r",
        errorCode: "EVALUATION_JWT",
      },
      { allowed: true, reason: "no-rule-applies", body: "" },
      { allowed: false, reason: "no-rule-applies", body: "no rule applies" },
    ],
    evaluationMs: 1.25,
    jwtCache,
    fault: "x",
  };
  assert.deepEqual(unpackAnswer(packAnswer(full), 5), full);
});

const senseless: { name: string; message: unknown; requests?: number }[] = [
  { name: "not text", message: answer },
  { name: "undefined", message: undefined },
  { name: "not JSON", message: "{" },
  { name: "null", message: "null" },
  { name: "an array", message: "[]" },
  { name: "nothing in it", message: "{}" },
  { name: "too many", message: packAnswer(answer), requests: 2 },
  { name: "too few", message: packAnswer({ ...answer, decisions: [] }) },
  { name: "no time", message: JSON.stringify({ ...answer, evaluationMs: null }) },
  { name: "no cache counts", message: JSON.stringify({ ...answer, jwtCache: { hits: 1 } }) },
  ...[
    "allow",
    true,
    [],
    {},
    { ...allow, allowed: 1 },
    { ...allow, allowed: undefined },
    { ...allow, body: null },
    { ...allow, reason: "fine" },
    { ...allow, reason: "toString" },
    { ...allow, reason: "__proto__" },
    { ...allow, reason: "rule-failed" },
    { ...allow, reason: "evaluation-error" },
    { ...allow, reason: "no-policy" },
    { ...allow, reason: "bad-request" },
  ].map((decision) => ({
    name: `the decision ${JSON.stringify(decision)}`,
    message: JSON.stringify({ ...answer, decisions: [decision] }),
  })),
];

suite("an answer that makes no sense is none", () => {
  for (const { name, message, requests } of senseless) {
    test(name, () => assert.equal(unpackAnswer(message, requests ?? 1), undefined));
  }
});

const probes: { input: unknown; want: boolean }[] = [
  { input: { compiled: true, policyNames: [], diagnostics: [] }, want: true },
  { input: { compiled: "yes", policyNames: [], diagnostics: [] }, want: false },
  { input: { compiled: true, policyNames: [] }, want: false },
  { input: { compiled: true, diagnostics: [] }, want: false },
  { input: null, want: false },
  { input: "compiled", want: false },
];

suite("an answer to a probe is told from anything else", () => {
  for (const { input, want } of probes) {
    test(JSON.stringify(input), () => assert.equal(isProbeAnswer(input), want));
  }
});
