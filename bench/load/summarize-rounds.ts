import type { RunFigures, RunNames, RunRow } from "./run-row.ts";

/** The middle of some values and how far they lie apart. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** The same run in all rounds. */
export interface RunSummary extends RunNames, Pick<RunRow, "ratePerSecond"> {
  readonly figures: Readonly<Partial<Record<keyof RunFigures, Spread>>>;
  /** Over all rounds together. */
  readonly answered: number;
  readonly wrongVerdicts: number;
  readonly errors: Readonly<Record<string, number>>;
  /** In one round at least. */
  readonly clientLimited: boolean;
  readonly beyondCapacity: boolean;
}

/** Returns the rows of several rounds as one row for each run, in the order of the first round. */
export function summarizeRounds(rounds: readonly (readonly RunRow[])[]): readonly RunSummary[] {
  const groups = new Map<string, RunRow[]>();
  for (const row of rounds.flat()) {
    const key = [row.scenario, row.side, row.door, row.load].join(" ");
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()].flatMap((rows) => summarizeRun(rows));
}

/** Returns median, least and greatest; undefined when there are none. */
export function spreadOf(values: readonly number[]): Spread | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const [min, max] = [sorted[0], sorted.at(-1)];
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  const upper = sorted[Math.ceil((sorted.length - 1) / 2)];
  if (min === undefined || max === undefined || lower === undefined || upper === undefined) {
    return undefined;
  }
  return { median: (lower + upper) / 2, min, max };
}

function summarizeRun(rows: readonly RunRow[]): readonly RunSummary[] {
  const [first] = rows;
  if (first === undefined) return [];
  const { scenario, side, door, load, ratePerSecond } = first;
  const errors: Record<string, number> = {};
  for (const [status, count] of rows.flatMap((row) => Object.entries(row.errors))) {
    errors[status] = (errors[status] ?? 0) + count;
  }
  const summary: RunSummary = {
    scenario,
    side,
    door,
    load,
    ratePerSecond,
    figures: Object.fromEntries(
      figureNames.map((name) => [name, spreadOf(rows.flatMap((row) => row.figures[name] ?? []))]),
    ),
    answered: sum(rows.map((row) => row.answered)),
    wrongVerdicts: sum(rows.map((row) => row.wrongVerdicts)),
    errors,
    clientLimited: rows.some((row) => row.clientLimited),
    beyondCapacity: rows.some((row) => row.beyondCapacity),
  };
  return [summary];
}

const figureNames: readonly (keyof RunFigures)[] = [
  "perSecond",
  "p50Ms",
  "p90Ms",
  "p99Ms",
  "p999Ms",
  "maxMs",
  "perServerCpuSecond",
  "serverCpuMicrosEach",
  "serverCores",
  "clientBusy",
  "clientMicrosEach",
  "sendDelayP99Ms",
];

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
