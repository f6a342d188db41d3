import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { Value } from "../../../src/go-values/value.ts";
import { compileTree } from "../../../src/kyverno-json/assertion/compile-tree.ts";
import { EvaluationError } from "../../../src/model/evaluation-error.ts";
import type { JsonValue } from "../../../src/model/json.ts";
import { defaultEvaluationLimits } from "../../../src/model/limits.ts";
import { parsedTree } from "../parsed.ts";
import { createTestCompiler, failsOf, holdTree } from "./hold-tree.ts";

function nest(levels: number, wrap: (inner: JsonValue) => JsonValue): JsonValue {
  let value: JsonValue = null;
  for (let level = 0; level < levels; level += 1) value = wrap(value);
  return value;
}

function codeOf(outcome: ReturnType<typeof holdTree>): string {
  return outcome instanceof EvaluationError ? outcome.code : "no error";
}

suite("names of prototypes are ordinary keys", () => {
  for (const name of ["__proto__", "constructor", "toString", "valueOf", "__defineGetter__"]) {
    const own: Value = JSON.parse(`{"${name}": "own"}`);
    const tree: JsonValue = JSON.parse(`{"${name}": "own"}`);
    test(`${name} of its own`, () => {
      assert.equal(holdTree(tree, own), "holds");
    });
    test(`${name} that is inherited only`, () => {
      assert.deepEqual(holdTree(tree, {}), [
        `t.${name}: Invalid value: "null": Expected value: "own"`,
      ]);
    });
    test(`${name} as an expected object's key`, () => {
      assert.deepEqual(holdTree(`({"${name}": \`1\`})`, {}), [
        `t: Invalid value: map[string]interface {}{}: Expected value: map[string]interface {}{"${name}":1}`,
      ]);
    });
  }
});

test("a tree deeper than the limit is reported, and an error when it is reached", () => {
  const { compiler, reports } = createTestCompiler();
  const deep = nest(100_000, (inner) => ({ a: inner }));
  const site = { documentPath: [], path: "t", at: [], variables: new Map() };
  compileTree(parsedTree(deep), site, compiler);
  assert.deepEqual(
    reports.map(({ code, severity }) => [code, severity]),
    [["POLICY_TOO_LARGE", "error"]],
  );
  assert.equal(codeOf(holdTree(deep, {})), "EVALUATION_DEPTH_LIMIT");
});

test("a value deeper than any tree is only shown in part", () => {
  const deep = nest(100_000, (inner) => [inner]);
  const [text = ""] = failsOf({ a: null }, { a: deep });
  assert.match(text, /^t\.a: Invalid value: \[\]interface/);
});

test("values that nest too deep to be compared are an error", () => {
  const deep = nest(100_000, (inner) => [inner]);
  assert.equal(codeOf(holdTree("($payload)", deep)), "EVALUATION_DEPTH_LIMIT");
});

test("steps are counted per node, element and comparison", () => {
  const limits = { ...defaultEvaluationLimits, maxSteps: 100 };
  const many = Array.from({ length: 200 }, () => 1);
  const trees: readonly JsonValue[] = [{ "~.a": 1 }, { "~.a": {} }, { "~.a": "(@)" }, { a: "(@)" }];
  assert.deepEqual(
    trees.map((tree) => codeOf(holdTree(tree, { a: many }, limits))),
    trees.map(() => "EVALUATION_STEP_LIMIT"),
  );
});

test("a value that shares its parts is neither compared nor shown without end", () => {
  let shared: Value = ["x"];
  for (let level = 0; level < 60; level += 1) shared = [shared, shared];
  const other: Value = structuredClone({ a: 1 });
  assert.equal(codeOf(holdTree("($payload)", shared)), "EVALUATION_STEP_LIMIT");
  const [text = ""] = failsOf({ "(@)": null }, [shared, other]);
  assert.ok(text.length < 2 * defaultEvaluationLimits.maxStringBytes, `${text.length} characters`);
});

test("bytes that are not UTF-8 and lone surrogates are shown escaped", () => {
  assert.deepEqual(holdTree("x", "\udc80\ud800"), [
    't: Invalid value: "\\x80\\ud800": Expected value: "x"',
  ]);
});

test("a list of very many fails is joined", () => {
  const many = Array.from({ length: 60_000 }, () => 1);
  const fails = failsOf({ "~.a": 2, "~.b": 2 }, { a: many, b: many });
  assert.equal(fails.length, 120_000);
});
