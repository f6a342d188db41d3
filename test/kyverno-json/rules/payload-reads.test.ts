import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { JsonValue } from "../../../src/model/json.ts";
import { defaultPolicyOptions } from "../../../src/model/limits.ts";
import type { PayloadReads } from "../../../src/model/payload-reads.ts";
import { createEngine } from "../../conformance/engine.ts";
import { loadPolicySet } from "../../policy/load-policies.ts";

const { functions } = createEngine();

/** What a set of policies with these rules, one each, reads; as paths with dots, sorted. */
function readsOf(rules: readonly JsonValue[], plan?: "plain"): readonly string[] {
  const { reads } = load(rules, plan);
  return (reads ?? []).map((path) => ["@", ...path].join(".")).toSorted();
}

function load(rules: readonly JsonValue[], plan?: "plain"): { readonly reads?: PayloadReads } {
  const files = rules.map((rule, index) => ({
    path: `${index}.json`,
    text: JSON.stringify({
      apiVersion: "json.kyverno.io/v1alpha1",
      kind: "ValidatingPolicy",
      metadata: { name: `p${index}` },
      spec: { rules: [rule] },
    }),
  }));
  const options = { ...defaultPolicyOptions, compat: "kyverno-envoy-plugin" } as const;
  return loadPolicySet({ revision: "r", files }, options, functions, plan);
}

function ruleOf(tree: JsonValue): JsonValue {
  return { name: "r", assert: { all: [{ check: tree }] } };
}

const check = { request: { http: { method: "GET" } } };
const method = "@.request.http.method";

const rows: readonly {
  readonly name: string;
  readonly rule: { readonly [name: string]: JsonValue };
  readonly want: readonly string[];
}[] = [
  {
    name: "checks",
    rule: { assert: { any: [{ check }], all: [{ check: { a: 1 } }] } },
    want: ["@.a"],
  },
  { name: "match", rule: { match: { any: [{ a: 1 }], all: [{ b: 1 }] } }, want: ["@.a", "@.b"] },
  {
    name: "exclude",
    rule: { exclude: { any: [{ a: 1 }], all: [{ b: 1 }] } },
    want: ["@.a", "@.b"],
  },
  { name: "identifier", rule: { identifier: "a.b" }, want: ["@.a.b"] },
  {
    name: "messages",
    rule: { assert: { all: [{ check: {}, message: "{{ a.b }} and {{$payload.c}}, {{ a b }}" }] } },
    want: ["@.a.b", "@.c"],
  },
  {
    name: "context",
    rule: {
      context: [
        { name: "x", variable: "(a.b)" },
        { name: "y", variable: "c" },
        { name: "z", variable: { d: "(d)" } },
        { name: "nothing" },
      ],
    },
    want: ["@.a.b"],
  },
  { name: "an empty block", rule: { match: {} }, want: [] },
  {
    name: "the whole payload",
    rule: { identifier: "keys(@)", match: { any: [{ a: 1 }] } },
    want: ["@"],
  },
];

suite("what a policy reads of the payload", () => {
  for (const { name, rule: parts, want } of rows) {
    test(name, () => {
      const assertion = { all: [{ check }] };
      const reads = readsOf([{ name: "r", assert: assertion, ...parts }]);
      const others = reads.filter((path) => path !== method);
      assert.deepEqual(others, want);
    });
  }

  test("a policy set reads what its policies read, each part once", () => {
    const first = ruleOf({ a: { b: 1, c: 2 }, d: 1 });
    assert.deepEqual(readsOf([first, ruleOf({ a: { b: 3 } })]), ["@.a.b", "@.a.c", "@.d"]);
    assert.deepEqual(readsOf([first, ruleOf({ a: "x" })]), ["@.a", "@.d"]);
    assert.deepEqual(readsOf([ruleOf({ a: "x" }), first]), ["@.a", "@.d"]);
  });

  test("names that every object inherits are names", () => {
    const tree = JSON.parse('{"__proto__": {"constructor": 1}, "toString": 1}');
    assert.deepEqual(readsOf([ruleOf(tree)]), ["@.__proto__.constructor", "@.toString"]);
  });

  test("no policy reads nothing", () => {
    assert.deepEqual(readsOf([]), []);
  });

  test("evaluated plainly, everything is read", () => {
    assert.deepEqual(readsOf([ruleOf(check)]), [method]);
    assert.deepEqual(readsOf([ruleOf(check)], "plain"), ["@"]);
  });

  test("policies that do not load read nothing", () => {
    assert.deepEqual(load([{ name: "r" }]).reads, undefined);
  });
});
