import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { ExpressionReference, type Result, type Value } from "../../src/go-values/value.ts";
import { compileExpression } from "../../src/jmespath/compile/compile.ts";
import type { FunctionRow, ParameterType } from "../../src/jmespath/functions/function-table.ts";
import { createBudget } from "../../src/model/budget.ts";
import { isEvaluationError } from "../../src/model/evaluation-error.ts";
import { defaultEvaluationLimits } from "../../src/model/limits.ts";
import { allFunctions, scopeWith } from "./engine-table.ts";
import { inTime, runProperty } from "./run-property.ts";

const variables = new Map<string, Value>();

/** More steps than by default, so that the other limits are met too. */
const limits = { ...defaultEvaluationLimits, maxSteps: 1_000_000 };

function evaluate(text: string, current: Value): Result {
  const { evaluate: run } = compileExpression(text, allFunctions, limits);
  return run(current, scopeWith(variables, createBudget(limits)));
}

function codeOf(result: Result): string {
  return isEvaluationError(result) ? result.code : "none";
}

function nest(depth: number, wrap: (inner: Value) => Value): Value {
  let value: Value = null;
  for (let level = 0; level < depth; level += 1) value = wrap(value);
  return value;
}

const numbers: Value = Array.from({ length: 2_000 }, (_, i) => i);
const hugeText = "ab\u00e9😀".repeat(200_000);
const doubled = "let $a = [$a, $a] in ".repeat(60);

/** What costs most for its length, and the limit that ends it; `none` where it is merely much. */
const expensive: readonly {
  readonly name: string;
  readonly text: string;
  readonly current?: Value;
  readonly want: string;
}[] = [
  {
    name: "maps in maps",
    text: "map(&map(&map(&@, $l), $l), $l)".replace(/^/, "let $l = @ in "),
    current: numbers,
    want: "EVALUATION_STEP_LIMIT",
  },
  {
    name: "filters in filters",
    text: "let $l = @ in [?$l[?$l[?@ == `-1`]]]",
    current: numbers,
    want: "EVALUATION_STEP_LIMIT",
  },
  {
    name: "sorting inside sorting",
    text: "let $l = @ in sort_by(@, &length(sort_by($l, &-@)))",
    current: numbers,
    want: "EVALUATION_STEP_LIMIT",
  },
  {
    name: "a text that doubles",
    text: `${"let $a = join('', [$a, $a]) in ".repeat(60)}length($a)`.replace(
      /^/,
      "let $a = 'x' in ",
    ),
    want: "EVALUATION_SIZE_LIMIT",
  },
  {
    name: "a list that doubles, printed",
    text: `let $a = [@] in ${doubled}to_string($a)`,
    want: "EVALUATION_SIZE_LIMIT",
  },
  {
    name: "a list that doubles, flattened",
    text: `let $a = [@] in ${doubled}$a${"[]".repeat(60)}`,
    want: "EVALUATION_STEP_LIMIT",
  },
  { name: "padding to a huge width", text: "pad_left('x', `1e15`)", want: "EVALUATION_SIZE_LIMIT" },
  {
    name: "padding to an endless width",
    text: "pad_right('x', `1e308`)",
    want: "EVALUATION_SIZE_LIMIT",
  },
  {
    name: "replacing nothing by much",
    text: "replace_all(@, '', @)",
    current: "x".repeat(3_000),
    want: "EVALUATION_SIZE_LIMIT",
  },
  {
    name: "joining with a huge separator",
    text: "join(@, split(@, ''))",
    current: "x".repeat(3_000),
    want: "EVALUATION_SIZE_LIMIT",
  },
  {
    name: "repetition in repetition at random",
    text: "random('(a{1000}){1000}')",
    want: "EVALUATION_VALUE",
  },
  {
    name: "much at random",
    text: "random(@)",
    current: ".*".repeat(2_000),
    want: "EVALUATION_SIZE_LIMIT",
  },
  {
    name: "a pattern that repeats",
    text: "regex_match('((a{100}){100}){100}', 'a')",
    want: "EVALUATION_SIZE_LIMIT",
  },
  {
    name: "a pattern that is long",
    text: "regex_match(@, 'a')",
    current: "a?".repeat(3_000),
    want: "EVALUATION_SIZE_LIMIT",
  },
  {
    name: "a wildcard with many stars",
    text: "wildcard(@, join('', ['b', @]))",
    current: "*a".repeat(3_000),
    want: "none",
  },
  {
    name: "a token that is long",
    text: "jwt_decode(@, 'secret')",
    current: "a.".repeat(100_000),
    want: "EVALUATION_SIZE_LIMIT",
  },
  {
    name: "JSON that nests",
    text: "parse_json(@)",
    current: "[".repeat(100_000),
    want: "EVALUATION_DEPTH_LIMIT",
  },
  {
    name: "YAML that nests",
    text: "parse_yaml(@)",
    current: "[".repeat(50_000),
    want: "EVALUATION_SIZE_LIMIT",
  },
  {
    name: "YAML that multiplies by aliases",
    text: "parse_yaml(@)",
    current: `a0: &a0 [x, x]\n${Array.from({ length: 40 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]`).join("\n")}`,
    want: "EVALUATION_SIZE_LIMIT",
  },
  {
    name: "a value that nests",
    text: "to_string(@)",
    current: nest(100_000, (inner) => [inner]),
    want: "EVALUATION_DEPTH_LIMIT",
  },
  {
    name: "a value that nests, compared",
    text: "[0] == [1]",
    current: [nest(100_000, (a) => ({ a })), nest(100_000, (a) => ({ a }))],
    want: "EVALUATION_STEP_LIMIT",
  },
  { name: "an expression that nests", text: "(".repeat(100_000), want: "EVALUATION_DEPTH_LIMIT" },
  {
    name: "a reference that calls itself",
    text: "let $w = &map(@[0], [@]) in map($w, [[$w]])",
    want: "EVALUATION_DEPTH_LIMIT",
  },
];

test("what costs too much ends at a limit, soon", async (t) => {
  for (const { name, text, current = null, want } of expensive) {
    await t.test(name, () => {
      assert.equal(codeOf(inTime(() => evaluate(text, current))), want);
    });
  }
});

const bigTexts = [
  "a",
  "1",
  "(",
  "[",
  "{",
  "é",
  "😀",
  "\udcff",
  "a,",
  "*",
  "a*",
  "1h",
  "9.",
  "\n- ",
  "/..",
  "%d",
  " ",
  "&a ",
];
const bigText = fc.oneof(
  fc
    .tuple(fc.constantFrom(...bigTexts), fc.constantFrom(1_000, 30_000, 1_000_000))
    .map(([piece, length]) => piece.repeat(length / piece.length)),
  fc.constantFrom(
    "",
    "a",
    hugeText,
    "-",
    "1e999999999",
    `1${"0".repeat(400)}E`,
    "0.".padEnd(5_000, "0"),
  ),
  fc.constantFrom("(a*)*b", "(a|a)*$", "([a-z]+)+,", "(.*)*x", "\\pL{1000}", "[^,]*,".repeat(300)),
);
const bigNumber = fc.constantFrom(0, 1, -1, 0.5, 1e6, 1e9, 2 ** 53, 1e18, 1e308, -1e308, 5e-324);
const bigArray = fc.constantFrom<Value>(
  [],
  Array.from({ length: 100_000 }, (_, i) => i),
  Array.from({ length: 100_000 }, (_, i) => `k${i}`),
  Array.from({ length: 20_000 }, (_, i) => ({ a: i, b: `b${i}` })),
  Array.from({ length: 20_000 }, (_, i) => [`k${i}`, i]),
  Array.from({ length: 100 }, () => hugeText),
  nest(20_000, (inner) => [inner, inner]),
  nest(100_000, (inner) => [inner]),
);
const bigObject = fc.constantFrom<Value>(
  {},
  Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`k${i}`, i])),
  Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`${i}${hugeText}`, hugeText])),
  nest(100_000, (a) => ({ a })),
  nest(100, (a) => ({ a, b: a })),
);
const reference = fc.constantFrom(
  "&@",
  "&a",
  "&length(@)",
  "&[@, @]",
  "&map(&@, [@])",
  "&to_string(@)",
);

/** A big value of the type; an expression reference is part of the call's text instead. */
const bigValues: { readonly [Type in ParameterType]: fc.Arbitrary<Value> } = {
  string: bigText,
  number: bigNumber,
  array: bigArray,
  "array[array]": bigArray,
  "array[number]": bigArray,
  "array[string]": bigArray,
  object: bigObject,
  expref: fc.constant(null),
  any: fc.oneof(bigText, bigNumber, bigArray, bigObject),
};

/** A call of the function with big arguments, which are the elements of the current value. */
function bigCall(row: FunctionRow): fc.Arbitrary<{ text: string; args: readonly Value[] }> {
  const types = row.parameters.map((parameter) =>
    fc.oneof(...parameter.types.map((type) => bigValues[type])),
  );
  return fc.tuple(reference, ...types).map(([referenceText, ...args]) => {
    const texts = row.parameters.map(({ types: [type] }, i) =>
      type === "expref" ? referenceText : `$args[${i}]`,
    );
    return { text: `let $args = @ in ${row.name}(${texts.join(", ")})`, args };
  });
}

test("every function with big arguments ends soon, in a value or an error", () => {
  const calls = [...allFunctions.values()].map(bigCall);
  runProperty(
    fc.property(fc.oneof(...calls), ({ text, args }) => {
      const result = inTime(() => evaluate(text, args));
      assert.ok(result !== undefined && !(result instanceof ExpressionReference));
      const length = typeof result === "string" ? result.length : 0;
      assert.ok(length <= 2 * hugeText.length, `${length} characters`);
    }),
    200,
  );
});

const loops = [
  "[*].%",
  "[?%]",
  "[].%",
  "map(&%, @)",
  "sort_by(@, &to_string(%))",
  "let $x = % in [*].$x",
  "[@, %]",
  "{a: @, b: %}",
  "[% , %]",
  "to_string(%)",
  "(%)[]",
  "(%) == (%)",
];

test("loops in loops end soon, in a value or an error", () => {
  const body = fc
    .array(fc.constantFrom(...loops), { maxLength: 7, minLength: 3 })
    .map((chosen) =>
      chosen.reduce(
        (inner, loop) => loop.replaceAll("%", inner.startsWith("[") ? `(${inner})` : inner),
        "$l",
      ),
    );
  const sizes = fc.constantFrom(10, 100, 1_000, 30_000);
  runProperty(
    fc.property(body, sizes, (text, length) => {
      const current = Array.from({ length }, (_, i) => (i % 2 === 0 ? i : [i]));
      const result = inTime(() => evaluate(`let $l = @ in ${text}`, current));
      assert.ok(result !== undefined);
    }),
    100,
  );
});
