import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { compileTree } from "../../src/assertion/compile-tree.ts";
import type { TreeCompiler } from "../../src/assertion/tree.ts";
import { compileExpression } from "../../src/jmespath/compile.ts";
import type { FunctionRow } from "../../src/jmespath/function-table.ts";
import { type Budget, childScope, createBudget, rootScope } from "../../src/jmespath/scope.ts";
import type { Result, Value } from "../../src/jmespath/value.ts";
import type { JsonValue } from "../../src/model/json.ts";
import { defaultEvaluationLimits } from "../../src/model/limits.ts";
import { allFunctions } from "../fuzz/engine-table.ts";
import { type CostlyCall, callsByForm, callsByType, costlyTexts } from "./costly-calls.ts";

/**
 * Every function and operator is asked again and again for large and many inputs until the budget ends it, and has to
 * end soon: what is not charged for goes on.
 */

/** A share of what a request may use, so that all cases take seconds together. */
const share = 1 / 25;
const limits = {
  ...defaultEvaluationLimits,
  maxSteps: defaultEvaluationLimits.maxSteps * share,
  maxEvaluationBytes: Math.floor(defaultEvaluationLimits.maxEvaluationBytes * share),
};

/** What that may take of the processor: ten times what the charges stand for, because machines are slow and busy. */
const maxCpuMs = 1_000 * share;

const length = 5_000;
const many: Value = Array.from({ length: limits.maxSteps }, (_, i) => i);
/** As many as can be sorted. */
const some: Value = Array.from({ length: 400 }, (_, i) => i);

interface Measured {
  readonly result: Result;
  readonly cpuMs: number;
  readonly budget: Budget;
}

function run(text: string, variables: Readonly<Record<string, Value>>): Measured {
  const { evaluate, faults } = compileExpression(text, allFunctions, limits);
  assert.deepEqual(faults, [], text);
  const budget = createBudget(limits);
  let scope = rootScope(budget);
  for (const [name, value] of Object.entries(variables)) scope = childScope(scope, name, value);
  const before = process.cpuUsage();
  const result = evaluate(null, scope);
  const { user, system } = process.cpuUsage(before);
  return { result, cpuMs: (user + system) / 1_000, budget };
}

/** Runs until it was quick enough, or thrice: compiling and collecting garbage take their time too. */
function assertQuick(name: string, text: string, variables: Readonly<Record<string, Value>>): void {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 3 && best > maxCpuMs; round++) {
    const { cpuMs } = run(text, variables);
    best = Math.min(best, cpuMs);
  }
  if (process.env["OSTIARY_SHOW_CHARGES"] !== undefined)
    console.log(best.toFixed(1).padStart(8), name, text);
  else assert.ok(best <= maxCpuMs, `${name}: ${text} took ${best} ms`);
}

function callText(row: FunctionRow, args: readonly Value[]): string {
  const texts = args.map((_, i) => {
    const isReference = row.parameters[i]?.types.includes("expref") === true;
    return isReference ? "&to_string(@)" : `$args[${i}]`;
  });
  return `${row.name}(${texts.join(", ")})`;
}

/** What an expression is asked in again and again. */
const loops: readonly ((text: string) => string)[] = [
  (text) => `map(&(${text}), $many)`,
  (text) => `map(&length([${text}]), $many)`,
  (text) => `$many[?(${text}) == \`1.5\`]`,
  (text) => `sort_by($some, &to_string([${text}]))`,
  (text) => `group_by($some, &to_string([${text}]))`,
  (text) => `max_by($some, &length(to_string([${text}])))`,
  (text) => `$many[].[${text}]`,
  (text) => `map(&(not_null(${text}, '') == not_null(${text}, '')), $many)`,
];

suite("every function", () => {
  const byForm = callsByForm(length);
  for (const name of Object.keys(byForm)) {
    assert.ok(allFunctions.has(name), `there is no function ${name}`);
  }
  for (const row of allFunctions.values()) {
    test(row.name, () => {
      const calls: readonly CostlyCall[] = [
        ...callsByType(row, length),
        ...(byForm[row.name] ?? []),
      ];
      assert.ok(calls.length > 0);
      for (const [i, { name, args }] of calls.entries()) {
        const text = callText(row, args);
        const loop = loops[i % loops.length];
        assert.ok(loop);
        assertQuick(name, loop(text), { args: [...args], many, some });
      }
    });
  }
});

const texts = costlyTexts(length);
const listOfTexts = Object.values(texts);

function filled(make: (i: number) => Value): Value {
  return Array.from({ length }, (_, i) => make(i));
}

/** What operators and trees are given: `$a` and `$b` are equal and not the same. */
const operands: readonly { readonly name: string; readonly a: Value; readonly b: Value }[] = [
  ...Object.entries(texts).map(([name, a]) => ({ name, a, b: `${a.slice(0, -1)}${a.slice(-1)}` })),
  { name: "texts", a: listOfTexts, b: structuredClone(listOfTexts) },
  { name: "an object", a: { ...texts }, b: structuredClone({ ...texts }) },
  {
    name: "many keys",
    a: Object.fromEntries(Array.from({ length }, (_, i) => [`key ${i}`, i])),
    b: Object.fromEntries(Array.from({ length }, (_, i) => [`key ${i}`, i])),
  },
  { name: "many numbers", a: filled((i) => i), b: filled((i) => i) },
  { name: "lists in lists", a: filled(() => [[[]]]), b: filled(() => [[[]]]) },
];

const operators = [
  "$a == $b",
  "$a != $b",
  "[$a] == [$b]",
  "$a < $b",
  "$a + $b",
  "!$a",
  "-$a",
  "$a || $b",
  "$a && $b",
  "$a[1:]",
  "$a[::-1]",
  "$a[*]",
  "$a[]",
  "$a.*",
  "$a[?@ == $b]",
  "[$a, $b]",
  "{a: $a, b: $b}",
  "let $c = $a in $c == $b",
  "$a | @ == $b",
  "abs($a)",
  "keys({a: $a}) | [0]",
];

suite("every operator", () => {
  for (const [i, operator] of operators.entries()) {
    test(operator, () => {
      for (const { name, a, b } of operands) {
        const loop = loops[(i + name.length) % loops.length];
        assert.ok(loop);
        assertQuick(name, loop(operator), { a, b, many, some });
      }
    });
  }
});

suite("every comparison of a tree", () => {
  const trees: readonly JsonValue[] = [
    { "~.(@)": "($b)" },
    { "~.(@)": { "($a)": "($b)" } },
    { "~.(@)": { "($a)": { "~.(@)": "(@)" } } },
    { "~.(@)": { "(to_string($a))": "(to_string($b))" } },
  ];
  for (const tree of trees) {
    test(JSON.stringify(tree), () => {
      const compiler: TreeCompiler = {
        limits,
        plan: "planned",
        texts: "original",
        report: () => assert.fail("the tree has a fault"),
        compile: (statement) => compileExpression(statement, allFunctions, limits).evaluate,
      };
      const site = { documentPath: [], path: "t", at: [], variables: new Map(), depth: 1 };
      const hold = compileTree(tree, site, compiler);
      for (const { name, a, b } of operands) {
        const elements: Value = Array.from({ length: limits.maxSteps }, () => a);
        let best = Number.POSITIVE_INFINITY;
        for (let round = 0; round < 3 && best > maxCpuMs; round++) {
          const root = rootScope(createBudget(limits));
          const scope = childScope(childScope(root, "a", a), "b", b);
          const before = process.cpuUsage();
          hold(elements, undefined, scope);
          const { user, system } = process.cpuUsage(before);
          best = Math.min(best, (user + system) / 1_000);
        }
        assert.ok(best <= maxCpuMs, `${name} took ${best} ms`);
      }
    });
  }
});

setFlagsFromString("--expose-gc");
const collectGarbage: unknown = runInNewContext("gc");

function usedBytes(): number {
  assert.ok(typeof collectGarbage === "function");
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

suite("what is built is no larger than its charge", () => {
  const byForm = callsByForm(1_000);
  for (const row of allFunctions.values()) {
    test(row.name, () => {
      const calls = [...callsByType(row, 1_000), ...(byForm[row.name] ?? [])];
      const turns = Array.from({ length: 30 }, (_, i) => i);
      const before = usedBytes();
      let allowed = 1_000_000;
      const results = calls.map(({ args }) => {
        const text = `map(&[${callText(row, args)}], $turns)`;
        const { result, budget } = run(text, { args: [...args], turns });
        allowed += 3 * (limits.maxEvaluationBytes - budget.bytesLeft);
        allowed += 64 * (limits.maxSteps - budget.stepsLeft);
        return result;
      });
      const built = usedBytes() - before;
      assert.equal(results.length, calls.length);
      assert.ok(built <= allowed, `${built} bytes, where ${allowed} are allowed`);
    });
  }
});
