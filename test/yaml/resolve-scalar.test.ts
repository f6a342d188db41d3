import assert from "node:assert/strict";
import { test } from "node:test";
import { resolvePlainScalar } from "../../src/yaml/resolve-scalar.ts";

const cases: readonly { readonly text: string; readonly want: unknown }[] = [
  { text: "y", want: true },
  { text: "Yes", want: true },
  { text: "OFF", want: false },
  { text: "TrUe", want: "TrUe" },
  { text: "~", want: null },
  { text: "", want: null },
  { text: "nULL", want: "nULL" },
  { text: "0", want: 0 },
  { text: "-0", want: 0 },
  { text: "-0.0", want: -0 },
  { text: "+017", want: 15 },
  { text: "0755", want: 493 },
  { text: "08", want: 8 },
  { text: "0779", want: 779 },
  { text: "0o7", want: 7 },
  { text: "0O17", want: 15 },
  { text: "0o8", want: "0o8" },
  { text: "0b11", want: 3 },
  { text: "0b12", want: "0b12" },
  { text: "0x1F", want: 31 },
  { text: "-0x1", want: -1 },
  { text: "0x", want: "0x" },
  { text: "0xG", want: "0xG" },
  { text: "0xFFFFFFFFFFFFFFFF", want: 18_446_744_073_709_552_000 },
  { text: "0x10000000000000000", want: "0x10000000000000000" },
  { text: "18446744073709551616", want: 18_446_744_073_709_552_000 },
  { text: "9007199254740993", want: 9_007_199_254_740_992 },
  { text: "1__0_", want: 10 },
  { text: "_1", want: "_1" },
  { text: "0x_1", want: 1 },
  { text: ".5", want: 0.5 },
  { text: ".5_0", want: ".5_0" },
  { text: "1.", want: 1 },
  { text: "1.e3", want: 1000 },
  { text: "1e1_0", want: 1e10 },
  { text: ".e3", want: ".e3" },
  { text: "1e", want: "1e" },
  { text: "1e400", want: "1e400" },
  { text: "1e-400", want: 0 },
  { text: "1:30", want: "1:30" },
  { text: "2001-12-14", want: "2001-12-14" },
  { text: "-.inf", want: Number.NEGATIVE_INFINITY },
  { text: ".NaN", want: Number.NaN },
  { text: "inf", want: "inf" },
  { text: "1,000", want: "1,000" },
];

for (const { text, want } of cases) {
  test(`plain scalar ${JSON.stringify(text)}`, () => {
    assert.deepEqual(resolvePlainScalar(text).value, want);
  });
}

test("an integer keeps its exact digits and its type", () => {
  assert.deepEqual(resolvePlainScalar("9223372036854775808"), {
    kind: "integer",
    value: 9_223_372_036_854_776_000,
    digits: "9223372036854775808",
  });
  assert.equal(resolvePlainScalar("1.0").kind, "float");
});

test("a very long number costs no more than its length", () => {
  const long = "1".repeat(1_000_000);
  assert.equal(resolvePlainScalar(long).value, long);
  assert.equal(resolvePlainScalar(`0x${long}`).value, `0x${long}`);
});
