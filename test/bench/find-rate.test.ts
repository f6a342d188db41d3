import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { findRate } from "../../bench/load/find-rate.ts";
import { buildRunRow, type RunRow } from "../../bench/load/run-row.ts";

/** A run against a server whose p99 is 1 ms up to its capacity, and 100 ms beyond. */
function runAt(rate: number, capacity: number, errors: Record<string, number> = {}): RunRow {
  const p99 = rate > capacity ? 100 : 1;
  const latencyMs = { p50: 1, p90: 1, p99, p999: p99, max: p99 };
  const row = buildRunRow(
    { scenario: "s", side: undefined, door: "grpc", load: "open" },
    { answered: rate, seconds: 1, latencyMs, wrongVerdicts: 0, errors },
    { serverSeconds: 1, clientSeconds: 1, wallSeconds: 1 },
  );
  return { ...row, ratePerSecond: rate };
}

function failingAbove(rate: number, limit: number): Record<string, number> {
  return rate > limit ? { UNAVAILABLE: 1 } : {};
}

suite("the highest rate is found within five percent", () => {
  for (const capacity of [17, 999, 1_000, 1_001, 4_321, 65_000]) {
    test(`below ${capacity}`, async () => {
      const found = (await findRate(async (rate) => runAt(rate, capacity), 5))?.ratePerSecond ?? 0;
      assert.ok(found <= capacity && found >= capacity * 0.95 - 1, `${found}`);
    });
  }
});

test("a server that is never fast enough has none", async () => {
  assert.equal(await findRate(async (rate) => runAt(rate, 1), 5), undefined);
});

test("a rate at which calls fail is too high", async () => {
  const found =
    (await findRate(async (rate) => runAt(rate, 1_000_000, failingAbove(rate, 3_000)), 5))
      ?.ratePerSecond ?? 0;
  assert.ok(found <= 3_000 && found > 2_800, `${found}`);
});

test("one bad run is tried again", async () => {
  const bad = new Set([1_000, 4_000]);
  const run = async (rate: number): Promise<RunRow> => runAt(rate, bad.delete(rate) ? 0 : 8_000);
  assert.equal((await findRate(run, 5))?.ratePerSecond, 8_000);
});
