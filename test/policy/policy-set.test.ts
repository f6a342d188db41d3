import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { FunctionRow } from "../../src/jmespath/functions/function-table.ts";
import { createBudget } from "../../src/model/budget.ts";
import type { Decision } from "../../src/model/decision.ts";
import { EvaluationError } from "../../src/model/evaluation-error.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { defaultEvaluationLimits } from "../../src/model/limits.ts";
import { loadGoodText, policyText } from "./load-text.ts";

const allow: Decision = { allowed: true, reason: "passed", body: "" };

function decide(text: string, payload: JsonObject, options = {}): Decision {
  return loadGoodText(text, options).decide({ payload, sizeBytes: 0 });
}

interface BlockCase {
  readonly name: string;
  /** `match` or `exclude` and the like, as YAML flow. */
  readonly rule: string;
  readonly payload: JsonObject;
  readonly want: "pass" | "fail" | "error" | "skipped";
}

const blocks: readonly BlockCase[] = [
  {
    name: "match any and all both have to hold",
    rule: "match: {any: [{a: 2}], all: [{b: 1}]}",
    payload: { a: 2 },
    want: "skipped",
  },
  {
    name: "one of match any is enough",
    rule: "match: {any: [{a: 3}, {a: 2}]}",
    payload: { a: 2 },
    want: "pass",
  },
  {
    name: "match any stops at the first that holds",
    rule: "match: {any: [{a: 2}, {a: x}]}",
    payload: { a: 2 },
    want: "pass",
  },
  {
    name: "an error in match any in front of one that holds",
    rule: "match: {any: [{a: x}, {a: 2}]}",
    payload: { a: 2 },
    want: "error",
  },
  {
    name: "an error in match all behind an any that does not hold",
    rule: "match: {any: [{a: 3}], all: [{a: x}]}",
    payload: { a: 2 },
    want: "error",
  },
  {
    name: "an error in match all behind a fail",
    rule: "match: {all: [{a: 3}, {a: x}]}",
    payload: { a: 2 },
    want: "error",
  },
  {
    name: "exclude with a tree that does not hold",
    rule: "exclude: {all: [{a: 2}, {b: 1}]}",
    payload: { a: 2 },
    want: "pass",
  },
  {
    name: "exclude that holds",
    rule: "exclude: {any: [{a: 2}]}",
    payload: { a: 2 },
    want: "skipped",
  },
  {
    name: "an error in exclude",
    rule: "exclude: {any: [{a: x}]}",
    payload: { a: 2 },
    want: "error",
  },
  {
    name: "an empty list of any beside all",
    rule: "match: {any: [], all: [{a: 2}]}",
    payload: { a: 2 },
    want: "pass",
  },
];

suite("match and exclude", () => {
  for (const { name, rule, payload, want } of blocks) {
    test(name, () => {
      const text = policyText("p", `name: r\n${rule}\nassert: {all: [{check: {}}]}`);
      const limits = defaultEvaluationLimits;
      const results = loadGoodText(text).evaluate(
        payload,
        createBudget({ ...limits, maxSteps: 1_000 }),
      );
      assert.deepEqual(
        results.map(({ status }) => status),
        want === "skipped" ? [] : [want],
      );
    });
  }
});

const asserts: readonly (BlockCase & { readonly errors?: readonly string[] })[] = [
  {
    name: "any: an error beats a branch that would pass",
    rule: "assert: {any: [{check: {a: x}}, {check: {a: 1}}]}",
    payload: { a: 1 },
    want: "error",
  },
  {
    name: "any: the first that passes ends it",
    rule: "assert: {any: [{check: {a: 2}}, {check: {a: 1}}, {check: {a: x}}]}",
    payload: { a: 1 },
    want: "pass",
  },
  {
    name: "all is not looked at when any fails",
    rule: "assert: {any: [{check: {a: 2}}], all: [{check: {a: x}}]}",
    payload: { a: 1 },
    want: "fail",
    errors: ["any[0].check.a: Invalid value: ***: Expected value: ***"],
  },
  {
    name: "all: every fail",
    rule: "assert: {any: [{check: {a: 1}}], all: [{check: {a: 3}}, {check: {a: 4}}]}",
    payload: { a: 1 },
    want: "fail",
    errors: [
      "all[0].check.a: Invalid value: ***: Expected value: ***",
      "all[1].check.a: Invalid value: ***: Expected value: ***",
    ],
  },
];

suite("assert", () => {
  for (const { name, rule, payload, want, errors = [] } of asserts) {
    test(name, () => {
      const limits = defaultEvaluationLimits;
      const policySet = loadGoodText(policyText("p", `name: r\n${rule}`));
      const [result] = policySet.evaluate(payload, createBudget({ ...limits, maxSteps: 1_000 }));
      assert.equal(result?.status, want);
      assert.deepEqual(result?.violations?.flatMap((violation) => violation.errors) ?? [], errors);
    });
  }
});

const contexts: readonly { name: string; context: string; check: string; want: string }[] = [
  {
    name: "an expression is evaluated against the payload",
    context: "[{name: v, variable: (b)}]",
    check: "{a: {deep: ($v)}}",
    want: "pass",
  },
  {
    name: "other text is itself",
    context: "[{name: v, variable: b}]",
    check: "{($v): b}",
    want: "pass",
  },
  {
    name: "expressions inside objects are text",
    context: "[{name: v, variable: {k: (b)}}]",
    check: "{($v.k): \"('(b)')\"}",
    want: "pass",
  },
  {
    name: "escapes stay",
    context: "[{name: v, variable: '\\(b)\\'}]",
    check: "{($v): '\\(b)\\'}",
    want: "pass",
  },
  { name: "nothing is null", context: "[{name: v}]", check: "{($v): null}", want: "pass" },
  {
    name: "an entry sees those in front of it, its own name included",
    context: "[{name: v, variable: x}, {name: v, variable: '([$v][0])'}]",
    check: "{($v): x}",
    want: "pass",
  },
  {
    name: "an entry does not see those behind it",
    context: "[{name: v, variable: ($w)}, {name: w, variable: x}]",
    check: "{($v): x}",
    want: "error",
  },
  {
    name: "an entry that is never read cannot err",
    context: "[{name: v, variable: (abs('x'))}]",
    check: "{b: 1}",
    want: "pass",
  },
  {
    name: "the first variables can be shadowed",
    context: "[{name: payload, variable: zz}]",
    check: "{($payload): zz}",
    want: "pass",
  },
];

suite("context", () => {
  for (const { name, context, check, want } of contexts) {
    test(name, () => {
      const limits = defaultEvaluationLimits;
      const rule = `name: r\ncontext: ${context}\nassert: {all: [{check: ${check}}]}`;
      const results = loadGoodText(policyText("p", rule)).evaluate(
        { a: { deep: 1 }, b: 1 },
        createBudget({ ...limits, maxSteps: 1_000 }),
      );
      assert.deepEqual(
        results.map(({ status }) => status),
        [want],
      );
    });
  }
});

test("an entry is evaluated once however often it is read, and its error says where it stands", () => {
  let calls = 0;
  const count: FunctionRow = {
    name: "count",
    parameters: [],
    body: () => {
      calls += 1;
      return calls;
    },
  };
  const rule = `name: r
context:
- {name: v, variable: (count())}
- {name: w, variable: (abs('x'))}
assert:
  all:
  - check: {($v): 1, ($v + $v): 2}
  - check: {($w): 1}`;
  const policySet = loadGoodText(policyText("p", rule), {}, [count]);
  const limits = defaultEvaluationLimits;
  const [result] = policySet.evaluate({}, createBudget({ ...limits, maxSteps: 1_000 }));
  assert.equal(calls, 1);
  assert.deepEqual(result?.error, {
    code: "EVALUATION_TYPE",
    message:
      'all[1].check.($w): Internal error: context[1].variable: Internal error: invalid type for: ***, expected: []functions.JpType{"number"}',
  });
});

suite("identifier", () => {
  const cases = [
    { identifier: "a", want: "map[b:1 c:<nil>]" },
    { identifier: "a.b", want: "1" },
    { identifier: "a.no", want: "<nil>" },
    {
      identifier: "abs('x')",
      want: '(error: invalid type for: ***, expected: []functions.JpType{"number"})',
    },
    { identifier: "$v", want: "7" },
  ];
  for (const { identifier, want } of cases) {
    test(identifier, () => {
      const rule = `name: r\ncontext: [{name: v, variable: 7}]\nidentifier: ${identifier}\nassert: {all: [{check: {}}]}`;
      const limits = defaultEvaluationLimits;
      const [result] = loadGoodText(policyText("p", rule)).evaluate(
        { a: { b: 1, c: null } },
        createBudget({ ...limits, maxSteps: 1_000 }),
      );
      assert.equal(result?.identifier, want);
      assert.equal(result?.status, "pass");
    });
  }
});

const twoRules = `${policyText(
  "first",
  "name: one\nassert: {any: [{message: 'm {{ a }}', check: {a: 2}}, {check: {a: 3}}]}",
  "name: two\nassert: {all: [{check: {a: 2}}]}",
  "name: three\nassert: {all: [{check: {}}]}",
)}---
${policyText("second", "name: r\nassert: {all: [{check: {a: 2}}]}")}`;

suite("decisions", () => {
  test("every rule that applies passes", () => {
    assert.deepEqual(decide(twoRules, { a: 2 }), allow);
  });

  test("rules that fail, in the words of their messages", () => {
    assert.deepEqual(decide(twoRules, { a: 1 }), {
      allowed: false,
      reason: "rule-failed",
      body: "m ERR\ndenied by policy first\ndenied by policy second",
      policy: "first",
      rule: "one",
    });
  });

  test("a rule that errs after one that fails", () => {
    const text = policyText(
      "p",
      "name: fails\nassert: {all: [{message: refused, check: {a: 2}}]}",
      "name: errs\nassert: {all: [{message: never, check: {a: x}}]}",
    );
    assert.deepEqual(decide(text, { a: 1 }), {
      allowed: false,
      reason: "rule-failed",
      body: "refused\nthe request could not be evaluated",
      policy: "p",
      rule: "fails",
    });
  });

  test("a rule that errs", () => {
    assert.deepEqual(decide(twoRules, { a: "x" }), {
      allowed: false,
      reason: "evaluation-error",
      body: [
        "the request could not be evaluated",
        "the request could not be evaluated",
        "the request could not be evaluated",
      ].join("\n"),
      policy: "first",
      rule: "one",
      errorCode: "EVALUATION_TYPE",
    });
  });

  test("the original's text, masked", () => {
    const { body } = decide(twoRules, { a: 1 }, { denyBody: "details" });
    assert.equal(
      body,
      "Request denied by Kyverno JSON engine. Reason: " +
        "-> m ERR\n -> any[0].check.a: Invalid value: ***: Expected value: ***; " +
        " -> any[1].check.a: Invalid value: ***: Expected value: ***; " +
        " -> all[0].check.a: Invalid value: ***: Expected value: ***; " +
        " -> all[0].check.a: Invalid value: ***: Expected value: ***",
    );
  });

  test("the original's text of an error", () => {
    const text = policyText("p", "name: r\nassert: {all: [{check: {a: x}}]}");
    assert.equal(
      decide(text, { a: 1 }, { denyBody: "details" }).body,
      "Request denied by Kyverno JSON engine. Reason: " +
        "all[0].check.a: Internal error: types are not comparable, string - float64",
    );
  });

  test("no text at all", () => {
    assert.equal(decide(twoRules, { a: 1 }, { denyBody: "none" }).body, "");
  });

  const skipping = policyText("p", "name: r\nmatch: {all: [{a: 1}]}\nassert: {all: [{check: {}}]}");
  const noRule = { reason: "no-rule-applies", allowed: false, body: "no rule applies" };
  const nothing: readonly { name: string; text: string; options: object; want: object }[] = [
    { name: "no policy", text: "", options: {}, want: { ...noRule, reason: "no-policy" } },
    {
      name: "no policy where no rule has to apply",
      text: "",
      options: { noRuleApplies: "allow" },
      want: { ...noRule, reason: "no-policy" },
    },
    { name: "no rule applies", text: skipping, options: {}, want: noRule },
    {
      name: "no rule has to apply",
      text: skipping,
      options: { noRuleApplies: "allow" },
      want: { ...noRule, allowed: true, body: "" },
    },
    {
      name: "no rules",
      text: policyText("p"),
      options: { denyBody: "none" },
      want: { ...noRule, body: "" },
    },
  ];
  for (const { name, text, options, want } of nothing) {
    test(name, () => {
      assert.deepEqual(decide(text, {}, options), want);
    });
  }
});

suite("a panic of the original denies", () => {
  const panicking: FunctionRow = {
    name: "crash",
    parameters: [],
    body: () => new EvaluationError("EVALUATION_PANIC", "it crashed"),
  };
  const judge = (rule: string, payload: JsonObject): Decision => {
    const text = policyText("p", rule);
    return loadGoodText(text, {}, [panicking]).decide({ payload, sizeBytes: 0 });
  };
  const rows: readonly { readonly name: string; readonly rule: string }[] = [
    { name: "in an identifier", rule: "identifier: crash()\nassert: {all: [{check: {a: 1}}]}" },
    {
      name: "in an identifier whose rule does not match",
      rule: "identifier: to_string(crash())\nmatch: {all: [{a: 2}]}\nassert: {all: [{check: {a: 1}}]}",
    },
    {
      name: "in the message of a failed branch in front of one that holds",
      rule: "assert: {any: [{message: 'x {{ crash() }}', check: {a: 2}}, {check: {a: 1}}]}",
    },
    {
      name: "in a context entry that is flattened",
      rule: "context: [{name: c, variable: (crash())}]\nassert: {all: [{check: {'($c[])': null}}]}",
    },
    { name: "in a key", rule: "assert: {all: [{check: {(crash().*): null}}]}" },
  ];
  for (const { name, rule } of rows) {
    test(name, () => {
      const { allowed, errorCode } = judge(`name: r\n${rule}`, { a: 1 });
      assert.deepEqual({ allowed, errorCode }, { allowed: false, errorCode: "EVALUATION_PANIC" });
    });
  }

  test("but not where the original does not come to it", () => {
    const unreached = [
      "assert: {any: [{check: {a: 1}}, {message: '{{ crash() }}', check: {a: 2}}]}",
      "assert: {any: [{message: '{{ nope }}', check: {a: 2}}, {check: {a: 1}}]}",
      "identifier: to_number(&a)\nassert: {all: [{check: {a: 1}}]}",
      "context: [{name: c, variable: (crash())}]\nassert: {all: [{check: {a: 1}}]}",
    ];
    for (const rule of unreached) {
      assert.equal(judge(`name: r\n${rule}`, { a: 1 }).allowed, true, rule);
    }
  });
});

suite("a struct that is held against itself", () => {
  const panic = "runtime error: comparing uncomparable type ";
  const rows: readonly { readonly name: string; readonly want: string }[] = [
    { name: "$policy", want: "passed" },
    { name: "$policy.spec", want: `${panic}v1alpha1.ValidatingPolicySpec` },
    { name: "$policy.spec.rules", want: `${panic}v1alpha1.ValidatingRule` },
    { name: "$policy.objectMeta", want: `${panic}v1.ObjectMeta` },
    { name: "$policy.typeMeta", want: "passed" },
    { name: "$policy.creationTimestamp", want: "passed" },
    { name: "$policy.uID", want: "passed" },
    { name: "$policy.labels", want: "passed" },
    { name: "$rule", want: `${panic}v1alpha1.ValidatingRule` },
    { name: "$rule.assert", want: "passed" },
    { name: "$rule.assert.all[0]", want: `${panic}map[string]interface {}` },
    { name: "$rule.assert.all[0].check", want: `${panic}map[string]interface {}` },
    { name: "$rule.context", want: `${panic}map[string]interface {}` },
    { name: "$rule.context[0]", want: `${panic}map[string]interface {}` },
    { name: "$rule.context[1].variable", want: `${panic}[]interface {}` },
    { name: "$rule.context[2]", want: "passed" },
    { name: "&a", want: `${panic}functions.ExpRef` },
  ];
  const context =
    "context: [{name: c, variable: {k: 1}}, {name: d, variable: [1]}, {name: e, variable: 1}]";
  for (const { name, want } of rows) {
    test(name, () => {
      const rule = `name: r\n${context}\nassert: {all: [{check: {'(${name})': (@)}}]}`;
      const decision = loadGoodText(policyText("p", rule), { denyBody: "details" }).decide({
        payload: { a: 1 },
        sizeBytes: 0,
      });
      if (want === "passed") {
        assert.equal(decision.reason, "passed", decision.body);
      } else {
        assert.equal(decision.errorCode, "EVALUATION_PANIC");
        assert.ok(decision.body.endsWith(want), decision.body);
      }
    });
  }

  test("differs from another one where a field in front does", () => {
    const other = "{'($rule.context[0])': '($rule.context[1])'}";
    const rule = `name: r\n${context}\nmatch: {any: [${other}]}\nassert: {all: [{check: {a: 1}}]}`;
    const set = loadGoodText(policyText("p", rule));
    assert.equal(set.decide({ payload: { a: 2 }, sizeBytes: 0 }).reason, "no-rule-applies");
  });
});

function policyNameRule(name: string, extra = ""): string {
  const check = `{'($policy.name)': ${name}}`;
  return `name: r\n${extra}assert: {all: [{message: '{{ $policy.name }}', check: ${check}}]}`;
}

suite("$policy is the policy whose rule is judged", () => {
  const texts = ["a", "b", "c"].map((name) =>
    policyText(
      name,
      policyNameRule(name),
      policyNameRule(name, "match: {any: [{skip: false}]}\n"),
      policyNameRule(
        name,
        "context: [{name: v, variable: ($policy.name)}]\nidentifier: $policy.name\n",
      ),
    ),
  );

  test("of the first, the second and the third", () => {
    const set = loadGoodText(texts.join("---\n"));
    for (const payload of [{}, { skip: false }, { skip: true }]) {
      const decision = set.decide({ payload, sizeBytes: 0 });
      assert.equal(decision.reason, "passed", decision.body);
      const results = set.evaluate(payload, createBudget(defaultEvaluationLimits));
      assert.deepEqual(
        results.map(({ policy, status }) => `${policy} ${status}`),
        ["a", "b", "c"].flatMap((name) =>
          "skip" in payload && !payload.skip
            ? [`${name} pass`, `${name} pass`, `${name} pass`]
            : [`${name} pass`, `${name} pass`],
        ),
      );
    }
  });

  test("in a message too", () => {
    const failing = ["a", "b"].map((name) =>
      policyText(
        name,
        `name: r\nassert: {all: [{message: 'by {{ $policy.name }}', check: {x: 1}}]}`,
      ),
    );
    const { body } = loadGoodText(failing.join("---\n")).decide({
      payload: { x: 2 },
      sizeBytes: 0,
    });
    assert.equal(body, "by a\nby b");
  });
});

test("an untyped value that was copied out of its struct shows that it has one", () => {
  const rows: readonly (readonly [expression: string, want: string])[] = [
    ["$rule.context[0].variable", '{"Value":{"k":1}}'],
    ["$rule.context[0]", '{"name":"c","variable":{"Value":{"k":1}}}'],
    ["$rule.context", '[{"name":"c","variable":{"k":1}}]'],
    ["$rule.assert.all[0].check", '{"Value":{"a":2}}'],
    ["$rule.match.any", '[{"a":1}]'],
    ["$rule.match.any[0]", '{"Value":{"a":1}}'],
    ["$rule.match", '{"any":[{"a":1}]}'],
    ["{x: $rule.match.any[0]}", '{"x":{"Value":{"a":1}}}'],
  ];
  for (const [expression, want] of rows) {
    const rule = [
      "name: r",
      "context: [{name: c, variable: {k: 1}}]",
      "match: {any: [{a: 1}]}",
      `assert: {all: [{message: '{{ to_string(${expression}) }}', check: {a: 2}}]}`,
    ].join("\n");
    const decision = decide(policyText("p", rule), { a: 1 });
    assert.equal(decision.body, want, expression);
  }
});

test("a zero with a sign in a policy has none", () => {
  const rule = [
    "name: r",
    "context: [{name: c, variable: -0.0}]",
    "assert: {all: [{message: '{{ to_string([$c, $rule.assert.all[0].check]) }}', check: {a: [-0.0]}}]}",
  ].join("\n");
  const { body } = decide(policyText("p", rule), { a: [1] });
  assert.equal(body, '[0,{"Value":{"a":[0]}}]');
});

test("of many denials no more texts are rendered than a client is shown", () => {
  let rendered = 0;
  const row: FunctionRow = {
    name: "long_text",
    parameters: [{ types: ["any"] }],
    body: () => {
      rendered += 1;
      return "x".repeat(1_000);
    },
    isVolatile: true,
  };
  const assertion = "{message: '{{ long_text(x) }}', check: {x: 1}}";
  const rules = Array.from(
    { length: 50 },
    (_, i) => `name: r${i}\nassert: {all: [${assertion}, ${assertion}]}`,
  );
  const limits = { ...defaultEvaluationLimits, maxStringBytes: 4_000 };
  const text = policyText("p", ...rules);
  const { body } = loadGoodText(text, { limits }, [row]).decide({
    payload: { x: 2 },
    sizeBytes: 0,
  });
  assert.equal(body.length, 4_000);
  assert.ok(rendered <= 6, `${rendered} messages`);
});
