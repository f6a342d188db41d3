import assert from "node:assert/strict";
import { test } from "node:test";
import { GoInt } from "../../../src/go-values/value.ts";
import { stringFunctions } from "../../../src/kyverno-json/functions/string-functions.ts";
import { callFunction, createBudget } from "./call-function.ts";

/** The bytes of é, each of them alone not valid UTF-8. */
const firstByte = "\udcc3";
const secondByte = "\udca9";
const smallest = "-9223372036854775808";

const foreign = "\u4e2d".repeat(64_000);

const costs = [
  { name: "to_upper", args: [foreign], steps: 60_000 },
  { name: "to_lower", args: [foreign], steps: 60_000 },
  { name: "equal_fold", args: [foreign, foreign], steps: 120_000 },
  { name: "trim", args: [foreign, "x"], steps: 30_000 },
  { name: "truncate", args: [foreign, 1], steps: 30_000 },
  { name: "split", args: [foreign, ","], steps: 1_000 },
];

for (const { name, args, steps } of costs) {
  test(`${name} takes ${steps} steps and more for a text that is parted into characters`, () => {
    const budget = createBudget();
    callFunction(stringFunctions, name, args, budget);
    const taken = budget.limits.maxSteps - budget.stepsLeft;
    assert.ok(taken >= steps && taken < 1.2 * steps, `${taken}`);
  });
}

const cases = [
  { name: "concat", args: ["a", "b"], want: "ab" },
  { name: "concat", args: [firstByte, secondByte], want: "é" },
  { name: "compare", args: ["a", "b"], want: new GoInt(-1) },
  { name: "compare", args: ["a", "a"], want: new GoInt(0) },
  { name: "compare", args: ["b", "a"], want: new GoInt(1) },
  { name: "compare", args: ["😀", "\uffff"], want: new GoInt(1) },
  { name: "compare", args: ["\udc80", "é"], want: new GoInt(-1) },
  { name: "compare", args: ["\udcff", "\ue000"], want: new GoInt(1) },
  { name: "equal_fold", args: ["K", "k"], want: true },
  { name: "equal_fold", args: ["ſ", "S"], want: true },
  { name: "equal_fold", args: ["ß", "ẞ"], want: true },
  { name: "equal_fold", args: ["ß", "ss"], want: false },
  { name: "equal_fold", args: ["ǆ", "ǅ"], want: true },
  { name: "equal_fold", args: ["Σ", "ς"], want: true },
  { name: "equal_fold", args: ["ı", "I"], want: false },
  { name: "equal_fold", args: ["İ", "i"], want: false },
  { name: "equal_fold", args: ["ﬁ", "FI"], want: false },
  { name: "equal_fold", args: ["\udcff", "\udc80"], want: true },
  { name: "equal_fold", args: ["a", "ab"], want: false },
  { name: "replace", args: ["aaa", "a", "b", 1.9], want: "baa" },
  { name: "replace", args: ["aaa", "a", "b", -1], want: "bbb" },
  { name: "replace", args: ["aaa", "a", "b", -0.9], want: "aaa" },
  { name: "replace", args: ["aaa", "a", "b", 0.3], want: "aaa" },
  { name: "replace", args: ["aaa", "a", "b", Number.NaN], want: "bbb" },
  { name: "replace", args: ["aaa", "a", "b", Number.POSITIVE_INFINITY], want: "bbb" },
  { name: "replace", args: ["aaa", "a", "b", 1e300], want: "bbb" },
  { name: "replace", args: ["aaaa", "aa", "b", 9], want: "bb" },
  { name: "replace", args: ["abc", "", "x", 2], want: "xaxbc" },
  { name: "replace", args: ["abc", "", "x", 4], want: "xaxbxcx" },
  { name: "replace", args: ["abc", "", "x", 9], want: "xaxbxcx" },
  { name: "replace", args: ["", "", "x", 1], want: "x" },
  { name: "replace_all", args: ["aaa", "", "-"], want: "-a-a-a-" },
  { name: "replace_all", args: ["a😀", "", "-"], want: "-a-😀-" },
  { name: "replace_all", args: ["aaa", "a", "$&"], want: "$&$&$&" },
  { name: "replace_all", args: ["é", firstByte, "x"], want: `x${secondByte}` },
  { name: "replace_all", args: [`${firstByte}-`, "-", secondByte], want: "é" },
  { name: "to_upper", args: ["aßǆﬁ"], want: "AßǄﬁ" },
  { name: "to_lower", args: ["AİΣK"], want: "aiσk" },
  { name: "trim", args: ["  x ", ""], want: "  x " },
  { name: "trim", args: ["éaé", "é"], want: "a" },
  { name: "trim", args: ["😀a😀", "😀"], want: "a" },
  { name: "trim", args: ["xyx", "yx"], want: "" },
  { name: "trim", args: ["\udcffa\udc80", "\ufffd"], want: "a" },
  { name: "trim_prefix", args: ["aab", "a"], want: "ab" },
  { name: "trim_prefix", args: ["aab", "b"], want: "aab" },
  { name: "trim_prefix", args: ["aab", ""], want: "aab" },
  { name: "trim_prefix", args: ["éa", firstByte], want: `${secondByte}a` },
  { name: "split", args: ["", ","], want: [""] },
  { name: "split", args: ["", ""], want: [] },
  { name: "split", args: ["a,b,", ","], want: ["a", "b", ""] },
  { name: "split", args: ["a😀é", ""], want: ["a", "😀", "é"] },
  { name: "split", args: ["aéb", firstByte], want: ["a", `${secondByte}b`] },
  { name: "truncate", args: ["héllo", 2.6], want: "hé" },
  { name: "truncate", args: ["😀😀", 1], want: "😀" },
  { name: "truncate", args: ["abc", -1], want: "" },
  { name: "truncate", args: ["abc", 2 ** 53], want: "abc" },
  { name: "truncate", args: ["\udcffa", 1], want: "\ufffd" },
  { name: "truncate", args: ["\udcffa", 2], want: "\udcffa" },
  { name: "to_boolean", args: ["TrUe"], want: true },
  { name: "to_boolean", args: ["FALSE"], want: false },
  { name: "path_canonicalize", args: [""], want: "" },
  { name: "path_canonicalize", args: ["."], want: "." },
  { name: "path_canonicalize", args: ["./"], want: "." },
  { name: "path_canonicalize", args: ["a/.."], want: "." },
  { name: "path_canonicalize", args: ["a/../.."], want: ".." },
  { name: "path_canonicalize", args: ["../../a"], want: "../../a" },
  { name: "path_canonicalize", args: ["/.."], want: "/" },
  { name: "path_canonicalize", args: ["///"], want: "/" },
  { name: "path_canonicalize", args: ["/a//b/../c/"], want: "/a/c" },
  { name: "path_canonicalize", args: ["C:\\a\\.."], want: "C:\\a\\.." },
];

test("string functions", async (t) => {
  for (const { name, args, want } of cases) {
    await t.test(`${name}(${JSON.stringify(args)})`, () => {
      assert.deepEqual(callFunction(stringFunctions, name, args), want);
    });
  }
});

const errorCases = [
  {
    name: "to_boolean",
    args: ["Yes"],
    code: "EVALUATION_VALUE",
    message:
      "JMESPath function 'to_boolean': lowercase argument must be 'true' or 'false' (provided: 'Yes')",
  },
  {
    name: "truncate",
    args: ["abc", Number.NaN],
    code: "EVALUATION_PANIC",
    message: `runtime error: slice bounds out of range [:${smallest}]`,
  },
  {
    name: "truncate",
    args: ["abc", 2 ** 63],
    code: "EVALUATION_PANIC",
    message: `runtime error: slice bounds out of range [:${smallest}]`,
  },
];

test("string functions that cannot answer", async (t) => {
  for (const { name, args, code, message } of errorCases) {
    await t.test(`${name}(${JSON.stringify(args)})`, () => {
      assert.deepEqual(callFunction(stringFunctions, name, args), { code, message });
    });
  }
});

const long = "x".repeat(1_000);
const largeCases = [
  { name: "concat", args: [long, long], code: "EVALUATION_SIZE_LIMIT" },
  { name: "replace_all", args: [long, "x", "xx"], code: "EVALUATION_SIZE_LIMIT" },
  { name: "replace_all", args: [long, "", "x"], code: "EVALUATION_SIZE_LIMIT" },
  { name: "split", args: [long.repeat(2), ""], code: "EVALUATION_STEP_LIMIT" },
  { name: "trim", args: [long.repeat(100), "x"], code: "EVALUATION_STEP_LIMIT" },
  { name: "truncate", args: [long.repeat(100), 1], code: "EVALUATION_STEP_LIMIT" },
];

test("string functions build and read only so much", async (t) => {
  for (const { name, args, code } of largeCases) {
    await t.test(name, () => {
      const budget = createBudget({ maxSteps: 1_500, maxStringBytes: 1_500 });
      const result = callFunction(stringFunctions, name, args, budget);
      assert.equal(Object(result).code, code);
    });
  }
});

test("a body refuses what the type check should have refused", () => {
  assert.throws(() => callFunction(stringFunctions, "trim", ["a", 1]), TypeError);
});
