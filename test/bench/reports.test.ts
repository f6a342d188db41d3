import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { drawChart } from "../../bench/load/draw-chart.ts";
import { formatMarkdown } from "../../bench/load/format-table.ts";
import { buildRunRow, type RunRow } from "../../bench/load/run-row.ts";
import { summarizeProfile } from "../../bench/load/summarize-profile.ts";
import { summarizeRounds } from "../../bench/load/summarize-rounds.ts";

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
      "96.0,316.7 370.0,203.4 644.0,90.1",
      "96.0,430.0 370.0,316.7 644.0,203.4",
    ]);
    assert.match(chart, />a<[^]*>p99<[^]*>p50</);
    assert.match(chart, />x &lt; y</);
  });

  test("names its axes, and has a line for 1, 2 and 5 of each power of ten", () => {
    const chart = drawChart(summarizeRounds([[openRow("a", 100, 3), openRow("a", 900, 3)]]), "");
    const labels = [...(chart ?? "").matchAll(/>([^<>]+)<\/text>/g)].map(([, text]) => text);
    assert.ok(labels.includes("calls a second (logarithmic)"));
    assert.ok(labels.includes("latency in ms (logarithmic)"));
    assert.deepEqual(
      labels.filter((text) => /^[\d.]+$/.test(text ?? "")),
      ["0.2", "0.5", "1", "2", "5", "100", "900"],
    );
  });

  test("leaves out labels that would lie over each other", () => {
    const rows = [100, 5_000, 5_200, 10_000].map((rate) => openRow("a", rate, 1));
    const chart = drawChart(summarizeRounds([rows]), "") ?? "";
    assert.match(chart, />5,000</);
    assert.doesNotMatch(chart, />5,200</);
  });

  test("shows what goes on beside a load as a line of its own", () => {
    const rows = [openRow("a", 100, 1), openRow("a", 100, 2, ", reloading")];
    const chart = drawChart(summarizeRounds([rows]), "") ?? "";
    assert.match(chart, />a<[^]*>a, reloading</);
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
