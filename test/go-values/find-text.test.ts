import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { includesText } from "../../src/go-values/find-text.ts";
import { inTime, runProperty } from "../fuzz/run-property.ts";

test("a text is found as the engine finds it, a long one too", () => {
  const piece = fc.constantFrom("a", "ab", "aab", "中", "😀");
  const long = fc
    .tuple(fc.array(piece, { minLength: 1, maxLength: 6 }), fc.integer({ min: 1, max: 200 }))
    .map(([pieces, times]) => pieces.join("").repeat(times));
  runProperty(
    fc.property(long, long, long, fc.boolean(), (before, wanted, after, isThere) => {
      const text = isThere ? before + wanted + after : before + after;
      assert.equal(includesText(text, wanted), text.includes(wanted));
    }),
    3_000,
  );
});

test("what nearly fits everywhere takes no longer", () => {
  const half = "a".repeat(200_000);
  for (const wanted of [`${half}b`, `b${half}`, `${half.slice(1_000)}b${half.slice(1_000)}`]) {
    assert.equal(
      inTime(() => includesText(half + half, wanted)),
      false,
    );
  }
});
