import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonSelection } from "../../../src/json/json-selection.ts";
import { JsonReads } from "../../../src/kyverno-json/rules/json-reads.ts";
import type { Decision } from "../../../src/model/decision.ts";
import type { JsonValue } from "../../../src/model/json.ts";
import { defaultPolicyOptions, type EvaluationPlan } from "../../../src/model/limits.ts";
import { allFunctions } from "../../fuzz/engine-table.ts";
import { loadPolicySet } from "../../policy/load-policies.ts";

/** A selection in short: `true` for all of a value, else its members, with `*` for each element. */
function write({ isWhole, members, each }: JsonSelection): JsonValue {
  if (isWhole) return true;
  const entries = [...members].map(([name, below]): [string, JsonValue] => [name, write(below)]);
  return Object.fromEntries(each === undefined ? entries : [...entries, ["*", write(each)]]);
}

test("what is looked at of a call's JSON is all that any rule looks at", () => {
  const cases: readonly {
    readonly ways: readonly (readonly (string | undefined)[])[];
    readonly want: JsonValue;
  }[] = [
    { ways: [], want: true },
    { ways: [["a"]], want: { a: true } },
    {
      ways: [
        ["a", "b"],
        ["a", "c"],
      ],
      want: { a: { b: true, c: true } },
    },
    { ways: [["a", "b"], ["a"]], want: { a: true } },
    { ways: [["a"], ["a", "b"], []], want: true },
    { ways: [["a", undefined, "b"]], want: { a: { "*": { b: true } } } },
    {
      ways: [
        [undefined, "b"],
        ["a", "c"],
      ],
      want: { a: { b: true, c: true }, "*": { b: true } },
    },
    { ways: [[undefined], ["a", "c"]], want: { a: true, "*": true } },
  ];
  for (const { ways, want } of cases) {
    const reads = new JsonReads();
    for (const steps of ways) reads.add({ call: "c", steps });
    reads.add({ call: "other", steps: [] });
    assert.deepEqual(write(reads.selectionOf("c")), want);
  }
  const seen = new JsonReads();
  seen.add({ call: "c", steps: ["a"], isOnlySeen: true });
  assert.deepEqual(write(seen.selectionOf("c")), { a: {} });
});

/** Longer than what the engine's own parser reads whole. */
const pad = " ".repeat(1_100);

function decide(plan: EvaluationPlan, rules: readonly JsonValue[], json: string): Decision {
  return decideAll(plan, [rules], json);
}

/** What policies of these rules decide, each in a file of its own. */
function decideAll(
  plan: EvaluationPlan,
  policies: readonly (readonly JsonValue[])[],
  json: string,
): Decision {
  const files = policies.map((rules, index) => ({
    path: `${index}.json`,
    text: JSON.stringify({
      apiVersion: "json.kyverno.io/v1alpha1",
      kind: "ValidatingPolicy",
      metadata: { name: `p${index}` },
      spec: { rules },
    }),
  }));
  const options = { ...defaultPolicyOptions, denyBody: "details" } as const;
  const { policySet } = loadPolicySet(
    { revision: "r", files },
    options,
    allFunctions,
    plan,
    "original",
  );
  assert.ok(policySet !== undefined);
  return policySet.decide({ payload: { body: pad + json }, sizeBytes: 0 });
}

const body =
  '{"a":{"b":1,"c":2},"d":{"b":1},"list":[{"x":1,"y":2},{"x":3,"y":4},[{"x":5}],null],"n":7}';
const context = [{ name: "t", variable: "(json_parse_strict(body))" }];
const json = "json_parse_strict(body)";

/** Checks that look at parts in ways of which each could leave out too much. */
const checks: Readonly<Record<string, readonly JsonValue[]>> = {
  "a member of each and members of one": [
    { "($t.a.c)": 2, "($t)": { "~.d": { "(@)": 1 } } },
    { "~.($t)": { "(b)": 1 } },
  ],
  "each, of which nothing is looked at": [{ "~.($t.list)": { "('x')": "y" } }],
  "each member, of which nothing is looked at": [{ "($t.*.[`1`])": [] }],
  "elements, of which nothing is looked at": [{ "($t.list[*].[`1`])": [] }],
  "elements that are filtered": [{ "($t.list[?x > `1`].y)": [1] }],
  "elements that are filtered, whole": [{ "($t.list[?x > `1`])": [1] }],
  "arrays in the place of objects": [{ "($t.list)": { x: 1 } }, { "~.($t.list)": { x: 1 } }],
  "a key over what is no object": [{ "($t)": { n: { deep: { deeper: 8 } } } }],
  "something that is not null": [{ "(not_null($t.list, `[]`))": { "~.(@)": { "(x)": 9 } } }],
  "a variable of a variable": [{ "(let $u = $t.a in $u.c)": 3 }],
  "a variable that hides it": [{ "(let $t = body in length($t))": 1 }],
  "what a message shows": [{ "($t.n)": 8 }],
  "a call in a check beside the variable": [{ [`(${json}.a.b)`]: 2 }, { [`(${json}.d)`]: 2 }],
  "a length": [{ "(length($t.list))": 5 }, { "(length($t.a))": 5 }],
  "whether it is empty": [{ "(!$t.d)": true }, { "($t.d && 'x')": "y" }],
  "its keys": [{ "(keys($t.a))": ["b"] }],
};

for (const [name, trees] of Object.entries(checks)) {
  test(`a selection leaves out nothing of ${name}`, () => {
    const all = trees.map((check) => ({ check, message: "{{ $t.a }} {{ $t.n }}" }));
    const rules = [
      { name: "together", context, assert: { all } },
      ...trees.map((check, index) => ({
        name: `r${index}`,
        context,
        assert: { all: [{ check }] },
      })),
    ];
    for (const some of [rules, ...rules.map((rule) => [rule])]) {
      const want = decide("plain", some, body);
      assert.deepEqual(decide("planned", some, body), want);
    }
    assert.equal(decide("plain", rules, body).allowed, false);
  });
}

function ruleOf(name: string, expression: string): JsonValue {
  return { name, assert: { all: [{ check: { [`(${expression})`]: true } }] } };
}

test("constants are evaluated whole, whatever else is looked at of the same call", () => {
  const text = `${pad}{"a":1,"b":2}`;
  const policies = [
    ruleOf("first", `json_parse('${text}').a == \`1\``),
    ruleOf("second", `json_parse('${text}').b == \`2\` && length(body) > \`0\``),
  ];
  const separate = policies.map((only) => [only]);
  assert.equal(decideAll("planned", separate, body).allowed, true);
});

test("a body's members that no rule looks at are not kept, and still have to be JSON", () => {
  const check = { "($t.n)": 7 };
  const rules = [{ name: "r", context, assert: { all: [{ check }] } }];
  assert.equal(decide("planned", rules, body).allowed, true);
  assert.equal(decide("planned", rules, body.replace('"y":4', '"y":04')).allowed, false);
  assert.equal(decide("planned", rules, body.replace('"y":4', '"y":4,"y":5')).allowed, false);
});
