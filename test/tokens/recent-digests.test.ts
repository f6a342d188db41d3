import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { test } from "node:test";
import { createRecentDigests } from "../../src/tokens/recent-digests.ts";

function digestOf(number: number): string {
  return hash("sha256", String(number), "base64");
}

test("a digest is known when it comes again, and not before", () => {
  const recent = createRecentDigests(100);
  assert.equal(recent.note(digestOf(1)), false);
  assert.equal(recent.note(digestOf(1)), true);
  assert.equal(recent.note(digestOf(2)), false);
});

test("a table of one place knows the last digest alone", () => {
  const recent = createRecentDigests(1);
  recent.note(digestOf(1));
  recent.note(digestOf(2));
  assert.equal(recent.note(digestOf(1)), false);
  assert.equal(recent.note(digestOf(1)), true);
});

test("most digests are known after a quarter as many others, and none after more than all", () => {
  const size = 4_096;
  const known = (others: number): number => {
    const recent = createRecentDigests(size);
    for (let n = 0; n < 1_000; n += 1) recent.note(digestOf(n));
    for (let n = 0; n < others; n += 1) recent.note(digestOf(1_000 + n));
    return Array.from({ length: 1_000 }, (_, n) => recent.note(digestOf(n))).filter(Boolean).length;
  };
  assert.ok(known(size / 4) > 500, "kept");
  assert.equal(known(size + 1), 0);
});

function isKnownAfter(others: number): boolean {
  const recent = createRecentDigests(1_000);
  recent.note(digestOf(0));
  for (let n = 0; n < others; n += 1) recent.note(digestOf(-1));
  return recent.note(digestOf(0));
}

test("a digest is forgotten after as many others as the table is for, and not before", () => {
  assert.deepEqual([isKnownAfter(1_000), isKnownAfter(1_001)], [true, false]);
});

test("none of 100,000 other digests is taken for one that is noted", () => {
  const recent = createRecentDigests(10_000);
  let mistaken = 0;
  for (let n = 0; n < 100_000; n += 1) mistaken += Number(recent.note(digestOf(n)));
  assert.equal(mistaken, 0);
});
