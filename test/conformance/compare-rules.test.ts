import assert from "node:assert/strict";
import { test } from "node:test";
import { errorClassOf, formatRuleTexts, formatStatuses, toExpectedRules } from "./compare-rules.ts";
import type { ExpectedRule } from "./vector.ts";

test("error codes are named as in the vectors", () => {
  assert.equal(errorClassOf("EVALUATION_TYPE"), "type");
  assert.equal(errorClassOf("EVALUATION_UNKNOWN_FUNCTION"), "unknown-function");
});

test("rule results are put into the vectors' notation", () => {
  const results = toExpectedRules([
    { policy: "p", rule: "a", status: "pass", identifier: "x" },
    { policy: "p", rule: "b", status: "error", error: { code: "EVALUATION_JWT", message: "m" } },
    { policy: "p", rule: "c", status: "fail", violations: [{ errors: ["e"] }] },
  ]);
  assert.deepEqual(results, [
    { policy: "p", rule: "a", status: "pass", identifier: "x" },
    { policy: "p", rule: "b", status: "error", error: "m", errorClass: "jwt" },
    { policy: "p", rule: "c", status: "fail", violations: [{ errors: ["e"] }] },
  ]);
  assert.equal(formatStatuses(results), "p/a pass, p/b error, p/c fail");
});

const failing = (...violations: NonNullable<ExpectedRule["violations"]>): ExpectedRule[] => [
  { policy: "p", rule: "r", status: "fail", violations },
];

const comparisons = [
  {
    name: "the order of lines counts with `exact`",
    left: failing({ errors: ["a", "b"] }),
    right: failing({ errors: ["b", "a"] }),
    order: "exact",
    want: false,
  },
  {
    name: "the order of lines does not count with `lines`",
    left: failing({ errors: ["a", "b"] }),
    right: failing({ errors: ["b", "a"] }),
    order: "lines",
    want: true,
  },
  {
    name: "a line twice is not a line once",
    left: failing({ errors: ["a", "a"] }),
    right: failing({ errors: ["a"] }),
    order: "lines",
    want: false,
  },
  {
    name: "the order of violations counts",
    left: failing({ errors: ["a"] }, { errors: ["b"] }),
    right: failing({ errors: ["b"] }, { errors: ["a"] }),
    order: "lines",
    want: false,
  },
  {
    name: "messages count",
    left: failing({ message: "m", errors: [] }),
    right: failing({ errors: [] }),
    order: "lines",
    want: false,
  },
  {
    name: "identifiers count",
    left: [{ policy: "p", rule: "r", status: "pass", identifier: "i" }],
    right: [{ policy: "p", rule: "r", status: "pass" }],
    order: "exact",
    want: false,
  },
  {
    name: "error classes count",
    left: [{ policy: "p", rule: "r", status: "error", error: "e", errorClass: "type" }],
    right: [{ policy: "p", rule: "r", status: "error", error: "e", errorClass: "value" }],
    order: "exact",
    want: false,
  },
] as const;

test("rule texts are compared as far as their order is fixed", async (t) => {
  for (const { name, left, right, order, want } of comparisons) {
    await t.test(name, () => {
      assert.equal(formatRuleTexts(left, order) === formatRuleTexts(right, order), want);
    });
  }
});
