import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createCostEstimate } from "../../src/pool/cost-estimate.ts";

const tables = [
  { name: "nothing observed", observed: [], want: undefined },
  { name: "the first counts in full", observed: [8], want: 8 },
  { name: "up", observed: [8, 16], want: 10 },
  { name: "down", observed: [8, 0], want: 6 },
  { name: "cut at the ceiling", observed: [8, 1_000], want: 31 },
  { name: "the first is cut as well", observed: [1_000], want: 100 },
];

suite("a running estimate", () => {
  for (const { name, observed, want } of tables) {
    test(name, () => {
      const estimate = createCostEstimate({ ceilingMs: 100, weight: 0.25 });
      for (const milliseconds of observed) estimate.observe(milliseconds);
      assert.equal(estimate.milliseconds, want);
    });
  }
});
