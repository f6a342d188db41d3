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
  { title: "µs each", figure: "clientMicrosEach", format: (value) => value.toFixed(1) },
];

/** Cells of a table: a row of titles, then rows of figures. The first two columns are words, and so is the last one. */
export type Cells = readonly (readonly string[])[];

/** Returns the runs as a table: medians, and below each run the least and greatest of its rounds if there are several. */
export function tabulateRuns(runs: readonly RunSummary[], rounds: number): Cells {
  const header = ["scenario", "load", ...columns.map(({ title }) => title), "wrong", "errors", ""];
  const rows = runs.flatMap((run) => [
    [
      run.side === undefined ? run.scenario : `${run.scenario} ${run.side}`,
      `${run.door} ${run.load}`,
      ...columns.map((column) => formatFigure(column, run, "median")),
      formatNumber(run.wrongVerdicts),
      formatNumber(Object.values(run.errors).reduce((total, count) => total + count, 0)),
      noteOf(run),
    ],
    ...(rounds > 1 ? (["min", "max"] as const).map((end) => spreadRow(run, end)) : []),
  ]);
  return [header, ...rows];
}

/** Returns a table as lines of text. */
export function formatTable(cells: Cells): readonly string[] {
  const widths = (cells[0] ?? []).map((_, index) =>
    Math.max(...cells.map((row) => row[index]?.length ?? 0)),
  );
  return cells.map((row) =>
    row
      .map((cell, index) => {
        const width = widths[index] ?? 0;
        return isWords(index, row.length) ? cell.padEnd(width) : cell.padStart(width);
      })
      .join("  ")
      .trimEnd(),
  );
}

/** Returns a table as lines of Markdown; columns that hold words begin at the left. */
export function formatMarkdown(
  cells: Cells,
  holdsWords: (column: number, columnCount: number) => boolean = isWords,
): readonly string[] {
  const [header = [], ...rows] = cells;
  const rule = header.map((_, index) => (holdsWords(index, header.length) ? "---" : "---:"));
  return [header, rule, ...rows].map(markdownLine);
}

function markdownLine(row: readonly string[]): string {
  return `| ${row.map((cell) => cell.trim().replaceAll("|", "\\|")).join(" | ")} |`;
}

/** Returns a number with thousands apart and no decimals. */
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

function noteOf({ clientLimited, beyondCapacity }: RunSummary): string {
  return [
    ...(clientLimited ? ["client was the limit"] : []),
    ...(beyondCapacity ? ["beyond capacity"] : []),
  ].join(", ");
}

/** Words begin at the left, figures end at the right. */
function isWords(column: number, columnCount: number): boolean {
  return column < 2 || column === columnCount - 1;
}
