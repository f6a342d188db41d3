import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { compareSides, ratioOf, tabulateComparisons } from "../../bench/load/compare-sides.ts";
import { buildRunRow, type RunRow } from "../../bench/load/run-row.ts";

function row(side: "A" | "B", perSecond: number, load = "closed 1x1"): RunRow {
  const latencyMs = { p50: 1, p90: 1, p99: perSecond, p999: 1, max: 1 };
  return buildRunRow(
    { scenario: "s", side, door: "grpc", load },
    { answered: perSecond, seconds: 1, latencyMs, wrongVerdicts: 0, errors: {} },
    { serverSeconds: undefined, clientSeconds: 1, wallSeconds: 1 },
  );
}

suite("a ratio is", () => {
  const cases: readonly {
    name: string;
    pairs: readonly (readonly [number | undefined, number | undefined])[];
    want: readonly number[];
  }[] = [
    { name: "nothing without pairs", pairs: [], want: [] },
    {
      name: "nothing where a figure is missing",
      pairs: [
        [undefined, 1],
        [1, 0],
      ],
      want: [],
    },
    { name: "B by A", pairs: [[4, 2]], want: [0.5] },
    {
      name: "the geometric mean",
      pairs: [
        [1, 2],
        [1, 8],
      ],
      want: [4, 4 / 2 ** 12.706, 4 * 2 ** 12.706],
    },
    // ln of 2, 4, 8 has mean 2 ln 2 and deviation ln 2; t is 4.303 for two degrees of freedom.
    {
      name: "an interval",
      pairs: [
        [1, 2],
        [1, 4],
        [1, 8],
      ],
      want: [4, 0.7148, 22.384],
    },
    {
      name: "sure where all agree",
      pairs: [
        [1, 2],
        [2, 4],
        [3, 6],
      ],
      want: [2, 2, 2],
    },
  ];
  for (const { name, pairs, want } of cases) {
    test(name, () => {
      const ratio = ratioOf(pairs);
      const found = ratio === undefined ? [] : [ratio.mean, ...(ratio.interval ?? [])];
      assert.deepEqual(
        found.map((value) => Math.round(value * 100)),
        want.map((value) => Math.round(value * 100)),
      );
    });
  }
});

test("only runs of the same round and load are divided", () => {
  const comparisons = compareSides([
    [row("A", 100), row("A", 10, "open"), row("B", 200), row("B", 30, "open")],
    [row("B", 400), row("A", 200)],
  ]);
  assert.deepEqual(
    comparisons.map(({ load, ratios }) => [load, ratios.perSecond?.mean.toFixed(6)]),
    [
      ["closed 1x1", "2.000000"],
      ["open", "3.000000"],
    ],
  );
  const [, closed = [], open = []] = tabulateComparisons(comparisons);
  assert.deepEqual(closed.slice(2), [
    "2.000* (2.000 to 2.000)",
    "-",
    "1.000 (1.000 to 1.000)",
    "2.000* (2.000 to 2.000)",
    "",
  ]);
  assert.deepEqual(open.slice(0, 3), ["s", "grpc open", "3.000"]);
});
