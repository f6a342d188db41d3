import { formatNumber } from "../load/format-table.ts";
import type { RunFigures } from "../load/run-row.ts";
import type { ScenarioResult } from "../load/run-scenario.ts";
import { type RunSummary, spreadOf } from "../load/summarize-rounds.ts";

const NONE = "–";
/** Stands behind figures that are the client's. */
const CLIENT_MARK = "†";
/** A server that answers this late does not keep up any more. */
const LOST_MS = 500;

/** Returns the closed loop among the runs over gRPC. */
export function closedRun(runs: readonly RunSummary[]): RunSummary | undefined {
  return runs.find(({ door, load }) => door === "grpc" && load.startsWith("closed"));
}

/** Returns the undisturbed open loop at that rate; with a name, the one that was disturbed so. */
export function openRun(
  runs: readonly RunSummary[],
  rate: number,
  disturbance?: string,
): RunSummary | undefined {
  return runs.find(({ ratePerSecond, load }) => {
    const [, name] = load.split(", ");
    return ratePerSecond === rate && name === disturbance;
  });
}

/** Returns what a search for the highest rate has found. */
export function bestRun(runs: readonly RunSummary[]): RunSummary | undefined {
  return runs.find(({ load }) => load.startsWith("best"));
}

/** Answers a second, and for each second of the server's CPU time. */
export function capacityCells(run: RunSummary | undefined): readonly [string, string] {
  return [countCell(run, "perSecond", true), countCell(run, "perServerCpuSecond", false)];
}

/** Returns a figure as a whole number; marked when the client was the limit and that matters to it. */
export function countCell(
  run: RunSummary | undefined,
  figure: keyof RunFigures,
  isMarked: boolean,
): string {
  const value = run?.figures[figure]?.median;
  if (run === undefined || value === undefined) return NONE;
  return `${formatNumber(value)}${isMarked && run.clientLimited ? CLIENT_MARK : ""}`;
}

/** Returns `p50 / p99` in milliseconds, or that the server does not keep up. */
export function latencyCell(run: RunSummary | undefined): string {
  const p50 = run?.figures.p50Ms?.median;
  const p99 = run?.figures.p99Ms?.median;
  if (run === undefined || p50 === undefined || p99 === undefined) return NONE;
  if (p99 > LOST_MS || Object.keys(run.errors).length > 0) return "collapses";
  return `${formatMs(p50)} / ${formatMs(p99)}${run.clientLimited ? CLIENT_MARK : ""}`;
}

/** Returns CPU microseconds of the server for each answer. */
export function cpuCell(run: RunSummary | undefined): string {
  const value = run?.figures.serverCpuMicrosEach?.median;
  return value === undefined ? NONE : value.toFixed(1);
}

/** Returns the median of what all results have. */
export function resultCell(
  results: readonly ScenarioResult[],
  figure: "coldStartMs" | "residentMb",
): string {
  return medianCell(results.flatMap((result) => result[figure] ?? []));
}

/** Returns the median as a whole number. */
export function medianCell(values: readonly number[]): string {
  const spread = spreadOf(values);
  return spread === undefined ? NONE : formatNumber(spread.median);
}

/** Returns B's figure divided by A's, with two decimals. */
export function ratioCell(
  a: RunSummary | undefined,
  b: RunSummary | undefined,
  figure: keyof RunFigures,
): string {
  const [below, above] = [a?.figures[figure]?.median, b?.figures[figure]?.median];
  return below === undefined || above === undefined ? NONE : (above / below).toFixed(2);
}

/** Returns B's figure less A's, in milliseconds. */
export function differenceCell(
  a: RunSummary | undefined,
  b: RunSummary | undefined,
  figure: "p50Ms" | "p99Ms",
): string {
  const [without, all] = [a?.figures[figure]?.median, b?.figures[figure]?.median];
  return without === undefined || all === undefined ? NONE : (all - without).toFixed(2);
}

/** Returns memory in whole megabytes. */
export function megabyteCell(value: number | undefined): string {
  return value === undefined ? NONE : formatNumber(value);
}

function formatMs(value: number): string {
  return value < 10 ? value.toFixed(2) : value.toFixed(1);
}
