import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { FunctionRow } from "../../src/jmespath/functions/function-table.ts";
import { createBudget } from "../../src/model/budget.ts";
import type { JsonValue } from "../../src/model/json.ts";
import { defaultEvaluationLimits } from "../../src/model/limits.ts";
import { loadGoodText, policyText } from "./load-text.ts";

const bytes: FunctionRow = { name: "bytes", parameters: [], body: () => "a\udcffb" };
const explode: FunctionRow = {
  name: "explode",
  parameters: [],
  body: () => {
    throw new RangeError("Maximum call stack size exceeded");
  },
};

function nestArray(levels: number): JsonValue {
  let value: JsonValue = null;
  for (let level = 0; level < levels; level += 1) value = [value];
  return value;
}

test("an exception is the rule's error", () => {
  const text = policyText(
    "p",
    "name: one\nassert: {all: [{check: {(explode()): 1}}]}",
    "name: two\nassert: {all: [{check: {a: 1}}]}",
  );
  const policySet = loadGoodText(text, {}, [explode]);
  const limits = defaultEvaluationLimits;
  assert.deepEqual(policySet.evaluate({ a: 1 }, createBudget({ ...limits, maxSteps: 1_000 })), [
    {
      policy: "p",
      rule: "one",
      status: "error",
      error: { code: "EVALUATION_PANIC", message: "the evaluation ended in a fault" },
    },
    { policy: "p", rule: "two", status: "pass" },
  ]);
  const decision = policySet.decide({ payload: { a: 1 }, sizeBytes: 0 });
  assert.equal(decision.allowed, false);
  assert.equal(decision.errorCode, "EVALUATION_PANIC");
});

test("an exception in a context entry, a match or an exclude never lets a request pass", () => {
  const rules = [
    "name: r\nmatch: {all: [{(explode()): 1}]}\nassert: {all: [{check: {}}]}",
    "name: r\nexclude: {all: [{(explode()): 1}]}\nassert: {all: [{check: {}}]}",
    "name: r\ncontext: [{name: v, variable: (explode())}]\nassert: {all: [{check: {($v): null}}]}",
  ];
  const options = { noRuleApplies: "allow" } as const;
  assert.deepEqual(
    rules.map((rule) => {
      const policySet = loadGoodText(policyText("p", rule), options, [explode]);
      return policySet.decide({ payload: {}, sizeBytes: 0 }).errorCode;
    }),
    rules.map(() => "EVALUATION_PANIC"),
  );
});

suite("bytes that are not UTF-8 become U+FFFD in bodies", () => {
  const rule = "name: r\nassert: {all: [{message: 'm {{ bytes() }}', check: {(bytes()): x}}]}";
  for (const denyBody of ["messages", "details"] as const) {
    test(denyBody, () => {
      const policySet = loadGoodText(policyText("p", rule), { denyBody }, [bytes]);
      const { body } = policySet.decide({ payload: {}, sizeBytes: 0 });
      assert.match(body, /m a\ufffdb/);
      assert.doesNotMatch(body, /[\ud800-\udfff]/u);
    });
  }
});

test("data of the request is never a template", () => {
  const rule = "name: r\nassert: {all: [{message: '{{ a }}{{ b }}', check: {x: 1}}]}";
  const { body } = loadGoodText(policyText("p", rule)).decide({
    payload: { a: "{{ b }} {{ $policy.name }}", b: "{{ a }}" },
    sizeBytes: 0,
  });
  assert.equal(body, "{{ b }} {{ $policy.name }}{{ a }}");
});

test("the steps of all rules together are limited", () => {
  const rule = "name: r\nassert: {all: [{check: {~.a: 1}}]}";
  const payload = { a: Array.from({ length: 60 }, () => 1) };
  const decide = (rules: number) =>
    loadGoodText(policyText("p", ...Array.from({ length: rules }, () => rule)), {
      limits: { ...defaultEvaluationLimits, maxSteps: 100 },
    }).decide({ payload, sizeBytes: 0 });
  assert.equal(decide(1).allowed, true);
  assert.equal(decide(2).errorCode, "EVALUATION_STEP_LIMIT");
});

test("a body does not grow without end", () => {
  const rule = "name: r\nassert: {all: [{message: '{{ big }}', check: {~.a: {($payload): null}}}]}";
  const limits = { ...defaultEvaluationLimits, maxStringBytes: 10_000 };
  const payload = { big: "é".repeat(9_000), a: Array.from({ length: 1_000 }, () => 1) };
  for (const denyBody of ["messages", "details"] as const) {
    const policySet = loadGoodText(policyText("p", rule, rule), { denyBody, limits });
    const { allowed, body } = policySet.decide({ payload, sizeBytes: 0 });
    assert.equal(allowed, false);
    assert.ok(body.length <= limits.maxStringBytes + 100, `${body.length} characters`);
  }
});

test("payloads that are deep, or no object, are judged", () => {
  const rule = "name: r\nassert: {all: [{check: {a: null}}]}";
  const policySet = loadGoodText(policyText("p", rule), { denyBody: "details" });
  const limits = defaultEvaluationLimits;
  const statusOf = (payload: JsonValue) =>
    policySet
      .evaluate(payload, createBudget({ ...limits, maxSteps: 1_000 }))
      .map(({ status }) => status);
  assert.deepEqual(statusOf(null), ["pass"]);
  assert.deepEqual(statusOf("x"), ["fail"]);
  assert.deepEqual(statusOf({ a: nestArray(100_000) }), ["fail"]);
});
