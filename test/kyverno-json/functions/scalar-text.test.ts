import assert from "node:assert/strict";
import { test } from "node:test";
import { GoInt } from "../../../src/go-values/value.ts";
import { scalarText } from "../../../src/kyverno-json/functions/scalar-text.ts";

const cases = [
  { input: "x", want: "x" },
  { input: true, want: "true" },
  { input: false, want: "false" },
  { input: new GoInt(-3), want: "-3" },
  { input: 0, want: "0" },
  { input: -0, want: "-0" },
  { input: 123, want: "123" },
  { input: 0.1, want: "0.1" },
  { input: 0.30000000000000004, want: "0.3" },
  { input: 1.23456789012, want: "1.2345679" },
  { input: 16777217, want: "16777216" },
  { input: 123456789, want: "123456790" },
  { input: -1.5, want: "-1.5" },
  { input: 1.5e-7, want: "0.00000015" },
  { input: 1e21, want: "1000000000000000000000" },
  { input: 5e-324, want: "0" },
  { input: 1e100, want: "+Inf" },
  { input: Number.NEGATIVE_INFINITY, want: "-Inf" },
  { input: Number.NaN, want: "NaN" },
  { input: null, want: undefined },
  { input: [], want: undefined },
  { input: {}, want: undefined },
];

test("scalars as text", async (t) => {
  for (const { input, want } of cases) {
    await t.test(String(want), () => {
      assert.equal(scalarText(input), want);
    });
  }
});
