import type { RunFigures } from "./run-row.ts";
import type { RunSummary, Spread } from "./summarize-rounds.ts";

/** A column of figures. */
interface Column {
  readonly title: string;
  readonly figure: keyof RunFigures;
  readonly format: (value: number) => string;
}

const columns: readonly Column[] = [
  { title: "answers/s", figure: "perSecond", format: formatNumber },
  { title: "p50 ms", figure: "p50Ms", format: formatMs },
  { title: "p90", figure: "p90Ms", format: formatMs },
  { title: "p99", figure: "p99Ms", format: formatMs },
  { title: "p99.9", figure: "p999Ms", format: formatMs },
  { title: "max", figure: "maxMs", format: formatMs },
  { title: "CPU µs each", figure: "serverCpuMicrosEach", format: (value) => value.toFixed(1) },
  { title: "answers/CPU-s", figure: "perServerCpuSecond", format: formatNumber },
  { title: "server cores", figure: "serverCores", format: (value) => value.toFixed(2) },
  { title: "client busy", figure: "clientBusy", format: (value) => `${Math.round(value * 100)} %` },
];

/** The runs as lines of a table: medians, and below each run the least and greatest of its rounds if there are several. */
export function formatTable(runs: readonly RunSummary[], rounds: number): readonly string[] {
  const header = ["scenario", "load", ...columns.map(({ title }) => title), "wrong", "errors", ""];
  const rows = runs.flatMap((run) => [
    [
      run.scenario,
      `${run.door} ${run.load}`,
      ...columns.map((column) => formatFigure(column, run, "median")),
      formatNumber(run.wrongVerdicts),
      formatNumber(Object.values(run.errors).reduce((total, count) => total + count, 0)),
      run.clientLimited ? "client was the limit" : "",
    ],
    ...(rounds > 1 ? (["min", "max"] as const).map((end) => spreadRow(run, end)) : []),
  ]);
  return alignColumns([header, ...rows]);
}

/** A number with thousands apart and no decimals. */
export function formatNumber(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

function formatMs(value: number): string {
  return value.toFixed(2);
}

function spreadRow(run: RunSummary, end: keyof Spread): readonly string[] {
  return ["", `  ${end}`, ...columns.map((column) => formatFigure(column, run, end)), "", "", ""];
}

function formatFigure({ figure, format }: Column, run: RunSummary, end: keyof Spread): string {
  const spread = run.figures[figure];
  return spread === undefined ? "-" : format(spread[end]);
}

/** The first two columns are words and begin at the left; all others are figures and end at the right. */
function alignColumns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, index) =>
    Math.max(...rows.map((row) => row[index]?.length ?? 0)),
  );
  return rows.map((row) =>
    row
      .map((cell, index) => {
        const width = widths[index] ?? 0;
        return index < 2 || index === row.length - 1 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join("  ")
      .trimEnd(),
  );
}
