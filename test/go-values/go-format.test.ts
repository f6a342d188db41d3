import assert from "node:assert/strict";
import { test } from "node:test";
import {
  formatGoNumber,
  formatGoSyntax,
  formatGoValue,
  quoteGoRune,
  quoteGoString,
} from "../../src/go-values/go-format.ts";
import { isPrintable } from "../../src/go-values/printable.ts";
import { GoInt, ItemsArray, type Value } from "../../src/go-values/value.ts";

test("numbers take the exponent form below 1e-04 and from 1e+06 on", () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, "0"],
    [-0, "-0"],
    [59252, "59252"],
    [999999, "999999"],
    [1000000, "1e+06"],
    [1234567, "1.234567e+06"],
    [1712648549, "1.712648549e+09"],
    [-2.5, "-2.5"],
    [0.0001, "0.0001"],
    [0.00001, "1e-05"],
    [1e100, "1e+100"],
    [5e-324, "5e-324"],
    [0.1 + 0.2, "0.30000000000000004"],
    [Number.NaN, "NaN"],
    [Number.POSITIVE_INFINITY, "+Inf"],
    [Number.NEGATIVE_INFINITY, "-Inf"],
  ];
  for (const [value, want] of cases) assert.equal(formatGoNumber(value), want);
});

test("strings are quoted as Go quotes them", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["it's", `"it's"`],
    ['a"b\\c', '"a\\"b\\\\c"'],
    ["\u0007\b\f\n\r\t\v", '"\\a\\b\\f\\n\\r\\t\\v"'],
    ["\u0000\u001f\u007f", '"\\x00\\x1f\\x7f"'],
    ["é日😀\ufffd", '"é日😀\ufffd"'],
    ["\u0085\u00a0\u00ad\u200b\u2028\ufeff", '"\\u0085\\u00a0\\u00ad\\u200b\\u2028\\ufeff"'],
    ["\u{e0001}", '"\\U000e0001"'],
    ["\udcff", '"\\xff"'],
  ];
  for (const [text, want] of cases) assert.equal(quoteGoString(text), want);
  assert.equal(quoteGoRune("é"), "'\\u00e9'");
  assert.equal(quoteGoRune("😀"), "'\\U0001f600'");
  assert.equal(quoteGoRune("\v"), "'\\v'");
});

test("what counts as printable is Unicode 15.0, whatever the runtime knows", () => {
  const cases: readonly (readonly [number, boolean])[] = [
    [0x20, true],
    [0x7e, true],
    [0x7f, false],
    [0xa0, false],
    [0xad, false],
    [0x0378, false],
    [0x1c88, true],
    [0x1c89, false],
    [0x2ffc, false],
    [0xa7ca, true],
    [0xa7cb, false],
    [0xe000, false],
    [0x1f600, true],
    [0x2ebf0, false],
    [0x323af, true],
    [0x323b0, false],
    [0x10ffff, false],
  ];
  for (const [code, want] of cases) assert.equal(isPrintable(code), want, code.toString(16));
});

test("values print as %v and %#v print them", () => {
  const cases = [
    { value: null, v: "<nil>", syntax: "<nil>" },
    { value: true, v: "true", syntax: "true" },
    { value: 1e6, v: "1e+06", syntax: "1e+06" },
    { value: new GoInt(-1), v: "-1", syntax: "-1" },
    { value: "a b", v: "a b", syntax: '"a b"' },
    { value: [], v: "[]", syntax: "[]interface {}{}" },
    {
      value: [1, "x", null],
      v: "[1 x <nil>]",
      syntax: '[]interface {}{1, "x", interface {}(nil)}',
    },
    {
      value: { b: "x", a: 1, c: null },
      v: "map[a:1 b:x c:<nil>]",
      syntax: 'map[string]interface {}{"a":1, "b":"x", "c":interface {}(nil)}',
    },
    {
      value: new ItemsArray([{ k: 1 }]),
      v: "[map[k:1]]",
      syntax: '[]map[string]interface {}{map[string]interface {}{"k":1}}',
    },
    { value: new ItemsArray([], "[]v1.Rule", true), v: "[]", syntax: "[]v1.Rule(nil)" },
  ];
  for (const { value, v, syntax } of cases) {
    assert.equal(formatGoValue(value), v);
    assert.equal(formatGoSyntax(value), syntax);
  }
});

test("printing ends where its limit is", () => {
  let shared: Value = ["x"];
  for (let i = 0; i < 60; i++) shared = [shared, shared];
  assert.ok(formatGoValue(shared, 1_000).length < 1_100);
  assert.ok(formatGoSyntax(shared, 1_000).length < 1_100);
});
