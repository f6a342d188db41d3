import assert from "node:assert/strict";
import { test } from "node:test";
import { createMatchingFunctions } from "../../../src/kyverno-json/functions/matching-functions.ts";
import { callFunction, createBudget } from "./call-function.ts";

const functions = createMatchingFunctions();

const matchCases = [
  { pattern: "b", text: "abc", want: true },
  { pattern: "^b", text: "abc", want: false },
  { pattern: "(?i)B", text: "abc", want: true },
  { pattern: "^.$", text: "😀", want: true },
  { pattern: "^\\pL$", text: "é", want: true },
  { pattern: "a.c", text: "a\nc", want: false },
  { pattern: "(?s)a.c", text: "a\nc", want: true },
  { pattern: "^1.2345679$", text: 1.23456789012, want: true },
  { pattern: "^1e21$", text: 1e21, want: false },
  { pattern: "^\\x{fffd}$", text: "\udcff", want: true },
  { pattern: "\\Qa.b\\E", text: "a.b", want: true },
];

test("regex_match", async (t) => {
  for (const { pattern, text, want } of matchCases) {
    await t.test(`${pattern} in ${text}`, () => {
      assert.equal(callFunction(functions, "regex_match", [pattern, text]), want);
    });
  }
});

const replaceCases = [
  { args: ["(\\w+)@(\\w+)", "me@here", "$2x"], want: "" },
  { args: ["(\\w+)@(\\w+)", "me@here", "${2}x"], want: "herex" },
  { args: ["(\\w+)@(\\w+)", "me@here", "$2 at $1"], want: "here at me" },
  { args: ["(?P<n>a)b", "abab", "<$n>"], want: "<a><a>" },
  { args: ["(?P<n>a)|(?P<n>b)", "abc", "<$n>"], want: "<a><b>c" },
  { args: ["(?P<n>a)(?P<n>b)", "ab", "$n$2"], want: "ab" },
  { args: ["(?P<n>[(?P<n>]+)(?P<n>b)", "<b", "$2"], want: "b" },
  { args: ["(a)?b", "b", "[$1]"], want: "[]" },
  { args: ["b", "abc", "$0$0"], want: "abbc" },
  { args: ["b", "abc", "$1"], want: "ac" },
  { args: ["b", "abc", "$01"], want: "ac" },
  { args: ["b", "abc", "$1000000000"], want: "ac" },
  { args: ["(?P<01>b)", "abc", "${01}$01"], want: "abbc" },
  { args: ["b", "abc", "$$0"], want: "a$0c" },
  { args: ["b", "abc", "$"], want: "a$c" },
  { args: ["b", "abc", "${"], want: "a${c" },
  { args: ["b", "abc", "${0"], want: "a${0c" },
  { args: ["b", "abc", "${}"], want: "a${}c" },
  { args: ["b", "abc", "${a$0}"], want: "a${ab}c" },
  { args: ["b", "abc", "$-"], want: "a$-c" },
  { args: ["b", "abc", "$é1"], want: "ac" },
  { args: ["b", "abc", "$&"], want: "a$&c" },
  { args: ["x*", "abc", "-"], want: "-a-b-c-" },
  { args: ["a*", "baac", "-"], want: "-b-c-" },
  { args: ["a|", "a.b", "<$0>"], want: "<a>.<>b<>" },
  { args: ["", "a😀", "-"], want: "-a-😀-" },
  { args: ["^a", "aaa", "-"], want: "-aa" },
  { args: ["\\b", "ab c", "|"], want: "|ab| |c|" },
  { args: ["a$", "aa", "-"], want: "a-" },
  { args: ["z", "abc", "-"], want: "abc" },
  { args: ["1", 121, 3], want: "323" },
  { args: ["a", "\udcc3a", "\udca9"], want: "é" },
  { args: ["[^a]", "\udcffa", "$0$0"], want: "\udcff\udcffa" },
];

test("regex_replace_all", async (t) => {
  for (const { args, want } of replaceCases) {
    await t.test(JSON.stringify(args), () => {
      assert.equal(callFunction(functions, "regex_replace_all", args), want);
    });
  }
});

const literalCases = [
  { args: ["a", "banana", "$1"], want: "b$1n$1n$1" },
  { args: ["x*", "ab", "$0"], want: "$0a$0b$0" },
  { args: ["a", "banana", "$$"], want: "b$$n$$n$$" },
];

test("regex_replace_all_literal", async (t) => {
  for (const { args, want } of literalCases) {
    await t.test(JSON.stringify(args), () => {
      assert.equal(callFunction(functions, "regex_replace_all_literal", args), want);
    });
  }
});

const faultyPatterns = [
  { pattern: "(", message: "missing closing ): `(`" },
  { pattern: "a)", message: "unexpected ): `a)`" },
  { pattern: "[a", message: "missing closing ]: `[a`" },
  { pattern: "[z-a]", message: "invalid character class range: `z-a`" },
  { pattern: "*", message: "missing argument to repetition operator: `*`" },
  { pattern: "a**", message: "invalid nested repetition operator: `**`" },
  { pattern: "x{1001}", message: "invalid repeat count: `{1001}`" },
  { pattern: "\\", message: "trailing backslash at end of expression: ``" },
  { pattern: "(a)\\1", message: "invalid escape sequence: `\\1`" },
  { pattern: "a(?=b)", message: "invalid or unsupported Perl syntax: `(?=`" },
  { pattern: "(?<=a)b", message: "invalid named capture: `(?<=a)b`" },
  { pattern: "\\pX", message: "invalid character class range: `\\pX`" },
  { pattern: "a\udcff)", message: "invalid UTF-8: `\udcff)`" },
];

test("faulty patterns", async (t) => {
  for (const { pattern, message } of faultyPatterns) {
    await t.test(pattern, () => {
      const text = `error parsing regexp: ${message}`;
      const code = "EVALUATION_VALUE";
      assert.deepEqual(callFunction(functions, "regex_match", [pattern, ""]), {
        code,
        message: text,
      });
      assert.deepEqual(callFunction(functions, "regex_replace_all", [pattern, "", ""]), {
        code,
        message: `JMESPath function 'regex_replace_all': ${text}`,
      });
    });
  }
});

test("a pattern that nests too deep has an error that names all of it", () => {
  const pattern = "(".repeat(1_500) + ")".repeat(1_500);
  assert.deepEqual(callFunction(functions, "regex_match", [pattern, ""]), {
    code: "EVALUATION_VALUE",
    message: `error parsing regexp: expression nests too deeply: \`${pattern}\``,
  });
});

const costlyCases = [
  { name: "a long pattern", args: ["a".repeat(5_000), "a"], code: "EVALUATION_SIZE_LIMIT" },
  {
    name: "repeated groups",
    args: [`(${"a".repeat(100)}){999}`, "a"],
    code: "EVALUATION_SIZE_LIMIT",
  },
  { name: "repeated dots", args: [".{1000}".repeat(500), "a"], code: "EVALUATION_SIZE_LIMIT" },
  {
    name: "a large pattern on a long text",
    args: [".{1000}b", "a".repeat(500_000)],
    code: "EVALUATION_STEP_LIMIT",
  },
];

test("costly patterns are refused", async (t) => {
  for (const { name, args, code } of costlyCases) {
    await t.test(name, () => {
      assert.equal(Object(callFunction(functions, "regex_match", args)).code, code);
    });
  }
});

test("searching over and over to the end is paid for", () => {
  const args = ["x*y|x", "x".repeat(100_000), ""];
  assert.equal(
    Object(callFunction(functions, "regex_replace_all", args)).code,
    "EVALUATION_STEP_LIMIT",
  );
});

test("a bounded pattern may match often", () => {
  const args = ["[a-z]", "x".repeat(50_000), "yy"];
  assert.equal(callFunction(functions, "regex_replace_all", args), "yy".repeat(50_000));
});

const largeResults = [
  { name: "many matches", args: ["x", "x".repeat(1_000), "yy"] },
  { name: "many references", args: ["x+", "x".repeat(1_000), "$0".repeat(1_000)] },
  { name: "a long replacement", args: ["x", "x", "y".repeat(2_000)] },
];

test("results are bounded", async (t) => {
  for (const { name, args } of largeResults) {
    await t.test(name, () => {
      const budget = createBudget({ maxStringBytes: 1_500 });
      const result = callFunction(functions, "regex_replace_all", args, budget);
      assert.equal(Object(result).code, "EVALUATION_SIZE_LIMIT");
    });
  }
});

test("a pattern is compiled once", () => {
  const rows = createMatchingFunctions();
  const budget = createBudget();
  callFunction(rows, "regex_match", ["a{500}", ""], budget);
  const first = budget.stepsLeft;
  callFunction(rows, "regex_match", ["a{500}", ""], budget);
  assert.ok(budget.limits.maxSteps - first > 500);
  assert.equal(first - budget.stepsLeft, 1);
});

test("only so many patterns are kept, those in use among them", () => {
  const rows = createMatchingFunctions();
  const budget = createBudget();
  for (let i = 0; i < 300; i++) {
    callFunction(rows, "regex_match", ["a{500}", ""], budget);
    callFunction(rows, "regex_match", [`b${i}`, ""], budget);
  }
  const before = budget.stepsLeft;
  callFunction(rows, "regex_match", ["a{500}", ""], budget);
  assert.equal(before - budget.stepsLeft, 1);
  callFunction(rows, "regex_match", ["b0", ""], budget);
  assert.ok(before - budget.stepsLeft > 2);
});
