import assert from "node:assert/strict";
import { test } from "node:test";
import { matchWildcard } from "../../src/functions/match-wildcard.ts";
import { createBudget } from "./call-function.ts";

const cases = [
  { pattern: "", text: "", want: true },
  { pattern: "", text: "a", want: false },
  { pattern: "*", text: "", want: true },
  { pattern: "*", text: "a/b\nc", want: true },
  { pattern: "?", text: "", want: false },
  { pattern: "?", text: "a", want: true },
  { pattern: "?", text: "😀", want: true },
  { pattern: "??", text: "😀", want: false },
  { pattern: "?", text: "e\u0301", want: false },
  { pattern: "?*", text: "", want: false },
  { pattern: "*?", text: "ab", want: true },
  { pattern: "a?c", text: "a😀c", want: true },
  { pattern: "*?c", text: "😀c", want: true },
  { pattern: "a*b", text: "a\n/b", want: true },
  { pattern: "*.com", text: "A.COM", want: false },
  { pattern: "*.com", text: "a.com.org.com", want: true },
  { pattern: "/api/*/users", text: "/api/v1/x/users", want: true },
  { pattern: "/api/*/users", text: "/api/users", want: false },
  { pattern: "a*b*c", text: "abbxc", want: true },
  { pattern: "a*b*c", text: "abbxcd", want: false },
  { pattern: "**", text: "", want: true },
  { pattern: "a\\*", text: "a*", want: false },
  { pattern: "a\\*", text: "a\\xyz", want: true },
  { pattern: "[a]", text: "a", want: false },
  { pattern: "ab", text: "abc", want: false },
  { pattern: "abc", text: "ab", want: false },
  { pattern: "?", text: "\udcff", want: true },
  { pattern: "\udc80", text: "\udcff", want: true },
];

test("wildcards", async (t) => {
  for (const { pattern, text, want } of cases) {
    await t.test(JSON.stringify([pattern, text]), () => {
      assert.equal(matchWildcard(pattern, text, createBudget()), want);
    });
  }
});

test("many stars are paid for", () => {
  const budget = createBudget({ maxSteps: 10_000 });
  const result = matchWildcard("*a".repeat(5_000) + "b", "a".repeat(200_000), budget);
  assert.equal(Object(result).code, "EVALUATION_STEP_LIMIT");
});

test("retrying under one star is paid for", () => {
  const budget = createBudget({ maxSteps: 100_000 });
  const result = matchWildcard(`*${"a".repeat(20_000)}b`, "a".repeat(400_000), budget);
  assert.equal(Object(result).code, "EVALUATION_STEP_LIMIT");
});
