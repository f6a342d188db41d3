import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { Worker } from "node:worker_threads";
import * as fc from "fast-check";
import type { LongText } from "../../src/evaluator/long-texts.ts";
import {
  type BatchAnswer,
  isProbeAnswer,
  packAnswer,
  packBatch,
  unpackAnswer,
  unpackBatch,
} from "../../src/evaluator/protocol.ts";
import { toSharedMs } from "../../src/evaluator/thread-clock.ts";
import type { CheckInput } from "../../src/model/check-input.ts";
import { Deadline, noDeadline, passedDeadline } from "../../src/model/deadline.ts";
import type { JsonObject, JsonValue } from "../../src/model/json.ts";

const jwtCache = { hits: 1, misses: 2, entries: 3, bytes: 4 };
const allow = { allowed: true, reason: "passed", body: "" } as const;
const answer: BatchAnswer = { decisions: [allow], evaluationMs: 0.5, jwtCache };

/** What arrives of requests that nobody stops waiting for. */
function arrive(inputs: readonly CheckInput[]): readonly CheckInput[] {
  const requests = inputs.map((input) => ({ input, deadline: noDeadline }));
  // As it crosses: what is no text is cloned.
  return unpackBatch(structuredClone(packBatch(requests))).map(({ input }) => input);
}

const key = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("__proto__", "toJSON"));
// Without the negative zero that fast-check makes: JSON text has none.
const json = fc.jsonValue({ stringUnit: "binary" }).map((value): JsonValue => {
  return JSON.parse(JSON.stringify(value));
});
const long = fc
  .tuple(fc.constantFrom('"', "\\", "a", "\ud800", "\u0000"), fc.constantFrom(4_095, 4_096, 9_000))
  .map(([text, length]) => text.repeat(length));
const nested = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 6 },
    long,
    json,
    fc.dictionary(key, tie("value"), { maxKeys: 3, noNullPrototype: true }),
    fc.array(tie("value"), { maxLength: 2 }),
  ),
})).value;

for (const { name, value, sizeBytes } of [
  { name: "hostile keys and any text included", value: json, sizeBytes: fc.nat() },
  { name: "long texts included", value: nested, sizeBytes: fc.constantFrom(4_095, 4_096, 9_000) },
]) {
  test(`a batch arrives as it was sent, ${name}`, () => {
    const payload = fc.dictionary(key, value, { noNullPrototype: true });
    const input = fc.record({ payload, sizeBytes }, { noNullPrototype: true });
    fc.assert(
      fc.property(fc.array(input, { maxLength: 4 }), (batch) => {
        const before = structuredClone(batch);
        assert.deepEqual(arrive(batch), before);
        assert.deepEqual(batch, before, "changed by packing");
      }),
      { seed: 1, numRuns: 200 },
    );
  });
}

const exact: { name: string; payload: JsonObject }[] = [
  { name: "an own __proto__", payload: JSON.parse('{"__proto__":{"allowed":true}}') },
  {
    name: "a long text under __proto__",
    payload: JSON.parse(`{"__proto__":{"__proto__":"${"x".repeat(5_000)}"}}`),
  },
  { name: "a lone surrogate", payload: { text: "a\udc80b\ud800" } },
  { name: "a long text of lone surrogates", payload: { text: "\udc80".repeat(5_000) } },
  { name: "a number's last digit", payload: { number: 0.1 + 0.2, large: 1.7976931348623157e308 } },
  { name: "line separators and NUL", payload: { text: "\u2028\u2029\u0000" } },
];

suite("kept exactly", () => {
  for (const { name, payload } of exact) {
    test(name, () => {
      const [arrived] = arrive([{ payload, sizeBytes: 7_000 }]);
      assert.deepEqual(arrived, { payload, sizeBytes: 7_000 });
      assert.deepEqual(Object.keys(arrived.payload), Object.keys(payload));
      assert.equal(Object.getPrototypeOf(arrived.payload), Object.prototype);
    });
  }
});

const text = "x".repeat(4_096);
const places: { name: string; payload: JsonObject; sizeBytes: number; want: number }[] = [
  {
    name: "a body",
    payload: { request: { http: { body: text } } },
    sizeBytes: 5_000,
    want: 1,
  },
  {
    name: "a header",
    payload: { request: { http: { headers: { a: text, b: text } } } },
    sizeBytes: 9_000,
    want: 2,
  },
  {
    name: "none further inside",
    payload: { a: { b: { c: { d: { e: text } } } } },
    sizeBytes: 5_000,
    want: 0,
  },
  { name: "none in an array", payload: { a: [text] }, sizeBytes: 5_000, want: 0 },
  { name: "none a character shorter", payload: { a: text.slice(1) }, sizeBytes: 5_000, want: 0 },
  { name: "none in a request that is small on the wire", payload: { text }, sizeBytes: 9, want: 0 },
];

suite("long texts travel beside the JSON", () => {
  for (const { name, payload, sizeBytes, want } of places) {
    test(name, () => {
      const short = { input: { payload: {}, sizeBytes: 1 }, deadline: passedDeadline };
      const message = packBatch([
        short,
        { input: { payload, sizeBytes }, deadline: passedDeadline },
      ]);
      const beside = typeof message === "string" ? [] : message.longTexts;
      assert.equal(beside.length, want);
      assert.equal(JSON.stringify(message).length > 4_000, true);
      assert.deepEqual(unpackBatch(message)[1]?.input, { payload, sizeBytes });
    });
  }
});

const strays: LongText[] = [
  { request: 1, keys: ["a"], text },
  { request: 0, keys: [], text },
  { request: 0, keys: ["b"], text },
  { request: 0, keys: ["a", "length"], text },
  { request: 0, keys: ["__proto__", "a"], text },
];

suite("a long text without a place ends the batch", () => {
  for (const stray of strays) {
    test(`${stray.request}: ${stray.keys.join(".")}`, () => {
      const message = {
        text: JSON.stringify([[{ payload: { a: "" } }], [null]]),
        longTexts: [stray],
      };
      assert.throws(() => unpackBatch(message), /no place/);
      assert.equal(Object.hasOwn(Object.prototype, "a"), false);
    });
  }
});

const deadlines: { name: string; deadlineMs: number; low: number; high: number }[] = [
  { name: "now", deadlineMs: 1_000, low: 1_000, high: 1_001.01 },
  { name: "a fraction", deadlineMs: 1_000.3, low: 1_000.3, high: 1_001.31 },
  { name: "far away", deadlineMs: 1e9, low: 1e9, high: 1e9 + 1.01 },
  { name: "never", deadlineMs: Infinity, low: Infinity, high: Infinity },
  { name: "not a number", deadlineMs: Number.NaN, low: -Infinity, high: 0 },
  { name: "for ever ago", deadlineMs: -Infinity, low: -Infinity, high: 0 },
];

suite("a deadline arrives as it was, at most a millisecond later", () => {
  for (const { name, deadlineMs, low, high } of deadlines) {
    test(name, () => {
      const input = { payload: {}, sizeBytes: 1 };
      const got =
        unpackBatch(packBatch([{ input, deadline: new Deadline(deadlineMs) }]))[0]?.deadline.atMs ??
        Number.NaN;
      assert.ok(got >= low && got <= high, String(got));
    });
  }
});

test("threads read the same clock", async () => {
  const url = new URL("../../src/evaluator/thread-clock.ts", import.meta.url).href;
  const code = `
    const { parentPort } = require("node:worker_threads");
    import(${JSON.stringify(url)}).then(({ toSharedMs }) => {
      parentPort.on("message", () => parentPort.postMessage(toSharedMs(performance.now())));
      parentPort.postMessage("ready");
    });`;
  const worker = new Worker(code, { eval: true });
  const next = () => new Promise((resolve) => worker.once("message", resolve));
  await next();
  const beforeMs = toSharedMs(performance.now());
  worker.postMessage("", []);
  const thereMs = Number(await next());
  const afterMs = toSharedMs(performance.now());
  await worker.terminate();
  // A tenth of a millisecond for readings that were interrupted all five times.
  assert.ok(
    thereMs > beforeMs - 0.1 && thereMs < afterMs + 0.1,
    `${beforeMs} ${thereMs} ${afterMs}`,
  );
});

test("an answer arrives as it was sent", () => {
  const full: BatchAnswer = {
    decisions: [
      allow,
      "fault",
      "overdue",
      {
        allowed: false,
        reason: "evaluation-error",
        body: "\udc80",
        policy: "p",
        rule: "r",
        errorCode: "EVALUATION_JWT",
      },
      { allowed: true, reason: "no-rule-applies", body: "" },
      { allowed: true, reason: "no-rule-applies", body: "why" },
      { allowed: true, reason: "passed", body: "", policy: "p" },
      { allowed: true, reason: "passed", body: "", rule: "r" },
      { allowed: false, reason: "no-rule-applies", body: "no rule applies" },
    ],
    evaluationMs: 1.25,
    jwtCache,
    fault: "x",
  };
  assert.deepEqual(unpackAnswer(packAnswer(full), 9), full);
});

test("what passed is a number of one digit", () => {
  const decisions = [allow, allow, { allowed: true, reason: "no-rule-applies", body: "" }] as const;
  assert.equal(packAnswer({ ...answer, decisions }), "[[2,2,3],0.5,1,2,3,4,null]");
});

const counts = [0.5, 1, 2, 3, 4];
const senseless: { name: string; message: unknown; requests?: number }[] = [
  { name: "not text", message: answer },
  { name: "an array", message: [[2], ...counts] },
  { name: "undefined", message: undefined },
  { name: "not JSON", message: "[" },
  { name: "null", message: "null" },
  { name: "an object", message: '{"0":[2]}' },
  { name: "nothing in it", message: "[]" },
  { name: "one decision, not a list", message: JSON.stringify([2, ...counts]) },
  { name: "text instead of a list", message: JSON.stringify(["2", ...counts]) },
  { name: "too many", message: packAnswer(answer), requests: 2 },
  { name: "too few", message: packAnswer({ ...answer, decisions: [] }) },
  ...[null, "0.5", -1, undefined].map((evaluationMs) => ({
    name: `the time ${evaluationMs}`,
    message: JSON.stringify([[2], evaluationMs, 1, 2, 3, 4]),
  })),
  { name: "an endless time", message: "[[2],1e999,1,2,3,4]" },
  ...[1, 2, 3, 4].map((place) => ({
    name: `no count at ${place}`,
    message: JSON.stringify([[2], ...counts.with(place, Number.NaN)]),
  })),
  { name: "counts left out", message: "[[2],0.5,1]" },
  ...[
    "allow",
    "passed",
    "2",
    true,
    null,
    [],
    [2],
    {},
    4,
    -1,
    2.5,
    1e300,
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
    message: JSON.stringify([[decision], ...counts]),
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
