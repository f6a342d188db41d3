import assert from "node:assert/strict";
import { test } from "node:test";
import { parseGoFloat } from "../../../src/jmespath/syntax/parse-number.ts";

test("numbers are read as Go's ParseFloat reads them", () => {
  const cases: readonly (readonly [string, number | undefined])[] = [
    ["0", 0],
    ["-0", -0],
    ["007", 7],
    ["1.", 1],
    [".5", 0.5],
    ["+5e-1", 0.5],
    ["1_0.2_5e1_0", 10.25e10],
    ["1e-400", 0],
    ["1e400", undefined],
    ["inf", Number.POSITIVE_INFINITY],
    ["-Infinity", Number.NEGATIVE_INFINITY],
    ["NaN", Number.NaN],
    ["+nan", undefined],
    ["infinit", undefined],
    ["", undefined],
    [" 1", undefined],
    [".", undefined],
    ["e1", undefined],
    ["1e", undefined],
    ["_1", undefined],
    ["1_", undefined],
    ["1__0", undefined],
    ["1_.5", undefined],
    ["0x1p4", 16],
    ["-0x_1.8P-1", -0.75],
    ["0x.8p1", 1],
    ["0x1p-1074", 5e-324],
    ["0x1p1024", undefined],
    ["0x10", undefined],
    ["0b1", undefined],
    ["١", undefined],
  ];
  for (const [text, want] of cases) assert.ok(Object.is(parseGoFloat(text), want), text);
});
