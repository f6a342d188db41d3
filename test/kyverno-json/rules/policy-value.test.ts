import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { GoStruct, ItemsArray, type Value } from "../../../src/go-values/value.ts";
import type { PolicyDocument } from "../../../src/kyverno-json/document/document.ts";
import { buildPolicyValue, buildRuleValue } from "../../../src/kyverno-json/rules/policy-value.ts";
import type { JsonObject } from "../../../src/model/json.ts";

const document: PolicyDocument = {
  file: "p.yaml",
  fileText: "",
  name: "test",
  metadata: {
    name: "test",
    labels: { l: "v" },
    uid: "u1",
    generation: 3,
    finalizers: ["f"],
    creationTimestamp: "2024-01-02T03:04:05Z",
  },
  rules: [
    {
      name: "r",
      context: [{ name: "cc", variable: { "<": 1 } }, { name: "dd" }],
      match: { any: [{ a: 1 }] },
      identifier: "a.b",
      assert: { all: [{ message: "m", check: { "(a)": [null] } }] },
    },
  ],
  locate: () => ({ line: 1, column: 1 }),
};

/** What the path of fields and indices leads to. */
function reach(value: Value, path: readonly (string | number)[]): Value {
  return path.reduce<Value>((at, step) => {
    if (at instanceof GoStruct) return at.field(String(step));
    return at instanceof ItemsArray ? (at.items[Number(step)] ?? null) : null;
  }, value);
}

function describe(value: Value): unknown {
  return value instanceof GoStruct ? `${value.kind} ${value.typeName} ${value.goSyntax()}` : value;
}

const policy = buildPolicyValue(document);
const rule = buildRuleValue(document.rules[0]!);
const bare = buildPolicyValue({ ...document, metadata: {}, rules: [] });

const fields: readonly { of: Value; path: readonly (string | number)[]; want: unknown }[] = [
  { of: policy, path: ["name"], want: "test" },
  { of: policy, path: ["Name"], want: "test" },
  { of: policy, path: ["kind"], want: "ValidatingPolicy" },
  { of: policy, path: ["apiVersion"], want: null },
  { of: policy, path: ["aPIVersion"], want: "json.kyverno.io/v1alpha1" },
  { of: policy, path: ["metadata"], want: null },
  { of: policy, path: ["objectMeta", "name"], want: "test" },
  { of: policy, path: ["typeMeta", "kind"], want: "ValidatingPolicy" },
  { of: policy, path: ["namespace"], want: "" },
  { of: policy, path: ["uid"], want: null },
  { of: policy, path: ["uID"], want: 'string types.UID "u1"' },
  { of: policy, path: ["labels"], want: 'map map[string]string map[string]string{"l":"v"}' },
  { of: policy, path: ["labels", "l"], want: null },
  { of: bare, path: ["labels"], want: "map map[string]string map[string]string(nil)" },
  { of: policy, path: ["deletionTimestamp"], want: "ptr *v1.Time <nil>" },
  { of: policy, path: ["deletionGracePeriodSeconds"], want: "ptr *int64 (*int64)(nil)" },
  {
    of: policy,
    path: ["creationTimestamp"],
    want: "struct v1.Time time.Date(2024, time.January, 2, 3, 4, 5, 0, time.Local)",
  },
  { of: policy, path: ["spec", "rules", 0, "name"], want: "r" },
  { of: policy, path: ["spec", "rules", 1], want: null },
  { of: policy, path: ["constructor"], want: null },
  { of: policy, path: ["__proto__"], want: null },
  { of: rule, path: ["identifier"], want: "a.b" },
  { of: rule, path: ["context", 0, "name"], want: "cc" },
  { of: rule, path: ["context", 0, "variable", "value"], want: { "<": 1 } },
  { of: rule, path: ["context", 1, "variable", "value"], want: null },
  { of: rule, path: ["assert", "all", 0, "message"], want: "m" },
  { of: rule, path: ["assert", "all", 0, "check", "value"], want: { "(a)": [null] } },
  { of: rule, path: ["exclude"], want: "ptr *v1alpha1.Match (*v1alpha1.Match)(nil)" },
  {
    of: rule,
    path: ["match"],
    want: 'ptr *v1alpha1.Match &v1alpha1.Match{Any:[]v1alpha1.Any{v1alpha1.Any{Value:map[string]interface {}{"a":1}}}, All:[]v1alpha1.Any(nil)}',
  },
];

suite("fields", () => {
  for (const { of, path, want } of fields) {
    test(path.join("."), () => {
      assert.deepEqual(describe(reach(of, path)), want);
    });
  }
});

const ruleJson =
  '{"name":"r","context":[{"name":"cc","variable":{"\\u003c":1}},{"name":"dd","variable":null}],"match":{"any":[{"a":1}]},"identifier":"a.b","assert":{"all":[{"message":"m","check":{"(a)":[null]}}]}}';
const policyJson = `{"kind":"ValidatingPolicy","apiVersion":"json.kyverno.io/v1alpha1","metadata":{"name":"test","uid":"u1","generation":3,"creationTimestamp":"2024-01-02T03:04:05Z","labels":{"l":"v"},"finalizers":["f"]},"spec":{"rules":[${ruleJson}]}}`;

test("JSON has the fields in the order of their declaration", () => {
  assert.equal(rule.jsonText(), ruleJson);
  assert.equal(policy.jsonText(), policyJson);
  assert.equal(
    bare.jsonText(),
    '{"kind":"ValidatingPolicy","apiVersion":"json.kyverno.io/v1alpha1","metadata":{"name":"test","creationTimestamp":null},"spec":{"rules":[]}}',
  );
});

test("the plain form holds the same", () => {
  const expected: JsonObject = JSON.parse(policyJson);
  assert.deepEqual(policy.toJson(), expected);
});

test("a pointer is shown as what it points to, a nil one as null", () => {
  assert.match(policy.displayText(), /^v1alpha1\.ValidatingPolicy\{TypeMeta:v1\.TypeMeta\{/);
  assert.match(policy.goSyntax(), /^&v1alpha1\.ValidatingPolicy\{/);
  assert.equal(describeDisplay(reach(rule, ["exclude"])), '"null"');
});

test("a time is shown as text", () => {
  assert.equal(
    describeDisplay(reach(policy, ["creationTimestamp"])),
    "2024-01-02 03:04:05 +0000 UTC",
  );
  assert.equal(
    describeDisplay(reach(bare, ["creationTimestamp"])),
    "0001-01-01 00:00:00 +0000 UTC",
  );
});

test("%v of a rule", () => {
  assert.equal(
    rule.goText(),
    "{r [{cc {map[<:1]}} {dd {<nil>}}] 0xc000000000 <nil> a.b 0xc000000000}",
  );
});

function describeDisplay(value: Value): string {
  assert.ok(value instanceof GoStruct);
  return value.displayText();
}
