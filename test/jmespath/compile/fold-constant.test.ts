import assert from "node:assert/strict";
import { test } from "node:test";
import type { Result } from "../../../src/go-values/value.ts";
import { compileExpression } from "../../../src/jmespath/compile/compile.ts";
import { childScope, rootScope } from "../../../src/jmespath/compile/scope.ts";
import { coreFunctions } from "../../../src/jmespath/functions/core-functions.ts";
import {
  createFunctionTable,
  type FunctionRow,
  type FunctionTable,
} from "../../../src/jmespath/functions/function-table.ts";
import { EvaluationError } from "../../../src/model/evaluation-error.ts";
import { defaultEvaluationLimits, type EvaluationPlan } from "../../../src/model/limits.ts";
import { budgetOf } from "../evaluate.ts";

const error = new EvaluationError("EVALUATION_VALUE", "no");

/** A table with functions of which every call is noted, and the notes. */
function createNotingTable(): { table: FunctionTable; notes: string[]; prepared: unknown[] } {
  const notes: string[] = [];
  const prepared: unknown[] = [];
  const row = (name: string, result: Result, more: Partial<FunctionRow> = {}): FunctionRow => ({
    name,
    parameters: [{ types: ["any"], variadic: true, optional: true }],
    body: () => {
      notes.push(name);
      return result;
    },
    ...more,
  });
  const table = createFunctionTable([
    ...coreFunctions,
    row("pure", "p"),
    row("fails", error),
    row("chance", "c", { isVolatile: true }),
    row("today", "t", { dependsOnTime: true }),
    row("throws", null, {
      body: () => {
        notes.push("throws");
        throw new RangeError("a fault of ours");
      },
    }),
    row("costly", "k", {
      body: (_, budget) => {
        notes.push("costly");
        budget.stepsLeft -= 100_000;
        return "k";
      },
    }),
    row("limited", null, {
      body: () => {
        notes.push("limited");
        return new EvaluationError("EVALUATION_SIZE_LIMIT", "too long");
      },
    }),
    row("prepares", null, {
      prepare: (constants) => {
        prepared.push(constants);
        return { body: () => constants.at(-1) ?? null };
      },
    }),
  ]);
  return { table, notes, prepared };
}

interface Case {
  readonly text: string;
  /** The functions called when the text is compiled, and for each of two evaluations. */
  readonly atLoad: readonly string[];
  readonly each: readonly string[];
  readonly want: unknown;
}

const cases: readonly Case[] = [
  { text: "pure()", atLoad: ["pure"], each: [], want: "p" },
  { text: "[pure(`1`), a]", atLoad: ["pure"], each: [], want: ["p", 1] },
  { text: "join(pure(), ['x', 'y'])", atLoad: ["pure"], each: [], want: "xpy" },
  { text: "pure(a)", atLoad: [], each: ["pure"], want: "p" },
  { text: "pure(@)", atLoad: [], each: ["pure"], want: "p" },
  { text: "pure($v)", atLoad: [], each: ["pure"], want: "p" },
  { text: "let $x = `1` in pure($x)", atLoad: ["pure"], each: [], want: "p" },
  { text: "let $x = $x in pure($x)", atLoad: [], each: ["pure"], want: "p" },
  { text: "let $x = `1`, $y = a in pure($x)", atLoad: ["pure"], each: [], want: "p" },
  { text: "let $x = a in pure(`1`)", atLoad: ["pure"], each: [], want: "p" },
  { text: '`{"a": [2]}`.a[0] | pure(@)', atLoad: ["pure"], each: [], want: "p" },
  { text: "`[1, 2]`[*].pure(@)", atLoad: ["pure", "pure"], each: [], want: ["p", "p"] },
  { text: "`[1, 2]`[?pure(@) == 'p']", atLoad: ["pure", "pure"], each: [], want: [1, 2] },
  { text: "`[1]`[?$v].pure(@)", atLoad: [], each: [], want: [] },
  { text: "map(&pure(@), `[1]`)", atLoad: [], each: ["pure"], want: ["p"] },
  { text: "a && fails()", atLoad: ["fails"], each: [], want: error },
  { text: "b && fails()", atLoad: ["fails"], each: [], want: null },
  { text: "a || fails()", atLoad: ["fails"], each: [], want: 1 },
  { text: "pure(fails())", atLoad: ["fails"], each: [], want: error },
  { text: "pure(pure(a), fails())", atLoad: ["fails"], each: ["pure"], want: error },
  { text: "chance()", atLoad: [], each: ["chance"], want: "c" },
  { text: "today('a')", atLoad: [], each: ["today"], want: "t" },
  { text: "[pure(), today(pure())]", atLoad: ["pure", "pure"], each: ["today"], want: ["p", "t"] },
  { text: "costly()", atLoad: ["costly"], each: ["costly"], want: "k" },
  {
    text: "limited()",
    atLoad: ["limited"],
    each: ["limited"],
    want: new EvaluationError("EVALUATION_SIZE_LIMIT", "too long"),
  },
  { text: "b && throws()", atLoad: ["throws"], each: [], want: null },
];

test("what is constant is evaluated once, when it is compiled", async (t) => {
  for (const { text, atLoad, each, want } of cases) {
    await t.test(text, () => {
      const { table, notes } = createNotingTable();
      const { evaluate, calls } = compileExpression(text, table, defaultEvaluationLimits);
      assert.deepEqual(notes, atLoad);
      for (const round of [1, 2]) {
        const scope = childScope(rootScope(budgetOf()), "v", null);
        assert.deepEqual(evaluate({ a: 1 }, childScope(scope, "x", 2)), want);
        assert.deepEqual(notes, [...atLoad, ...Array.from({ length: round }, () => each).flat()]);
      }
      assert.ok(each.every((name) => calls.some((row) => row.name === name)));
    });
  }
});

test("the plain plan folds nothing", () => {
  const { table, notes } = createNotingTable();
  const { evaluate, calls } = compileExpression("pure()", table, defaultEvaluationLimits, "plain");
  assert.deepEqual([notes, calls.length], [[], 1]);
  assert.equal(evaluate(null, rootScope(budgetOf())), "p");
  assert.deepEqual(notes, ["pure"]);
});

test("the functions that only constants call are no longer called by the expression", () => {
  const { table } = createNotingTable();
  const { calls } = compileExpression("a == pure()", table, defaultEvaluationLimits);
  assert.deepEqual(calls, []);
});

test("arguments that are constant are prepared for, one that errs is not", () => {
  const { table, prepared } = createNotingTable();
  const texts = [
    "prepares(a, 'x')",
    "prepares('x', a)",
    "prepares(a, pure())",
    "prepares(a, fails())",
    "prepares(a, b)",
  ];
  for (const text of texts) compileExpression(text, table, defaultEvaluationLimits);
  assert.deepEqual(prepared, [
    [undefined, "x"],
    ["x", undefined],
    [undefined, "p"],
  ]);
});

function stepsOf(text: string, plan: EvaluationPlan): number {
  const budget = budgetOf();
  const { table } = createNotingTable();
  compileExpression(text, table, budget.limits, plan).evaluate(null, rootScope(budget));
  return budget.limits.maxSteps - budget.stepsLeft;
}

test("folding spends fewer steps, never more", () => {
  const text = "sort(`[3, 2, 1]`)";
  assert.ok(stepsOf(text, "planned") < stepsOf(text, "plain"));
});
