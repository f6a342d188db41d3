import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createEvaluator } from "../../src/evaluator/evaluator.ts";
import type { Value } from "../../src/go-values/value.ts";
import { compileParsed } from "../../src/jmespath/compile/compile.ts";
import { compileTree } from "../../src/kyverno-json/assertion/compile-tree.ts";
import type { TreeCompiler } from "../../src/kyverno-json/assertion/tree.ts";
import type { JsonValue } from "../../src/model/json.ts";
import { defaultEvaluationLimits, defaultPolicyOptions } from "../../src/model/limits.ts";
import { allFunctions } from "../fuzz/engine-table.ts";
import { parsedTree } from "../kyverno-json/parsed.ts";
import { policyText } from "../policy/load-text.ts";
import { shareOf } from "../support/test-effort.ts";
import { type CostlyCall, callsByForm, callsByType, costlyTexts } from "./costly-calls.ts";
import { type Charged, CountedBudget, callText, runCharged, scopeOf } from "./run-charged.ts";

/**
 * Every function and operator is asked again and again for large and many inputs until the budget ends it, and has to
 * end soon: what is not charged for goes on.
 */

/** As few bytes that all cases take seconds together; and so many steps that bytes alone end a loop. */
const limits = {
  ...defaultEvaluationLimits,
  maxSteps: 100_000_000,
  maxEvaluationBytes: Math.floor(defaultEvaluationLimits.maxEvaluationBytes / 25),
};

const length = 5_000;
const many: Value = Array.from({ length: 8_000 }, (_, i) => i);
/** As many as can be sorted. */
const some: Value = Array.from({ length: 400 }, (_, i) => i);

/** What a charge may take of the processor: eight times what it stands for, because machines are slow and busy. */
function allowedMs({ paidSteps, paidBytes }: CountedBudget): number {
  return 15 + 8 * (paidSteps * 250e-6 + paidBytes * 1e-6);
}

/** Measures until it was quick enough, or thrice: compiling and collecting garbage take their time too. */
function assertQuick(name: string, measure: () => Omit<Charged, "result">): void {
  let best: Omit<Charged, "result"> | undefined;
  for (let round = 0; round < 3; round++) {
    const one = measure();
    if (best === undefined || one.cpuMs < best.cpuMs) best = one;
    if (best.cpuMs <= allowedMs(best.budget)) return;
  }
  assert.fail(
    `${name} took ${best?.cpuMs} ms, where ${best && allowedMs(best.budget)} are paid for`,
  );
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
  for (const [place, row] of [...allFunctions.values()].entries()) {
    test(row.name, () => {
      const calls: readonly CostlyCall[] = [
        ...callsByType(row, length),
        ...(byForm[row.name] ?? []),
      ];
      assert.ok(calls.length > 0);
      const inLoops = calls.map((call, i) => ({ ...call, loop: loops[i % loops.length] }));
      const step = Math.min(calls.length, 5);
      for (const { name, args, loop } of shareOf(inLoops, step, place)) {
        const text = callText(row, args);
        assert.ok(loop);
        const variables = { args: [...args], many, some };
        assertQuick(`${name}: ${loop(text)}`, () => runCharged(loop(text), variables, limits));
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
      for (const { name, a, b } of shareOf(operands, 3, i)) {
        const loop = loops[(i + name.length) % loops.length];
        assert.ok(loop);
        const variables = { a, b, many, some };
        assertQuick(`${name}: ${operator}`, () => runCharged(loop(operator), variables, limits));
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
  for (const [place, tree] of trees.entries()) {
    test(JSON.stringify(tree), () => {
      const compiler: TreeCompiler = {
        limits,
        plan: "planned",
        texts: "original",
        report: () => assert.fail("the tree has a fault"),
        compile: ({ ast }) => compileParsed(ast, allFunctions, limits).evaluate,
      };
      const site = { documentPath: [], path: "t", at: [], variables: new Map() };
      const hold = compileTree(parsedTree(tree), site, compiler);
      for (const { name, a, b } of shareOf(operands, 4, place)) {
        const elements: Value = Array.from({ length: 8_000 }, () => a);
        assertQuick(name, () => {
          const budget = new CountedBudget(limits);
          const scope = scopeOf(budget, { a, b });
          const before = process.cpuUsage();
          hold(elements, undefined, scope);
          const { user, system } = process.cpuUsage(before);
          return { cpuMs: (user + system) / 1_000, budget };
        });
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
  for (const [place, row] of [...allFunctions.values()].entries()) {
    test(row.name, () => {
      const all = [...callsByType(row, 1_000), ...(byForm[row.name] ?? [])];
      const calls = shareOf(all, Math.min(all.length, 5), place);
      const turns = Array.from({ length: 30 }, (_, i) => i);
      const before = usedBytes();
      let allowed = 400_000;
      const results = calls.map(({ args }) => {
        const text = `map(&[${callText(row, args)}], $turns)`;
        const { result, budget } = runCharged(text, { args: [...args], turns }, limits);
        allowed += 3 * budget.paidBytes + 16 * budget.paidSteps;
        return result;
      });
      const built = usedBytes() - before;
      assert.equal(results.length, calls.length);
      assert.ok(built <= allowed, `${built} bytes, where ${allowed} are allowed`);
    });
  }
});

test("what a denied client is told is paid for, and no more of it is rendered than is shown", () => {
  const rules = Array.from({ length: 200 }, (_, i) => ({
    name: `r${i}`,
    assert: {
      all: Array.from({ length: 5 }, () => ({
        check: { request: { http: { body: "x", headers: [1] } } },
        message: "{{ request.http.body }}{{ to_string(request.http.headers) }}",
      })),
    },
  }));
  const text = policyText("p", ...rules.map((rule) => JSON.stringify(rule)));
  const snapshot = { revision: "r", files: [{ path: "p.yaml", text }] };
  const body = "中".repeat(500_000);
  const headers = [Object.fromEntries(filledKeys())];
  for (const denyBody of ["messages", "details"] as const) {
    const { evaluator } = createEvaluator(snapshot, { ...defaultPolicyOptions, denyBody });
    const input = { payload: { request: { http: { body, headers } } }, sizeBytes: 0 };
    const before = process.cpuUsage();
    const decision = evaluator?.decide(input);
    const { user, system } = process.cpuUsage(before);
    assert.equal(decision?.allowed, false);
    assert.ok((decision?.body.length ?? 0) <= defaultEvaluationLimits.maxStringBytes + 100);
    assert.ok(user + system < 2_000_000, `${denyBody} took ${(user + system) / 1_000} ms`);
  }
});

function filledKeys(): [string, string][] {
  return Array.from({ length }, (_, i) => [`key ${i}`, "中".repeat(20)]);
}
