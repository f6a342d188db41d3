import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { compileWildcard } from "../../../src/kyverno-json/functions/match-wildcard.ts";
import { runProperty } from "../../fuzz/run-property.ts";
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
      assert.equal(compileWildcard(pattern)(text, createBudget()), want);
    });
  }
});

test("a part that nearly fits everywhere is paid for", () => {
  for (const part of ["a".repeat(20_000), "?".repeat(20_000)]) {
    const budget = createBudget();
    const result = compileWildcard(`*${part}b*`)("a".repeat(400_000), budget);
    assert.equal(Object(result).code, "EVALUATION_BYTE_LIMIT");
  }
});

test("a long text is searched for parts that it has, or has not", () => {
  const text = `${"ab/c".repeat(260_000)}secret${"x".repeat(1_000)}`;
  assert.equal(compileWildcard("*secret*")(text, createBudget()), true);
  assert.equal(compileWildcard("*secrets*")(text, createBudget()), false);
  assert.equal(compileWildcard("*b/c*a*b*x?")(text, createBudget()), true);
});

/** Character by character, with every way to go on tried. */
function matches(pattern: readonly string[], text: readonly string[]): boolean {
  let reached = new Set([0]);
  for (const character of pattern) {
    const next = new Set<number>();
    for (const at of reached) {
      if (character === "*") for (let i = at; i <= text.length; i++) next.add(i);
      else if (at < text.length && (character === "?" || character === text[at])) next.add(at + 1);
    }
    reached = next;
  }
  return reached.has(text.length);
}

test("any pattern matches as if every way were tried", () => {
  const text = fc.array(fc.constantFrom("a", "b", "😀", "é"), { maxLength: 12 });
  const pattern = fc.array(fc.constantFrom("a", "b", "😀", "*", "?"), { maxLength: 8 });
  runProperty(
    fc.property(pattern, text, (wanted, given) => {
      const result = compileWildcard(wanted.join(""))(given.join(""), createBudget());
      assert.equal(result, matches(wanted, given));
    }),
    20_000,
  );
});
