import assert from "node:assert/strict";
import { test } from "node:test";
import type { Value } from "../../src/go-values/value.ts";
import { EvaluationError } from "../../src/model/evaluation-error.ts";
import { cpuTimeMs } from "../support/cpu-time.ts";
import { budgetOf, evaluate } from "./evaluate.ts";

function codeOf(expression: string, current: Value, maxSteps: number): string {
  const result = evaluate(expression, current, {}, budgetOf({ maxSteps }));
  return result instanceof EvaluationError ? result.code : "none";
}

test("whatever goes through elements takes steps", () => {
  const list = Array.from({ length: 100 }, (_, i) => i);
  const texts = list.map(String);
  const object = Object.fromEntries(texts.map((text) => [text, 1]));
  const pairs = texts.map((text) => [text, 1]);
  const cases: readonly (readonly [string, Value])[] = [
    ["[*].a", list],
    ["*.a", object],
    ["[?@ > `1`]", list],
    ["[][]", list],
    ["[::-1]", list],
    ["map(&@, @)", list],
    ["sort_by(@, &@)", list],
    ["max_by(@, &@)", list],
    ["group_by(@, &@)", texts],
    ["sort(@)", list],
    ["max(@)", list],
    ["max(@)", texts],
    ["min(@)", texts],
    ["avg(@)", list],
    ["reverse(@)", list],
    ["zip(@, @)", list],
    ["join('', @)", texts],
    ["keys(@)", object],
    ["values(@)", object],
    ["merge(@)", object],
    ["from_items(@)", pairs],
    ["contains(@, 'z')", list],
  ];
  for (const [expression, current] of cases) {
    assert.equal(codeOf(expression, current, 60), "EVALUATION_STEP_LIMIT", expression);
    assert.equal(codeOf(expression, current, 3_000), "none", expression);
  }
});

test("long texts take steps, and more where they are taken apart", () => {
  const plain = "a".repeat(64_000);
  const foreign = "\u4e2d".repeat(64_000);
  const cases: readonly (readonly [string, string, number])[] = [
    ["lower(@)", plain, 500],
    ["lower(@)", foreign, 60_000],
    ["find_first(@, 'z')", plain, 500],
    ["find_last(@, 'z')", foreign, 60_000],
    ["reverse(@)", plain, 30_000],
    ["trim_left(@)", plain, 30_000],
    ["join('', [@])", plain, 3_000],
    ["to_number(@)", plain, 3_000],
    ["max([@, @])", plain, 15_000],
    ["sort([@, @])", plain, 15_000],
  ];
  for (const [expression, current, steps] of cases) {
    assert.equal(codeOf(expression, current, steps), "EVALUATION_STEP_LIMIT", expression);
    assert.equal(codeOf(expression, current, steps * 3), "none", expression);
  }
});

test("asking often whether a large object is empty takes no time", () => {
  const large = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`k${i}`, i]));
  const list = Array.from({ length: 10_000 }, () => 1);
  const tookMs = cpuTimeMs(() => {
    assert.deepEqual(evaluate("let $large = large in list[?!$large]", { large, list }), []);
  });
  assert.ok(tookMs < 5_000, `${tookMs} ms`);
});

test("comparing takes steps", () => {
  const list = Array.from({ length: 100 }, (_, i) => [i]);
  const text = `@ == \`${JSON.stringify(list)}\``;
  assert.equal(codeOf(text, list, 60), "EVALUATION_STEP_LIMIT");
  assert.equal(codeOf(text, list, 3_000), "none");
});

test("a text error that comes again and again is paid for", () => {
  const list = Array.from({ length: 100 }, () => "x".repeat(1_000));
  assert.equal(codeOf("[*].[abs(@)[]]", list, 100_000), "none");
  assert.equal(codeOf("[*].[abs(@)[]]", list, 5_000), "EVALUATION_STEP_LIMIT");
});

test("the budget is shared and goes on shrinking", () => {
  const budget = budgetOf({ maxSteps: 10 });
  assert.equal(evaluate("a.b", { a: { b: 1 } }, {}, budget), 1);
  assert.ok(budget.stepsLeft < 10);
  for (let i = 0; i < 10; i++) evaluate("a.b", null, {}, budget);
  const result = evaluate("a", null, {}, budget);
  assert.ok(result instanceof EvaluationError);
  assert.equal(result.code, "EVALUATION_STEP_LIMIT");
});

test("no projection makes a limit vanish", () => {
  const list = Array.from({ length: 100 }, (_, i) => i);
  for (const swallowing of ["[]", "[?a]", ".*"]) {
    assert.equal(codeOf(`map(&@, @)${swallowing}`, list, 60), "EVALUATION_STEP_LIMIT");
    assert.equal(codeOf(`pad_left('', \`1e9\`)${swallowing}`, list, 60), "EVALUATION_SIZE_LIMIT");
  }
  assert.equal(codeOf("sort_by(@, &pad_left('', @))", [1, 1e9], 60), "EVALUATION_SIZE_LIMIT");
});
