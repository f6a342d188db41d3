import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createLatencyHistogram } from "../../src/loadgen/latency-histogram.ts";

/** The sorted values' element at that rank: what a percentile is, without buckets. */
function exactPercentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil(share * sorted.length) - 1]!;
}

suite("percentiles are exact to one percent", () => {
  const cases = [
    { name: "a ramp", values: Array.from({ length: 10_000 }, (_, i) => (i + 1) / 100) },
    {
      name: "powers over eight decades",
      values: Array.from({ length: 80 }, (_, i) => 10 ** (i / 10 - 3)),
    },
    { name: "one value", values: [0.1234] },
    { name: "two far apart", values: [0.05, 1_500] },
  ];
  for (const { name, values } of cases) {
    test(name, () => {
      const histogram = createLatencyHistogram();
      for (const value of values) histogram.record(value);
      assert.equal(histogram.count, values.length);
      for (const share of [0.01, 0.5, 0.9, 0.99, 0.999, 1]) {
        const want = exactPercentile(values, share);
        const got = histogram.percentile(share);
        assert.ok(Math.abs(got - want) <= want / 100 + 0.0001, `${share}: ${got}, not ${want}`);
        assert.ok(got >= want - 0.0001, `${share}: ${got} is below ${want}`);
      }
      assert.equal(histogram.summary().max, Math.round(Math.max(...values) * 1e4) / 1e4);
    });
  }
});

test("an empty histogram is all zeros", () => {
  const zeros = { p50: 0, p90: 0, p99: 0, p999: 0, max: 0 };
  assert.deepEqual(createLatencyHistogram().summary(), zeros);
});

test("what lies outside the range counts at its ends", () => {
  const histogram = createLatencyHistogram();
  histogram.record(-1);
  histogram.record(1e9);
  assert.equal(histogram.count, 2);
  assert.equal(histogram.percentile(0.5), 0);
  assert.equal(histogram.percentile(1), (2 ** 31 - 1) / 10_000);
});
