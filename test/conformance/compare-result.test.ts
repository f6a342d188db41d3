import assert from "node:assert/strict";
import { test } from "node:test";
import { GoInt, type Result } from "../../src/go-values/value.ts";
import { EvaluationError } from "../../src/model/evaluation-error.ts";
import { compareResult } from "./run-expression.ts";
import type { ExpectedResult } from "./vector.ts";

const typeError = new EvaluationError("EVALUATION_TYPE", "text");

interface Case {
  readonly name: string;
  readonly expect: ExpectedResult;
  readonly result: Result;
  readonly want: { readonly agrees: boolean; readonly textsEqual: boolean | undefined };
}

const agreeing = { agrees: true, textsEqual: undefined };
const disagreeing = { agrees: false, textsEqual: undefined };
const error = { error: "text", errorClass: "type" };

const cases: readonly Case[] = [
  { name: "an equal value", expect: { value: { a: [1] } }, result: { a: [1] }, want: agreeing },
  { name: "another value", expect: { value: [1] }, result: [2], want: disagreeing },
  { name: "null", expect: { value: null }, result: null, want: agreeing },
  { name: "false is not null", expect: { value: null }, result: false, want: disagreeing },
  { name: "a Go int is no number", expect: { value: 1 }, result: new GoInt(1), want: disagreeing },
  { name: "minus zero is not zero", expect: { value: 0 }, result: -0, want: disagreeing },
  { name: "another order", expect: { value: [1, 2] }, result: [2, 1], want: disagreeing },
  {
    name: "another order where any will do",
    expect: { value: [1, 2], arrayOrder: "any" },
    result: [2, 1],
    want: agreeing,
  },
  { name: "an error for a value", expect: { value: null }, result: typeError, want: disagreeing },
  { name: "a value for an error", expect: error, result: null, want: disagreeing },
  {
    name: "the same error",
    expect: error,
    result: typeError,
    want: { agrees: true, textsEqual: true },
  },
  {
    name: "the same class with another text",
    expect: { ...error, error: "other" },
    result: typeError,
    want: { agrees: true, textsEqual: false },
  },
  {
    name: "another text where it is not fixed",
    expect: { ...error, error: "other", textStable: false },
    result: typeError,
    want: agreeing,
  },
  {
    name: "another class",
    expect: { ...error, errorClass: "value" },
    result: typeError,
    want: { agrees: false, textsEqual: true },
  },
  {
    name: "any error where Go crashed",
    expect: { panic: "crash", errorClass: "panic" },
    result: typeError,
    want: agreeing,
  },
  {
    name: "a value where Go crashed",
    expect: { panic: "crash", errorClass: "panic" },
    result: null,
    want: disagreeing,
  },
];

test("results are compared as far as the vector says", async (t) => {
  for (const { name, expect, result, want } of cases) {
    await t.test(name, () => {
      const { agrees, textsEqual } = compareResult(expect, result);
      assert.deepEqual({ agrees, textsEqual }, want);
    });
  }
});
