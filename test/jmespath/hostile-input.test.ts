import assert from "node:assert/strict";
import { test } from "node:test";
import { formatGoSyntax, formatGoValue } from "../../src/go-values/go-format.ts";
import { formatJson, parseJsonText } from "../../src/go-values/json-text.ts";
import { deepEqual } from "../../src/go-values/semantics.ts";
import type { Value } from "../../src/go-values/value.ts";
import { compileExpression } from "../../src/jmespath/compile/compile.ts";
import { EvaluationError } from "../../src/model/evaluation-error.ts";
import { defaultEvaluationLimits } from "../../src/model/limits.ts";
import { budgetOf, evaluate, outcome, testTable } from "./evaluate.ts";

const inherited = ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf", "length"];

function codeOf(result: unknown): string {
  return result instanceof EvaluationError ? result.code : "none";
}

function nested(depth: number): Value {
  let value: Value = [];
  for (let i = 0; i < depth; i++) value = [value];
  return value;
}

test("inherited names are missing fields, functions and variables", () => {
  for (const name of inherited) {
    for (const current of [{}, [], "x", 1, null, true]) {
      assert.equal(evaluate(`"${name}"`, current), null, name);
    }
    assert.equal(outcome(`a.${name}.b`, { a: {} }), null);
    assert.equal(
      outcome(`$${name}`),
      `EVALUATION_UNDEFINED_VARIABLE: variable not defined: $${name}`,
    );
  }
  for (const name of ["constructor", "toString", "valueOf"]) {
    assert.equal(outcome(`${name}(@)`), `EVALUATION_UNKNOWN_FUNCTION: unknown function: ${name}`);
  }
});

test("the same names are ordinary keys of data", () => {
  const data: Value = JSON.parse('{"__proto__":{"a":1},"constructor":2}');
  assert.equal(evaluate('"__proto__".a', data), 1);
  assert.equal(evaluate("constructor", data), 2);
  assert.deepEqual(evaluate("keys(@)", data), ["__proto__", "constructor"]);
  assert.equal(evaluate("to_string(@)", data), '{"__proto__":{"a":1},"constructor":2}');
});

test("no key reaches a prototype when objects are made", () => {
  const object: Value = JSON.parse('{"__proto__":{"polluted":1}}');
  const made = [
    evaluate('{"__proto__": {polluted: `1`}}'),
    evaluate("from_items(@)", [["__proto__", { polluted: 1 }]]),
    evaluate("merge(@)", object),
    evaluate("group_by(@, &k)", [{ k: "__proto__", polluted: 1 }]),
    evaluate('`{"__proto__":{"polluted":1}}`'),
    parseJsonText('{"__proto__":{"polluted":1}}'),
  ];
  for (const value of made) {
    assert.equal(Object.getPrototypeOf(value), Object.prototype);
    assert.ok(!(value instanceof EvaluationError));
    assert.equal(evaluate("polluted", value), null);
    assert.deepEqual(evaluate("keys(@)", value), ["__proto__"]);
  }
  assert.equal(({} as { polluted?: unknown }).polluted, undefined);
});

test("an inherited getter is not run", () => {
  let runs = 0;
  const trap = { get: () => runs++ };
  const heir: Value = Object.create(Object.defineProperty({}, "secret", trap));
  assert.equal(evaluate("secret", heir), null);
  assert.equal(runs, 0);
});

test("texts that nest without end are errors, not crashes", () => {
  const many = 100_000;
  const cases = [
    { name: "parentheses", text: "(".repeat(many) },
    { name: "lists", text: "[".repeat(many) },
    { name: "hashes", text: "{a:".repeat(many) },
    { name: "negations", text: "!".repeat(many) },
    { name: "references", text: "& ".repeat(many) },
    { name: "signs", text: "- ".repeat(many) },
    { name: "calls", text: "abs(".repeat(many) },
    { name: "filters", text: "[?".repeat(many) },
    { name: "lets", text: "let $a = ".repeat(many) },
    { name: "projections", text: `a${"[*]".repeat(many)}` },
    { name: "flattening", text: `a${"[]".repeat(many)}` },
    { name: "object projections", text: `a${".*".repeat(many)}` },
    { name: "sums", text: `a${" + a".repeat(many)}` },
    { name: "comparisons", text: `a${" == a".repeat(many)}` },
    { name: "paths", text: `a${".a".repeat(many)}` },
    { name: "indexes", text: `a${"[0]".repeat(many)}` },
    { name: "alternatives", text: `a${" || a".repeat(many)}` },
    { name: "pipes", text: `a${" | a".repeat(many)}` },
  ];
  for (const { name, text } of cases) {
    const { evaluate: run, faults } = compileExpression(text, testTable, defaultEvaluationLimits);
    const result = run(null, { budget: budgetOf(), parent: undefined, name: "", value: null });
    assert.equal(codeOf(result), "EVALUATION_DEPTH_LIMIT", name);
    assert.equal(faults.length, 1, name);
  }
});

function listsIn(depth: number): string {
  return `${"[".repeat(depth)}@${"]".repeat(depth)}`;
}

test("depth is allowed up to its limit", () => {
  assert.equal(codeOf(evaluate(listsIn(199))), "none");
  assert.equal(codeOf(evaluate(listsIn(200))), "EVALUATION_DEPTH_LIMIT");
  assert.equal(codeOf(evaluate(`a${" || a".repeat(1_000)}`)), "none");
});

test("a reference that calls itself comes to an end", () => {
  const omega = "let $w = &map(@[0], [@]) in map($w, [[$w]])";
  assert.equal(codeOf(evaluate(omega)), "EVALUATION_DEPTH_LIMIT");
  const budget = budgetOf();
  evaluate(omega, null, {}, budget);
  assert.equal(budget.referenceDepth, 0);
  assert.deepEqual(evaluate("map(&map(&@, @), @)", [[1]], {}, budget), [[1]]);
});

test("values that nest deep are printed, compared and parsed within limits", () => {
  const deep = nested(100_000);
  assert.equal(codeOf(formatJson(deep)), "EVALUATION_DEPTH_LIMIT");
  assert.ok(formatGoValue(deep).startsWith("[[["));
  assert.ok(formatGoSyntax(deep).startsWith("[]interface {}{"));
  const budget = budgetOf();
  assert.equal(deepEqual(deep, nested(100_000), budget), false);
  assert.ok(budget.stepsLeft < 0);
  for (const open of ["[", '{"a":']) {
    assert.equal(codeOf(parseJsonText(open.repeat(100_000))), "EVALUATION_DEPTH_LIMIT", open);
  }
  assert.equal(codeOf(evaluate("abs(@)", deep)), "EVALUATION_TYPE");
});

test("values that share their parts do not unfold without end", () => {
  const doubling = "let $a = [$a, $a] in ".repeat(100);
  const cases = [
    { text: `let $a = [@] in ${doubling} to_string($a)`, want: "EVALUATION_SIZE_LIMIT" },
    { text: `let $a = [@] in ${doubling} abs($a)`, want: "EVALUATION_TYPE" },
    {
      text: `let $a = [@] in let $b = ${doubling} $a in let $c = ${doubling} $a in $b == $c`,
      want: "EVALUATION_STEP_LIMIT",
    },
  ];
  for (const { text, want } of cases) assert.equal(codeOf(evaluate(text)), want, text.slice(0, 30));
});

test("long texts take linear time", () => {
  const many = 1_000_000;
  const cases = [
    `'${"a".repeat(many)}`,
    `'${"\\\\".repeat(many)}`,
    `"${"\\".repeat(many)}`,
    `a[${"9".repeat(many)}]`,
    `\`${"1".repeat(many)}\``,
    `\`"${"\\u0041".repeat(100_000)}\``,
    " ".repeat(many),
    "$".repeat(100_000),
  ];
  for (const text of cases) {
    const { faults } = compileExpression(text, testTable, defaultEvaluationLimits);
    assert.equal(faults.length, 1, text.slice(0, 10));
  }
  assert.equal(evaluate(`length('${"é".repeat(many)}')`), many);
  assert.equal(evaluate("to_number(@)", `${"1_".repeat(many)}x`), null);
});

test("lone surrogates pass through", () => {
  assert.equal(evaluate("@", "\ud800"), "\ud800");
  assert.equal(evaluate("to_string([@])", "a\udcff"), '["a\\ufffd"]');
  assert.equal(evaluate("length(@)", "\udcff\udc80"), 2);
  assert.deepEqual(evaluate("[0:1]", "\udcffa"), "\ufffd");
  assert.deepEqual(evaluate("keys(@)", { "\udc80": 1, é: 2, a: 3 }), ["a", "\udc80", "é"]);
});
