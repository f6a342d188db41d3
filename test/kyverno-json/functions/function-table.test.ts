import assert from "node:assert/strict";
import { test } from "node:test";
import { compileExpression } from "../../../src/jmespath/compile/compile.ts";
import { rootScope } from "../../../src/jmespath/compile/scope.ts";
import { createPolicyFunctions } from "../../../src/kyverno-json/functions/function-table.ts";
import { EvaluationError } from "../../../src/model/evaluation-error.ts";
import { defaultEvaluationLimits } from "../../../src/model/limits.ts";
import { createBudget } from "./call-function.ts";

const functions = createPolicyFunctions({
  nowMs: () => 0,
  random: () => 0,
  decoderFor: (secret) => (token) =>
    secret === "right"
      ? { header: {}, payload: { sub: token }, sig: "" }
      : new EvaluationError("EVALUATION_JWT", "invalid JWT token: signature is invalid"),
});

/** What the expression gives on null. */
function evaluate(expression: string): unknown {
  const { evaluate: run } = compileExpression(expression, functions, defaultEvaluationLimits);
  return run(null, rootScope(createBudget()));
}

test("there are 90 functions", () => {
  assert.equal(functions.size, 90);
});

test("names of object members are no functions", () => {
  for (const name of ["constructor", "__proto__", "toString", "hasOwnProperty"]) {
    assert.equal(functions.has(name), false);
  }
});

test("what asks the clock or chance is asked at every request, however constant it looks", () => {
  const world = { nowMs: 0, random: 0 };
  const table = createPolicyFunctions({
    nowMs: () => world.nowMs,
    random: () => world.random,
    decoderFor: () => () => ({ header: {}, payload: { at: world.nowMs }, sig: "" }),
  });
  const texts = [
    "jwt_decode('token', 'secret').payload.at",
    "random('[a-z]')",
    "time_now()",
    "time_now_utc()",
    "time_since('', '1970-01-01T00:00:00Z', '')",
  ];
  const asking = [...table.values()].filter((row) => row.isVolatile ?? row.dependsOnTime ?? false);
  assert.deepEqual(
    asking.map(({ name }) => name).toSorted(),
    texts.map((text) => text.replace(/\(.*/, "")),
  );
  for (const text of texts) {
    Object.assign(world, { nowMs: 0, random: 0 });
    const { evaluate: run } = compileExpression(text, table, defaultEvaluationLimits);
    const first = run(null, rootScope(createBudget()));
    Object.assign(world, { nowMs: 60_000, random: 0.5 });
    assert.notDeepEqual(run(null, rootScope(createBudget())), first, text);
  }
});

const replaced = ["items", "replace", "split", "sum", "trim"];

test("Kyverno's functions replace the language's", async (t) => {
  const parameterCounts: Record<string, number> = {
    items: 3,
    replace: 4,
    split: 2,
    sum: 1,
    trim: 2,
  };
  for (const name of replaced) {
    await t.test(name, () => {
      const row = functions.get(name);
      assert.equal(row?.parameters.length, parameterCounts[name]);
      assert.equal(
        row?.parameters.some((parameter) => parameter.optional === true),
        false,
      );
    });
  }
});

test("every parameter that may be left out is behind those that may not", () => {
  for (const { name, parameters } of functions.values()) {
    const kinds = parameters.map(({ optional }) => (optional === true ? "?" : "!")).join("");
    assert.doesNotMatch(kinds, /\?!/, name);
  }
});

const secrets = [
  { name: "written out", right: "'right'", wrong: "'wrong'" },
  { name: "computed", right: "concat('ri', 'ght')", wrong: "concat('wro', 'ng')" },
];

for (const { name, right, wrong } of secrets) {
  test(`jwt_decode asks the environment, its secret ${name}`, () => {
    assert.deepEqual(evaluate(`jwt_decode('t', ${right}).payload`), { sub: "t" });
    assert.deepEqual(
      evaluate(`jwt_decode('t', ${wrong})`),
      new EvaluationError("EVALUATION_JWT", "invalid JWT token: signature is invalid"),
    );
  });
}

test("a secret that is no string is refused however it is given", () => {
  for (const secret of ["`1`", "`null`", "to_number('1')"]) {
    const result = evaluate(`jwt_decode('t', ${secret})`);
    assert.ok(result instanceof EvaluationError, secret);
    assert.equal(result.code, "EVALUATION_TYPE");
  }
});

test("time_now asks the environment", () => {
  assert.equal(evaluate("time_now_utc()"), "1970-01-01T00:00:00Z");
});

const hostile = [
  { name: "a Map's name", expression: "lookup({a: 'x'}, '__proto__')", want: null },
  { name: "an own __proto__", expression: 'parse_json(\'{"__proto__":1}\')."__proto__"', want: 1 },
  {
    name: "a key __proto__",
    expression: "keys(object_from_lists(['__proto__'], ['x']))",
    want: ["__proto__"],
  },
  { name: "a lone surrogate", expression: "length(parse_json('\"\\\\ud800\"'))", want: 1 },
];

test("hostile input", async (t) => {
  for (const { name, expression, want } of hostile) {
    await t.test(name, () => {
      assert.deepEqual(evaluate(expression), want);
    });
  }
});
