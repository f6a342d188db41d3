import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { drawChart } from "../../bench/draw-chart.ts";
import { formatMarkdown } from "../../bench/format-table.ts";
import { buildRunRow, type RunRow } from "../../bench/run-row.ts";
import { summarizeProfile } from "../../bench/summarize-profile.ts";
import { summarizeRounds } from "../../bench/summarize-rounds.ts";

function openRow(scenario: string, ratePerSecond: number, ms: number, more = ""): RunRow {
  const row = buildRunRow(
    { scenario, side: undefined, door: "grpc", load: `open ${ratePerSecond}/s${more}` },
    {
      answered: 1,
      seconds: 1,
      latencyMs: { p50: ms / 10, p90: ms, p99: ms, p999: ms, max: ms },
      wrongVerdicts: 0,
      errors: {},
    },
    { serverSeconds: 1, clientSeconds: 1, wallSeconds: 1 },
  );
  return { ...row, ratePerSecond };
}

type ProfileNode = Parameters<typeof summarizeProfile>[0]["nodes"][number];

function profileNode(id: number, functionName: string, url: string): ProfileNode {
  return { id, callFrame: { functionName, url, lineNumber: 9 } };
}

suite("a chart", () => {
  test("has a line for p99 and one for p50 of each scenario, on logarithmic axes", () => {
    const rows = [openRow("a", 100, 1), openRow("a", 1_000, 10), openRow("a", 10_000, 100)];
    const chart = drawChart(summarizeRounds([rows]), "x < y") ?? "";
    const lines = [...chart.matchAll(/points="([^"]*)"/g)].map(([, points]) => points);
    assert.deepEqual(lines, [
      "70.0,293.3 330.0,166.7 590.0,40.0",
      "70.0,420.0 330.0,293.3 590.0,166.7",
    ]);
    assert.match(chart, />a, p99<[^]*>a, p50</);
    assert.match(chart, /: x &lt; y</);
  });

  test("shows what goes on beside a load as a line of its own", () => {
    const rows = [openRow("a", 100, 1), openRow("a", 100, 2, ", reloading")];
    const chart = drawChart(summarizeRounds([rows]), "") ?? "";
    assert.match(chart, />a, p99<[^]*>a reloading, p99</);
    assert.equal(chart.match(/<polyline/g)?.length, 4);
  });

  test("is not drawn without open loops", () => {
    const { ratePerSecond: _, ...closed } = openRow("a", 1, 1);
    const runs = summarizeRounds([[{ ...closed, ratePerSecond: undefined }]]);
    assert.equal(drawChart(runs, ""), undefined);
  });
});

test("a table in Markdown has figures at the right", () => {
  assert.deepEqual(
    formatMarkdown([
      ["a", "b", "c", ""],
      ["  1", "2|3", "4", "note"],
    ]),
    ["| a | b | c |  |", "| --- | --- | ---: | --- |", "| 1 | 2\\|3 | 4 | note |"],
  );
});

test("a profile names what took most time, waiting left out", () => {
  const profile = {
    nodes: [
      profileNode(1, "(idle)", ""),
      profileNode(2, "decide", "file:///home/x/src/policy/policy-set.ts"),
      profileNode(3, "", "file:///home/x/src/policy/policy-set.ts"),
      profileNode(4, "decide", "file:///home/x/src/policy/policy-set.ts"),
    ],
    samples: [1, 2, 3, 4, 99],
    timeDeltas: [1_000, 20, 25, 30, 25],
  };
  assert.deepEqual(summarizeProfile(profile), [
    "  50.0 %  decide policy/policy-set.ts:10",
    "  25.0 %  (anonymous) policy/policy-set.ts:10",
    "  25.0 %  (unknown)",
  ]);
});
