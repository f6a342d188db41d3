import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { PolicyOptions } from "../../../src/model/limits.ts";
import { defaultPolicyOptions } from "../../../src/model/limits.ts";
import { finishSteps } from "../../../src/model/resumable.ts";
import { createPolicyEngine } from "../../../src/policy/policy-engine.ts";
import { compatOptions, policyText } from "../../policy/load-text.ts";

const environment = { nowMs: Date.now, random: Math.random };
const short = "has 5 bytes";
const empty = "is empty";
const token = "request.http.headers.authorization";

/** Where a key may stand, which fault it makes, and what stands there on its line. */
const cases: readonly { name: string; rule: string; want: readonly string[] }[] = [
  {
    name: "a literal",
    rule: check(`(jwt_decode(${token}, 'short').payload.sub): x`),
    want: [short],
  },
  {
    name: "an empty literal",
    rule: check(`(jwt_decode(${token}, '').payload.sub): x`),
    want: [empty],
  },
  {
    name: "a computed one",
    rule: check(`(jwt_decode(${token}, join('', ['sho', 'rt'])).x): x`),
    want: [short],
  },
  { name: "on the right", rule: check(`a: (jwt_decode(@, 'short').x)`), want: [short] },
  {
    name: "a variable",
    rule: `context: [{name: k, variable: short}]\n${check(`(jwt_decode(${token}, $k).x): x`)}`,
    want: [short],
  },
  {
    name: "an empty variable",
    rule: `context: [{name: k, variable: ''}]\n${check(`(jwt_decode(${token}, $k).x): x`)}`,
    want: [empty],
  },
  {
    name: "a variable that is computed from nothing",
    rule: `context: [{name: k, variable: "('short')"}]\n${check(`(jwt_decode(${token}, $k).x): x`)}`,
    want: [short],
  },
  {
    name: "a field of a variable",
    rule: `context: [{name: k, variable: {a: {b: short}}}]\n${check(`(jwt_decode(${token}, $k.a.b).x): x`)}`,
    want: [short],
  },
  {
    name: "in a context entry",
    rule: `context: [{name: k, variable: "(jwt_decode('x', ''))"}]\n${check("a: 1")}`,
    want: [empty],
  },
  {
    name: "in a message",
    rule: `assert: {all: [{message: "{{ jwt_decode('x', 'short').x }}", check: {a: 1}}]}`,
    want: [short],
  },
  {
    name: "in an identifier",
    rule: `identifier: jwt_decode('x', '')\n${check("a: 1")}`,
    want: [empty],
  },
  {
    name: "in a match",
    rule: `match: {any: [{"(jwt_decode('x', 'short').x)": x}]}\n${check("a: 1")}`,
    want: [short],
  },
  {
    name: "hidden by a binding",
    rule: `context: [{name: k, variable: ''}]\n${check(`(a)->k: {(jwt_decode('x', $k).x): x}`)}`,
    want: [],
  },
  {
    name: "hidden by a let",
    rule: `context: [{name: k, variable: ''}]\n${check(`(let $k = a in jwt_decode('x', $k).x): x`)}`,
    want: [],
  },
  { name: "read from the request", rule: check("(jwt_decode('x', b).x): x"), want: [] },
  { name: "long enough", rule: check(`(jwt_decode('x', '${"k-".repeat(16)}').x): x`), want: [] },
];

function check(tree: string): string {
  return `assert:\n  all:\n  - check:\n      ${tree}`;
}

function load(rule: string, options: PolicyOptions) {
  const files = [{ path: "p.yaml", text: policyText("p", `name: r\n${rule}`) }];
  const engine = createPolicyEngine(options, environment);
  return finishSteps(engine.load({ revision: "r", files }));
}

for (const options of [defaultPolicyOptions, compatOptions]) {
  suite(`a key of jwt_decode, compat ${options.compat}`, () => {
    for (const { name, rule, want } of cases) {
      test(name, () => {
        const { policySet, diagnostics } = load(rule, options);
        assert.equal(diagnostics.length, want.length, JSON.stringify(diagnostics));
        for (const { code, message } of diagnostics) {
          assert.equal(code, "POLICY_KEY");
          assert.ok(message.includes(want[0] ?? ""), message);
          assert.ok(!message.includes("short."), message);
        }
        assert.equal(policySet === undefined, want[0] === empty);
      });
    }
  });
}

test("an empty key that only a request shows is an error of the rule", () => {
  const rule = check("(jwt_decode('x', not_null(b, '')).x): x");
  const { policySet } = load(rule, defaultPolicyOptions);
  const decision = policySet?.decide({ payload: {}, sizeBytes: 0 });
  assert.equal(decision?.errorCode, "EVALUATION_JWT");
});

test("a name that a hyphen cuts in two is warned about, wherever an expression stands", () => {
  const name = "request.http.headers.x-role";
  const rule = `match: {any: [{(${name}): admin}]}
identifier: ${name}
context: [{name: v, variable: (${name})}]
assert:
  all:
  - message: "{{ ${name} }} may not"
    check: {a: (${name})}`;
  const { policySet, diagnostics } = load(rule, defaultPolicyOptions);
  assert.ok(policySet !== undefined);
  assert.equal(diagnostics.length, 5);
  for (const { code, message, frame = "" } of diagnostics) {
    assert.equal(code, "POLICY_MISUSE");
    assert.match(message, /hyphen/);
    const [line = "", caret = ""] = frame.split("\n");
    assert.ok(line.slice(caret.indexOf("^")).startsWith("x-role"), frame);
  }
});
