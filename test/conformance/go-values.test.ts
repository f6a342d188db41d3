import assert from "node:assert/strict";
import { test } from "node:test";
import { ExpressionReference, GoInt, ItemsArray } from "../../src/go-values/value.ts";
import { readJsonLine } from "../support/read-json-line.ts";
import { canonicalText, formatGoValue, parseGoValue } from "./go-values.ts";

const formatted = [
  { name: "null", input: null, want: null },
  { name: "a number", input: 1.5, want: 1.5 },
  { name: "minus zero", input: -0, want: { $go: "float", v: "-0" } },
  { name: "not a number", input: Number.NaN, want: { $go: "float", v: "NaN" } },
  { name: "infinity", input: Number.POSITIVE_INFINITY, want: { $go: "float", v: "+Inf" } },
  { name: "minus infinity", input: Number.NEGATIVE_INFINITY, want: { $go: "float", v: "-Inf" } },
  { name: "a Go int", input: new GoInt(-3), want: { $go: "int", v: "-3" } },
  { name: "text outside the BMP", input: "a😀b", want: "a😀b" },
  { name: "bytes", input: "\udcd7M&", want: { $go: "bytes", v: "100m" } },
  {
    name: "items()",
    input: new ItemsArray([{ key: new GoInt(0) }]),
    want: { $go: "[]map[string]interface {}", v: [{ key: { $go: "int", v: "0" } }] },
  },
  {
    name: "an expression",
    input: new ExpressionReference(() => null),
    want: { $go: "expref", v: null },
  },
  { name: "nested", input: { a: [-0] }, want: { a: [{ $go: "float", v: "-0" }] } },
  { name: "a key $go", input: { $go: 1 }, want: { $go: "map", v: { $go: 1 } } },
];

test("values are written as the vectors write them", async (t) => {
  for (const { name, input, want } of formatted) {
    await t.test(name, () => {
      assert.deepEqual(formatGoValue(input), want);
    });
  }
});

const parsed = [
  { name: "plain", input: '{"a":[1,"x",null,true]}' },
  { name: "a Go int inside", input: '{"a":[{"$go":"int","v":"-7"}]}' },
  { name: "infinity", input: '{"$go":"float","v":"+Inf"}' },
  { name: "minus infinity", input: '{"$go":"float","v":"-Inf"}' },
  { name: "not a number", input: '{"$go":"float","v":"NaN"}' },
  { name: "minus zero", input: '{"$go":"float","v":"-0"}' },
  { name: "__proto__", input: '{"__proto__":{"a":1}}' },
];

test("what is read is written the same", async (t) => {
  for (const { name, input } of parsed) {
    await t.test(name, () => {
      assert.equal(canonicalText(formatGoValue(parseGoValue(readJsonLine(input)))), input);
    });
  }
});

test("an unknown tag on input is refused", () => {
  assert.throws(() => parseGoValue({ $go: "nonsense", v: 1 }), /nonsense/);
});

test("equal values have the same canonical text, others do not", () => {
  assert.equal(canonicalText({ b: 1, a: [2, 1] }), canonicalText({ a: [2, 1], b: 1 }));
  assert.notEqual(canonicalText([2, 1]), canonicalText([1, 2]));
  assert.equal(canonicalText([2, [4, 3]], true), canonicalText([[3, 4], 2], true));
  assert.notEqual(canonicalText([2, 2], true), canonicalText([2], true));
  assert.notEqual(canonicalText("1"), canonicalText(1));
  assert.notEqual(canonicalText(null), canonicalText([]));
});
