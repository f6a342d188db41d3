import assert from "node:assert/strict";
import { mock, suite, test } from "node:test";
import { RE2JS } from "re2js";
import { createBudget } from "../../../src/model/budget.ts";
import type { JsonValue } from "../../../src/model/json.ts";
import {
  defaultPolicyOptions,
  defaultEvaluationLimits as limits,
} from "../../../src/model/limits.ts";
import type { LoadedPolicySet } from "../../../src/policy/load-policy-set.ts";
import { createEngine } from "../../conformance/engine.ts";
import { loadPolicySet } from "../../policy/load-policies.ts";
import { policyText } from "../../policy/load-text.ts";

/** Loads rules with functions of their own, so that nothing is compiled already. */
function load(...rules: readonly object[]): LoadedPolicySet {
  const text = policyText("p", ...rules.map((rule) => JSON.stringify(rule)));
  const { functions } = createEngine();
  return loadPolicySet(
    { revision: "r", files: [{ path: "p.yaml", text }] },
    defaultPolicyOptions,
    functions,
  );
}

function ruleOf(name: string, expression: string, context: object = {}): object {
  const entries = Object.entries(context).map(([key, variable]) => ({ name: key, variable }));
  return { name, context: entries, assert: { all: [{ check: { [`(${expression})`]: true } }] } };
}

/** How many patterns the engine of regular expressions compiles meanwhile. */
function countCompiled(work: () => void): number {
  const compiling = mock.method(RE2JS, "compile");
  try {
    work();
    return compiling.mock.callCount();
  } finally {
    compiling.mock.restore();
  }
}

function statusesOf({ policySet, diagnostics }: LoadedPolicySet, payload: JsonValue): string[] {
  assert.ok(policySet !== undefined, JSON.stringify(diagnostics));
  return policySet.evaluate(payload, createBudget(limits)).map(({ status }) => status);
}

test("a constant that holds the same list over and over is looked into once", () => {
  const levels = 25;
  const context: Record<string, string> = { v0: "(['^a$'])" };
  for (let i = 1; i <= levels; i++) context[`v${i}`] = `([$v${i - 1}, $v${i - 1}])`;
  const before = process.cpuUsage();
  const loaded = load(
    ruleOf("r", `regex_match($v${levels}${"[0]".repeat(levels + 1)}, path)`, context),
  );
  const { user, system } = process.cpuUsage(before);
  // Every place where the list stands would take seconds, and with a few levels more for ever.
  assert.ok(user + system < 2_000_000, `${user + system} µs`);
  assert.deepEqual(statusesOf(loaded, { path: "a" }), ["pass"]);
});

test("300 rules with a pattern of their own compile nothing for a request", () => {
  const rules = Array.from({ length: 300 }, (_, i) =>
    ruleOf(`r${i}`, `regex_match('^/a${i}/[0-9]+$', path)`),
  );
  let loaded: LoadedPolicySet | undefined;
  assert.ok(countCompiled(() => (loaded = load(...rules))) >= 300);
  const compiled = countCompiled(() => {
    assert.ok(loaded !== undefined);
    for (let i = 0; i < 3; i++) {
      const statuses = statusesOf(loaded, { path: "/a7/12" });
      assert.equal(statuses.filter((status) => status === "pass").length, 1);
      assert.equal(statuses.length, 300);
    }
  });
  assert.equal(compiled, 0);
});

const positions: readonly { readonly name: string; readonly rule: object }[] = [
  { name: "in an argument", rule: ruleOf("r", "regex_match('^x+$', path)") },
  { name: "folded", rule: ruleOf("r", "regex_match(concat('^x', '+$'), path)") },
  { name: "in let", rule: ruleOf("r", "let $p = '^x+$' in regex_match($p, path)") },
  {
    name: "in let in let, folded",
    rule: ruleOf("r", "let $a = '^x' in let $p = concat($a, '+$') in regex_match($p, path)"),
  },
  { name: "in map", rule: ruleOf("r", "map(&regex_match('^x+$', @), [path])[0]") },
  { name: "in a filter", rule: ruleOf("r", "length([path][?regex_match('^x+$', @)]) == `1`") },
  { name: "a variable of the context", rule: ruleOf("r", "regex_match($p, path)", { p: "^x+$" }) },
  {
    name: "an expression of the context",
    rule: ruleOf("r", "regex_match($p, path)", { p: "(concat('^x', '+$'))" }),
  },
  {
    name: "a member of a variable",
    rule: ruleOf("r", "regex_match($p.a.b, path)", { p: { a: { b: "^x+$" } } }),
  },
  {
    name: "picked from a list of the context",
    rule: ruleOf("r", "length($p[?regex_match(@, $payload.path)]) == `1`", { p: ["^y$", "^x+$"] }),
  },
  {
    name: "picked from a list in the expression",
    rule: ruleOf("r", "length(['^y$', '^x+$'][?regex_match(@, $payload.path)]) == `1`"),
  },
  {
    name: "looked up by the request",
    rule: ruleOf("r", "regex_match(lookup($p, 'k'), path)", { p: { k: "^x+$" } }),
  },
  { name: "in a replacement", rule: ruleOf("r", "regex_replace_all('^x+$', path, 'y') == 'y'") },
  {
    name: "over each element of a tree",
    rule: {
      name: "r",
      context: [{ name: "p", variable: ["^x+$", "^[x]+$"] }],
      assert: {
        all: [{ check: { "($p)": { "~.(@)": { "(regex_match(@, $payload.path))": true } } } }],
      },
    },
  },
];

suite("a pattern that stands in a policy is compiled when it loads", () => {
  for (const { name, rule } of positions) {
    test(name, () => {
      let loaded: LoadedPolicySet | undefined;
      assert.ok(countCompiled(() => (loaded = load(rule))) > 0);
      const compiled = countCompiled(() => {
        assert.ok(loaded !== undefined);
        assert.deepEqual(statusesOf(loaded, { path: "xxx" }), ["pass"]);
        assert.deepEqual(statusesOf(loaded, { path: "z" }), ["fail"]);
      });
      assert.equal(compiled, 0);
    });
  }
});

test("one text with a constant of its own in each rule is told apart", () => {
  const loaded = load(
    ruleOf("a", "regex_match($p, path)", { p: "^a$" }),
    ruleOf("b", "regex_match($p, path)", { p: "^b$" }),
    ruleOf("c", "regex_match($p, path)", { p: "(path)" }),
    ruleOf("d", "regex_match($p, path)", { p: "^a$" }),
  );
  assert.deepEqual(statusesOf(loaded, { path: "a" }), ["pass", "fail", "pass", "pass"]);
  assert.deepEqual(statusesOf(loaded, { path: "b" }), ["fail", "pass", "pass", "fail"]);
});

test("a variable that hides a constant one is no constant", () => {
  const rule = {
    name: "r",
    context: [{ name: "p", variable: "^a$" }],
    assert: { all: [{ check: { "(path)->p": { "(regex_match($p, 'b'))": true } } }] },
  };
  assert.deepEqual(statusesOf(load(rule), { path: "b" }), ["pass"]);
  const inner = ruleOf("r", "let $p = '^a$' in let $p = path in regex_match($p, 'b')");
  assert.deepEqual(statusesOf(load(inner), { path: "b" }), ["pass"]);
});

test("what requests bring forth is paid for before it is compiled, and drives no constant out", () => {
  const loaded = load(
    ruleOf("constant", "regex_match('^x+$', path)"),
    ruleOf("computed", "regex_match(pattern, path)"),
  );
  for (let i = 0; i < 600; i++) statusesOf(loaded, { path: "x", pattern: `x{1,${i + 1}}` });
  assert.equal(
    countCompiled(() => statusesOf(loaded, { path: "x", pattern: "x{1,600}" })),
    0,
  );
  const costly = [`(?:a?){1000}`.repeat(3), "\\pL".repeat(1_300), "(?i)[\\pL\\pN]".repeat(300)];
  for (const pattern of costly) {
    const compiled = countCompiled(() => {
      const { policySet } = loaded;
      const results = policySet?.evaluate({ path: "x", pattern }, createBudget(limits));
      assert.equal(results?.[1]?.error?.code, "EVALUATION_BYTE_LIMIT", pattern.slice(0, 20));
    });
    assert.equal(compiled, 0, pattern.slice(0, 20));
  }
});

const faulty = [
  "regex_match('(', path)",
  "regex_replace_all('(', path, 'x') == 'y'",
  "let $p = '(' in regex_match($p, path)",
  "semver_compare(path, '>=x')",
  "random('(') == path",
];

suite("a constant that its function refuses", () => {
  for (const expression of faulty) {
    test(expression, () => {
      const loaded = load(ruleOf("r", expression));
      const [warning] = loaded.diagnostics;
      assert.deepEqual([warning?.code, warning?.severity], ["POLICY_CONSTANT", "warning"]);
      assert.equal(loaded.diagnostics.length, 1);
      // Neither the log nor a client is told what stands there.
      assert.ok(warning !== undefined && !warning.message.includes("("));
      const { policySet } = loaded;
      const [result] = policySet?.evaluate({ path: "x" }, createBudget(limits)) ?? [];
      assert.equal(result?.error?.code, "EVALUATION_VALUE");
    });
  }
});
