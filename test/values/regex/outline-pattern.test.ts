import assert from "node:assert/strict";
import { test } from "node:test";
import { outlinePattern } from "../../../src/values/regex/outline-pattern.ts";

const cases = [
  { pattern: "", size: 0, isUnbounded: false, groupNames: [], nameless: "" },
  { pattern: "abc", size: 3, isUnbounded: false, groupNames: [], nameless: "abc" },
  { pattern: "a{3}", size: 3, isUnbounded: false, groupNames: [], nameless: "a{3}" },
  { pattern: "a{2,5}", size: 5, isUnbounded: false, groupNames: [], nameless: "a{2,5}" },
  { pattern: "a{2,}", size: 2, isUnbounded: true, groupNames: [], nameless: "a{2,}" },
  { pattern: "a{,2}", size: 5, isUnbounded: false, groupNames: [], nameless: "a{,2}" },
  { pattern: "a*", size: 2, isUnbounded: true, groupNames: [], nameless: "a*" },
  { pattern: "\\*\\+", size: 2, isUnbounded: false, groupNames: [], nameless: "\\*\\+" },
  { pattern: "[*+(]", size: 1, isUnbounded: false, groupNames: [], nameless: "[*+(]" },
  { pattern: "[]*]a", size: 2, isUnbounded: false, groupNames: [], nameless: "[]*]a" },
  { pattern: "[^]*]", size: 1, isUnbounded: false, groupNames: [], nameless: "[^]*]" },
  {
    pattern: "[[:alpha:]*]",
    size: 1,
    isUnbounded: false,
    groupNames: [],
    nameless: "[[:alpha:]*]",
  },
  { pattern: "[\\]*]", size: 1, isUnbounded: false, groupNames: [], nameless: "[\\]*]" },
  { pattern: "\\Q*(\\E", size: 2, isUnbounded: false, groupNames: [], nameless: "\\Q*(\\E" },
  { pattern: "\\p{Lu}", size: 1, isUnbounded: false, groupNames: [], nameless: "\\p{Lu}" },
  { pattern: "(?i)a(?:b)", size: 5, isUnbounded: false, groupNames: [], nameless: "(?i)a(?:b)" },
  { pattern: "(ab){10}", size: 40, isUnbounded: false, groupNames: [""], nameless: "(ab){10}" },
  {
    pattern: "(?P<a>x)(?<b>y)(z)",
    size: 9,
    isUnbounded: false,
    groupNames: ["a", "b", ""],
    nameless: "(x)(y)(z)",
  },
  { pattern: "(((", size: 0, isUnbounded: false, groupNames: ["", "", ""], nameless: "(((" },
  { pattern: ")))", size: 6, isUnbounded: false, groupNames: [], nameless: ")))" },
];

test("outlines", async (t) => {
  for (const { pattern, ...want } of cases) {
    await t.test(pattern, () => {
      const unicodeClasses = pattern.includes("\\p") ? 1 : 0;
      assert.deepEqual(outlinePattern(pattern), { unicodeClasses, ...want });
    });
  }
});
