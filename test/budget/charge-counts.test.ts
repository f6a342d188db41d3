import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { goEqual } from "../../src/go-values/go-equality.ts";
import { elementsOf, isPlainObject } from "../../src/go-values/semantics.ts";
import { GoStruct, type Result, type Value } from "../../src/go-values/value.ts";
import { compileParsed } from "../../src/jmespath/compile/compile.ts";
import { compileTree } from "../../src/kyverno-json/assertion/compile-tree.ts";
import type { TreeCompiler } from "../../src/kyverno-json/assertion/tree.ts";
import { isEvaluationError } from "../../src/model/evaluation-error.ts";
import type { JsonValue } from "../../src/model/json.ts";
import { defaultEvaluationLimits } from "../../src/model/limits.ts";
import { allFunctions } from "../fuzz/engine-table.ts";
import { parsedTree } from "../kyverno-json/parsed.ts";
import { callsByForm, callsByType } from "./costly-calls.ts";
import { CountedBudget, callText, runCharged, scopeOf } from "./run-charged.ts";

/** Counts, where `charges.test.ts` measures: what is read and built is charged, by a byte a character at least. */

const limits = {
  ...defaultEvaluationLimits,
  maxSteps: 1e9,
  maxEvaluationBytes: 1e12,
  maxStringBytes: 1e7,
};
const length = 2_000;
/** A number's text and the like goes with the step that the call takes. */
const FREE_BYTES = 64;

/** Functions that look at a text, not into it. */
const lookers: ReadonlySet<string> = new Set(["not_null", "to_array", "to_string", "type"]);

/** Characters of the texts in a value, and eight for each element and key; without what is one of the known values. */
function sizeOf(value: Result, known: ReadonlySet<Value> = new Set()): number {
  if (isEvaluationError(value) || known.has(value)) return 0;
  if (typeof value === "string") return value.length;
  if (typeof value !== "object" || value === null || value instanceof GoStruct) return 0;
  let size = 0;
  for (const [key, member] of Object.entries(value)) {
    const isOwnKey = !Array.isArray(value) && !known.has(key);
    size += 8 + (isOwnKey ? key.length : 0) + sizeOf(member, known);
  }
  return size;
}

function partsOf(value: Value, parts: Set<Value> = new Set()): Set<Value> {
  parts.add(value);
  const members = isPlainObject(value) ? Object.values(value) : (elementsOf(value) ?? []);
  for (const member of members) partsOf(member, parts);
  return parts;
}

suite("every call is charged for the texts that it is given, and for what it builds", () => {
  const byForm = callsByForm(length);
  for (const row of allFunctions.values()) {
    test(row.name, () => {
      for (const { name, args } of [...callsByType(row, length), ...(byForm[row.name] ?? [])]) {
        const { result, budget } = runCharged(callText(row, args), { args: [...args] }, limits);
        const failed = isEvaluationError(result) && result.code === "EVALUATION_TYPE";
        const texts = args.filter((arg) => typeof arg === "string");
        const read = lookers.has(row.name) ? 0 : texts.reduce((sum, text) => sum + text.length, 0);
        if (!failed) {
          assert.ok(budget.paidBytes >= read, `${name}: ${budget.paidBytes} for ${read}`);
        }
        const known = new Set(args.flatMap((arg) => [...partsOf(arg)]));
        const built = sizeOf(result, known);
        assert.ok(
          budget.paidBytes + FREE_BYTES >= built,
          `${name}: ${budget.paidBytes}, and built ${built}`,
        );
      }
    });
  }
});

const size = 10_000;
const text = "a".repeat(size);
const again = `${text.slice(1)}a`;
const list = Array.from({ length: size }, (_, i) => i);
const keyed = Object.fromEntries(list.map((i) => [`k${i}`, i]));
const alike = Array.from({ length: 50 }, (_, i) => `${"a".repeat(200)}${i}`);
const keyedAlike = Object.fromEntries(alike.map((key) => [key, 1]));
/** So many characters 50 texts are compared by at least: each with another once. */
const compared = 49 * 200;

/** What is charged at least, where no text is an argument of the function, or more than that is read. */
const counts: readonly (readonly [
  expression: string,
  variables: Record<string, Value>,
  bytes: number,
])[] = [
  ["$a == $b", { a: text, b: again }, size],
  ["$a != $b", { a: text, b: again }, size],
  [`$a == '${"a".repeat(65)}'`, { a: "a".repeat(65) }, 65],
  ["$a == $b", { a: [text], b: [again] }, size],
  ["$a == $b", { a: { k: text }, b: { k: again } }, size],
  ["$a == $b", { a: list, b: [...list] }, 8 * size],
  ["$a == $b", { a: keyed, b: { ...keyed } }, 16 * size],
  ["$a == $b", { a: {}, b: keyed }, 8 * size],
  ["contains($a, $b)", { a: [text, text], b: `${again.slice(1)}b` }, 2 * size],
  ["contains($a, $b)", { a: list, b: -1 }, 8 * size],
  ["label_match($a, $b)", { a: { k: text }, b: { k: again } }, size],
  ["sort($a)", { a: alike }, compared],
  ["sort_by($a, &@)", { a: alike }, compared],
  ["max($a)", { a: alike }, compared],
  ["min_by($a, &@)", { a: alike }, compared],
  ["group_by($a, &@)", { a: alike }, compared],
  ["keys($a)", { a: keyedAlike }, compared],
  ["values($a)", { a: keyedAlike }, compared],
  ["items($a, 'k', 'v')", { a: keyedAlike }, compared],
  ["to_string($a)", { a: keyedAlike }, compared],
  ["$a.*", { a: keyedAlike }, compared],
  ["abs($a)", { a: keyedAlike }, compared],
  ["length($a)", { a: keyed }, 8 * size],
  ["from_items($a)", { a: [[text, 1]] }, size],
  ["object_from_lists($a, $a)", { a: [text] }, size],
  ["$a[*]", { a: list }, 8 * size],
  ["$a[]", { a: list }, 8 * size],
  ["$a[1:]", { a: list }, 8 * size - 8],
  ["$a[?`true`]", { a: list }, 8 * size],
  ["$a[1:]", { a: "中".repeat(size) }, size],
  ["[$a, $a, $a]", { a: 1 }, 3 * 8],
  ["{a: $a, b: $a}", { a: 1 }, 2 * 8],
  ["pad_left('x', `10000`)", {}, 0],
  ["pad_left($a, `10000`)", { a: "x" }, size],
  ["join($a, $b)", { a: text, b: ["", "", ""] }, 2 * size],
  ["find_last($a, $b)", { a: text, b: `${"a".repeat(1_000)}b` }, 100 * size],
  ["split($a, $b)", { a: text, b: `${"a".repeat(1_000)}b` }, 10 * size],
  ["max($a)", { a: list }, 2 * size],
  ["semver_compare('1.2.3', $a)", { a: ">1.0.0 ".repeat(500) }, 512 * 3_500],
  ["semver_compare($a, '>1.0.0')", { a: `1.2.3-${"a.".repeat(500)}b` }, 256 * 1_000],
  ["regex_match($a, 'x')", { a: "(?:a?){1000}" }, 1_000 * 2_048],
  ["regex_match($a, 'x')", { a: "\\pL".repeat(300) }, 300 * 50_000],
];

suite("operators, comparisons and keys are charged for", () => {
  for (const [expression, variables, bytes] of counts) {
    test(`${expression.slice(0, 40)} of ${JSON.stringify(variables).slice(0, 40)}`, () => {
      const { budget } = runCharged(expression, variables, limits);
      assert.ok(budget.paidBytes >= bytes, `${budget.paidBytes} where ${bytes} are read`);
    });
  }
});

const trees: readonly (readonly [tree: JsonValue, value: Value])[] = [
  ["($b)", text],
  [text, again],
  [{ a: "($b)" }, { a: text }],
  [["($b)"], [text]],
  [{ "~.(@)": "($b)" }, [text]],
  ["([$b])", [text]],
  ["({k: $b})", { k: text }],
  [{ "(@)": { "~.(@)": 1 } }, { ...keyedAlike, [text]: 1 }],
];

suite("comparisons of trees are charged for", () => {
  for (const [tree, value] of trees) {
    test(`${JSON.stringify(tree).slice(0, 40)} of ${JSON.stringify(value).slice(0, 40)}`, () => {
      const compiler: TreeCompiler = {
        limits,
        plan: "planned",
        texts: "original",
        report: () => assert.fail("the tree has a fault"),
        compile: ({ ast }) => compileParsed(ast, allFunctions, limits).evaluate,
      };
      const site = { documentPath: [], path: "t", at: [], variables: new Map() };
      const budget = new CountedBudget(limits);
      compileTree(parsedTree(tree), site, compiler)(
        value,
        undefined,
        scopeOf(budget, { b: again }),
      );
      assert.ok(budget.paidBytes >= Math.min(size, compared), `${budget.paidBytes}`);
    });
  }
});

test("what is not compared to its end is no answer", () => {
  const budget = new CountedBudget({ ...limits, maxEvaluationBytes: 10 });
  const result = goEqual(text, again, budget);
  assert.ok(isEvaluationError(result));
  assert.equal(result.code, "EVALUATION_BYTE_LIMIT");
});
