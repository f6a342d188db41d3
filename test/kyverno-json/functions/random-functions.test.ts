import assert from "node:assert/strict";
import { test } from "node:test";
import { createRandomFunctions } from "../../../src/kyverno-json/functions/random-functions.ts";
import { EvaluationError } from "../../../src/model/evaluation-error.ts";
import { callFunction, createBudget } from "./call-function.ts";

/** Numbers that look random and are the same in every run. */
function createNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function generate(pattern: string, random: () => number = createNumbers(1)): unknown {
  return callFunction(createRandomFunctions(random), "random", [pattern]);
}

/** The code of the error that the pattern ends in, or undefined. */
function faultOf(pattern: string): string | undefined {
  const [row] = createRandomFunctions(() => 0.999);
  const result = row?.body([pattern], createBudget());
  return result instanceof EvaluationError ? result.code : undefined;
}

const fixed = [
  { pattern: "abc", want: "abc" },
  { pattern: "a{3}", want: "aaa" },
  { pattern: "^(a|a)[b]$", want: "ab" },
  { pattern: "\\101\\x42\\x{43}\\.", want: "ABC." },
  { pattern: "a{2", want: "a{2" },
  { pattern: "{,2}", want: "{,2}" },
  { pattern: "a{0}", want: "" },
  { pattern: "(|)", want: "" },
  { pattern: "[]]", want: "]" },
  { pattern: "[\\x00-\\x01]", want: "\u0001" },
  { pattern: "\u{1f600}", want: "\u{1f600}" },
];

for (const { pattern, want } of fixed) {
  test(`${pattern} gives ${want}`, () => {
    assert.equal(generate(pattern), want);
  });
}

const shapes = [
  { pattern: "[0-9]{5}", want: /^[0-9]{5}$/ },
  { pattern: "[a-f0-9-]+", want: /^[a-f0-9-]{1,4096}$/ },
  { pattern: "(ab|cd){2,4}x?", want: /^(ab|cd){2,4}x?$/ },
  { pattern: "[[:upper:]_][[:^digit:]]", want: /^[A-Z_][^0-9]$/u },
  { pattern: "[^a-z]{50}", want: /^[^a-z\n]{50}$/u },
  { pattern: ".{50}", want: /^.{50}$/su },
  { pattern: "a*", want: /^a{0,4096}$/ },
];

for (const { pattern, want } of shapes) {
  test(`${pattern} gives what it matches`, () => {
    for (let seed = 0; seed < 20; seed += 1) {
      const text = generate(pattern, createNumbers(seed));
      assert.equal(typeof text, "string");
      assert.match(String(text), want);
    }
  });
}

test("the injected numbers alone decide", () => {
  assert.equal(
    generate("[a-z]{3}(x|y)", () => 0),
    "aaax",
  );
  assert.equal(
    generate("[a-z]{3}(x|y)", () => 0.999_999),
    "zzzy",
  );
});

const faults = [
  { pattern: "*", want: "error parsing regexp: missing argument to repetition operator: `*`" },
  { pattern: "(?:a)", want: "error parsing regexp: missing argument to repetition operator: `?`" },
  { pattern: "\\d", want: "error parsing regexp: invalid escape sequence: `\\d`" },
  { pattern: "\\w", want: "error parsing regexp: invalid escape sequence: `\\w`" },
  { pattern: "\\", want: "error parsing regexp: trailing backslash at end of expression: ``" },
  { pattern: "\\1", want: "error parsing regexp: invalid escape sequence: `\\1`" },
  { pattern: "a{2}{1001}", want: "error parsing regexp: invalid repeat count: `{1001}`" },
  { pattern: "a{2,1}", want: "error parsing regexp: invalid repeat count: `{2,1}`" },
  { pattern: "(a{100}){11}", want: "error parsing regexp: invalid repeat count: `{11}`" },
  { pattern: "(a", want: "error parsing regexp: missing closing ): `(a`" },
  { pattern: "a)", want: "error parsing regexp: unexpected ): `a)`" },
  { pattern: "[a", want: "error parsing regexp: missing closing ]: `[a`" },
  { pattern: "[z-a]", want: "error parsing regexp: invalid character class range: `z-a`" },
  { pattern: "[a-c-e]", want: "error parsing regexp: invalid character class range: `-e`" },
  { pattern: "[[:foo:]]", want: "error parsing regexp: invalid character class range: `[:foo:]`" },
  { pattern: "[\\d]", want: "error parsing regexp: invalid escape sequence: `\\d`" },
  { pattern: "\\x4", want: "error parsing regexp: invalid escape sequence: `\\x4`" },
  { pattern: "\\x{110000}", want: "error parsing regexp: invalid escape sequence: `\\x{110000`" },
  { pattern: "(*)", want: "error parsing regexp: missing argument to repetition operator: `*`" },
  { pattern: "|*", want: "error parsing regexp: missing argument to repetition operator: `*`" },
  { pattern: "{2}", want: "error parsing regexp: missing argument to repetition operator: `{2}`" },
  { pattern: "", want: "no pattern provided" },
  { pattern: "a\udcff", want: "error parsing regexp: invalid UTF-8: `\udcff`" },
];

for (const { pattern, want } of faults) {
  test(`${JSON.stringify(pattern)} errs: ${want}`, () => {
    assert.deepEqual(generate(pattern), { code: "EVALUATION_VALUE", message: want });
  });
}

const hostile = [
  { name: "deep groups", pattern: "(".repeat(4_000), want: "EVALUATION_DEPTH_LIMIT" },
  { name: "stacked operators", pattern: `a${"*".repeat(4_000)}`, want: "EVALUATION_DEPTH_LIMIT" },
  { name: "a long pattern", pattern: "a".repeat(5_000), want: "EVALUATION_SIZE_LIMIT" },
  { name: "nested repetition", pattern: "((a*)*)*", want: "EVALUATION_STEP_LIMIT" },
  { name: "an empty class", pattern: "[^\\x00-\\x{10ffff}]", want: "EVALUATION_PANIC" },
  { name: "a class of U+0000", pattern: "[\\x00]", want: "EVALUATION_PANIC" },
];

for (const { name, pattern, want } of hostile) {
  test(`${name} errs: ${want}`, () => {
    assert.equal(faultOf(pattern), want);
  });
}

test("a text may not grow beyond the limit", () => {
  const budget = createBudget({ maxStringBytes: 10 });
  const result = callFunction(
    createRandomFunctions(() => 0),
    "random",
    ["a{100}"],
    budget,
  );
  assert.deepEqual(result, {
    code: "EVALUATION_SIZE_LIMIT",
    message: "a function's result is longer than 10 bytes",
  });
});
