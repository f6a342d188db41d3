import assert from "node:assert/strict";
import { test } from "node:test";
import { JwtCacheTally } from "../../src/pool/jwt-cache-tally.ts";

test("a tally says which share missed since the last time, also of a worker that begins anew", () => {
  const tally = new JwtCacheTally();
  const shares = [
    tally.update({ hits: 0, misses: 0, entries: 0, bytes: 0 }),
    tally.update({ hits: 0, misses: 4, entries: 4, bytes: 40 }),
    tally.update({ hits: 3, misses: 5, entries: 5, bytes: 50 }),
    tally.update({ hits: 3, misses: 5, entries: 5, bytes: 50 }),
  ];
  tally.startAgain();
  shares.push(tally.update({ hits: 1, misses: 1, entries: 1, bytes: 10 }));
  assert.deepEqual(shares, [0, 1, 0.25, 0, 0.5]);
  assert.deepEqual(tally.counts(), { hits: 4, misses: 6, entries: 1, bytes: 10 });
});
