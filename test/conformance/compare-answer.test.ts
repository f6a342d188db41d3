import assert from "node:assert/strict";
import { test } from "node:test";
import type { Diagnostic } from "../../src/model/diagnostic.ts";
import { type Answer, compareAnswer } from "./run-policy.ts";
import type { ExpectedDecision, ExpectedRule } from "./vector.ts";

const failing: ExpectedRule = {
  policy: "p",
  rule: "r",
  status: "fail",
  violations: [{ errors: ["a", "b"] }],
};
const denied: Answer = { verdict: "deny", loaded: 1, rules: [failing], body: "B", loadFaults: [] };
const allowed: Answer = { verdict: "allow", loaded: 1, rules: [], body: "", loadFaults: [] };
const fault: Diagnostic = {
  code: "POLICY_SCHEMA",
  severity: "error",
  message: "bad",
  originalText: "x",
  file: "policy.yaml",
  line: 1,
  column: 1,
};
const refused: Answer = { ...allowed, verdict: "load-error", loaded: 0, loadFaults: [fault] };
const deny: ExpectedDecision = {
  verdict: "deny",
  order: "exact",
  loaded: 1,
  rules: [failing],
  body: "B",
};
const otherText: Answer = {
  ...denied,
  rules: [{ ...failing, violations: [{ errors: ["b", "a"] }] }],
};
const otherStatus: Answer = { ...denied, rules: [{ ...failing, status: "error" }] };

interface Case {
  readonly name: string;
  readonly expect: ExpectedDecision;
  readonly answer: Answer;
  readonly want: { readonly agrees: boolean; readonly textsEqual: boolean | undefined };
}

const agreeing = { agrees: true, textsEqual: undefined };
const disagreeing = { agrees: false, textsEqual: undefined };

const cases: readonly Case[] = [
  { name: "all the same", expect: deny, answer: denied, want: { agrees: true, textsEqual: true } },
  { name: "another verdict", expect: deny, answer: allowed, want: disagreeing },
  { name: "more policies", expect: deny, answer: { ...denied, loaded: 2 }, want: disagreeing },
  { name: "another status", expect: deny, answer: otherStatus, want: disagreeing },
  { name: "a rule less", expect: deny, answer: { ...denied, rules: [] }, want: disagreeing },
  { name: "refused to load", expect: deny, answer: refused, want: disagreeing },
  {
    name: "another body",
    expect: deny,
    answer: { ...denied, body: "C" },
    want: { agrees: true, textsEqual: false },
  },
  {
    name: "another order of lines",
    expect: deny,
    answer: otherText,
    want: { agrees: true, textsEqual: false },
  },
  {
    name: "another order of lines where it is not fixed",
    expect: { ...deny, order: "lines" },
    answer: { ...otherText, body: "C" },
    want: { agrees: true, textsEqual: true },
  },
  {
    name: "another status where texts are not fixed",
    expect: { ...deny, order: "varies" },
    answer: otherStatus,
    want: disagreeing,
  },
  {
    name: "other texts where they are not fixed",
    expect: { ...deny, order: "varies" },
    answer: otherText,
    want: agreeing,
  },
  {
    name: "another status where the verdict alone is fixed",
    expect: { ...deny, order: "verdict-only" },
    answer: otherStatus,
    want: agreeing,
  },
  {
    name: "a load error met by refusing",
    expect: { verdict: "load-error", order: "exact", loadError: "x" },
    answer: refused,
    want: { agrees: true, textsEqual: true },
  },
  {
    name: "a load error with another text",
    expect: { verdict: "load-error", order: "exact", loadError: "y" },
    answer: refused,
    want: { agrees: true, textsEqual: false },
  },
  {
    name: "a load error met by a deny",
    expect: { verdict: "load-error", order: "exact", loadError: "x" },
    answer: { ...denied, loaded: 0 },
    want: disagreeing,
  },
  {
    name: "a failed call met by refusing",
    expect: { verdict: "rpc-error", order: "exact", rpcError: "x" },
    answer: refused,
    want: { agrees: true, textsEqual: true },
  },
  {
    name: "an answer that could not be written met by a deny",
    expect: { verdict: "rpc-error", order: "exact", rpcError: "marshal: invalid UTF-8" },
    answer: denied,
    want: disagreeing,
  },
  {
    name: "a crash met by a deny",
    expect: { verdict: "panic", order: "exact" },
    answer: denied,
    want: agreeing,
  },
  {
    name: "a crash met by an allow",
    expect: { verdict: "panic", order: "exact" },
    answer: allowed,
    want: disagreeing,
  },
];

test("answers are compared as far as the vector says", async (t) => {
  for (const { name, expect, answer, want } of cases) {
    await t.test(name, () => {
      const { agrees, textsEqual } = compareAnswer(expect, answer);
      assert.deepEqual({ agrees, textsEqual }, want);
    });
  }
});
