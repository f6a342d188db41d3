import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createEvaluator, createEvaluatorSteps } from "../../src/evaluator/evaluator.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { defaultPolicyOptions } from "../../src/model/limits.ts";
import type { PolicySnapshot } from "../../src/model/policy-snapshot.ts";
import { finishSteps } from "../../src/model/resumable.ts";

/** HS256 with the key `secret`: {"sub":"a"} */
const token =
  "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhIn0.qBdA9L_PTGPhu7ipY7Xs4Eol-m79U_HNIifGEFJXeJQ";
const environment = { nowMs: () => 1_500_000_000_000, random: () => 0.5 };

function snapshotOf(...checks: readonly string[]): PolicySnapshot {
  const files = checks.map((check, i) => ({
    path: `${i}.yaml`,
    text: `apiVersion: json.kyverno.io/v1alpha1
kind: ValidatingPolicy
metadata:
  name: p${i}
spec:
  rules:
  - name: r
    assert:
      all:
      - check: ${check}
`,
  }));
  return { revision: "abc", files };
}

function create(snapshot: PolicySnapshot, options = defaultPolicyOptions) {
  const { evaluator, diagnostics } = createEvaluator(snapshot, options, environment);
  assert.ok(evaluator !== undefined, JSON.stringify(diagnostics));
  return evaluator;
}

function inputOf(payload: JsonObject) {
  return { payload, sizeBytes: 100 };
}

test("an evaluator knows its policies and decides by them", () => {
  const evaluator = create(snapshotOf("{a: 1}", "{b: 2}"));
  assert.equal(evaluator.revision, "abc");
  assert.deepEqual(evaluator.policyNames, ["p0", "p1"]);
  assert.deepEqual(evaluator.decide(inputOf({ a: 1, b: 2 })), {
    allowed: true,
    reason: "passed",
    body: "",
  });
  assert.deepEqual(evaluator.decide(inputOf({ a: 1, b: 3 })), {
    allowed: false,
    reason: "rule-failed",
    body: "denied by policy p1",
    policy: "p1",
    rule: "r",
  });
});

test("an evaluator without policies denies", () => {
  const decision = create({ revision: "abc", files: [] }).decide(inputOf({}));
  assert.deepEqual(decision, { allowed: false, reason: "no-policy", body: "no rule applies" });
});

test("a snapshot with a fault makes no evaluator", () => {
  const { evaluator, diagnostics } = createEvaluator(
    snapshotOf("{a: 1}", "{(nope(@)): 1}"),
    defaultPolicyOptions,
  );
  assert.equal(evaluator, undefined);
  assert.deepEqual(
    diagnostics.map(({ file, code, severity }) => [file, code, severity]),
    [["1.yaml", "POLICY_UNKNOWN_FUNCTION", "error"]],
  );
});

test("tokens are verified once and remembered", () => {
  const evaluator = create(snapshotOf("{\"(jwt_decode(t, 'secret').payload.sub)\": a}"));
  const decisions = [1, 2, 3].map(() => evaluator.decide(inputOf({ t: token })).allowed);
  assert.deepEqual(decisions, [true, true, true]);
  const { hits, misses, entries } = evaluator.jwtCacheStats();
  assert.deepEqual({ hits, misses, entries }, { hits: 2, misses: 1, entries: 1 });
  const forged = evaluator.decide(inputOf({ t: `${token.slice(0, -1)}A` }));
  assert.equal(forged.errorCode, "EVALUATION_JWT");
});

test("every function of the language and beyond can be called", () => {
  const conditions = [
    "to_string(length('abc')) == '3'",
    "to_upper('a') == 'A'",
    "add('1Ki', '1Ki') == '2Ki'",
    "regex_match('^a+$', 'aa')",
    "parse_yaml('a: x').a == 'x'",
    "time_now_utc() == '2017-07-14T02:40:00Z'",
    "random('[0-9]') != ''",
  ];
  const decisions = conditions.map((condition) =>
    create(snapshotOf(`{"(${condition})": true}`)).decide(inputOf({})),
  );
  assert.deepEqual(
    decisions.map(({ allowed }) => allowed),
    conditions.map(() => true),
    JSON.stringify(decisions),
  );
});

suite("an exception becomes a deny", () => {
  const broken: JsonObject = new Proxy(
    { a: 1 },
    {
      getPrototypeOf: () => {
        throw new RangeError("Maximum call stack size exceeded");
      },
    },
  );
  const evaluated: readonly { denyBody: "messages" | "details" | "none"; want: string }[] = [
    { denyBody: "messages", want: "the request could not be evaluated" },
    {
      denyBody: "details",
      want: "Request denied by Kyverno JSON engine. Reason: the evaluation ended in a fault",
    },
    { denyBody: "none", want: "" },
  ];
  for (const { denyBody, want } of evaluated) {
    test(`in a rule, ${denyBody}`, () => {
      const evaluator = create(snapshotOf("{a: 1}"), { ...defaultPolicyOptions, denyBody });
      const { fault, ...decision } = evaluator.decide(inputOf(broken));
      // For the log, never for clients.
      assert.match(fault ?? "", /^RangeError: Maximum call stack size exceeded\n +at /);
      assert.deepEqual(decision, {
        allowed: false,
        reason: "evaluation-error",
        body: want,
        policy: "p0",
        rule: "r",
        errorCode: "EVALUATION_PANIC",
      });
    });
  }

  test("outside of rules", () => {
    const evaluator = create(snapshotOf("{a: 1}"));
    const input = Object.defineProperty(inputOf({}), "payload", {
      get: () => {
        throw new TypeError("no payload");
      },
    });
    // Whoever calls has it reported, and denies.
    assert.throws(() => evaluator.decide(input), { message: "no payload" });
  });
});

test("a request deep enough to end the stack is a deny, and the next one is judged", () => {
  let deep: JsonObject = {};
  for (let level = 0; level < 200_000; level += 1) deep = { a: deep };
  const evaluator = create(snapshotOf("{(to_string(@)): x, (@ == $payload): true}"));
  assert.equal(evaluator.decide(inputOf(deep)).allowed, false);
  assert.equal(evaluator.decide(inputOf({})).reason, "rule-failed");
});

test("an evaluator can be created in steps", () => {
  const steps = createEvaluatorSteps(snapshotOf("{a: 1}", "{a: 1}"), defaultPolicyOptions);
  assert.deepEqual([steps.next().done, steps.next().done], [false, false]);
  assert.deepEqual(finishSteps(steps).evaluator?.policyNames, ["p0", "p1"]);
});
