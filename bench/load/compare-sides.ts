import type { Cells } from "./format-table.ts";
import type { RunNames, RunRow } from "./run-row.ts";

/** B's figure divided by A's, over all rounds. */
export interface Ratio {
  /** The geometric mean. */
  readonly mean: number;
  /** The interval of 95 % confidence around it; undefined with one round. */
  readonly interval: readonly [low: number, high: number] | undefined;
}

/** The ratios of a load. */
export interface Comparison extends Pick<RunNames, "scenario" | "door" | "load"> {
  readonly ratios: Readonly<Partial<Record<ComparedFigure, Ratio>>>;
}

type ComparedFigure = "perSecond" | "serverCpuMicrosEach" | "p50Ms" | "p99Ms";

const comparedFigures: readonly { readonly figure: ComparedFigure; readonly title: string }[] = [
  { figure: "perSecond", title: "answers/s" },
  { figure: "serverCpuMicrosEach", title: "CPU each" },
  { figure: "p50Ms", title: "p50" },
  { figure: "p99Ms", title: "p99" },
];

/** Student's t for 95 % by degrees of freedom, from 1; beyond the list the normal distribution is near enough. */
const studentT: readonly number[] = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145,
  2.131, 2.12, 2.11, 2.101, 2.093, 2.086,
];
const normalT = 1.96;

/**
 * Returns how B compares with A, load by load. Only figures of the same round are divided, for they were measured one right after
 * the other; the interval says how far the ratios of the rounds lie apart.
 */
export function compareSides(rounds: readonly (readonly RunRow[])[]): readonly Comparison[] {
  const pairs = new Map<string, { a: RunRow; b: RunRow }[]>();
  for (const rows of rounds) {
    for (const a of rows.filter(({ side }) => side === "A")) {
      const b = rows.find((row) => row.side === "B" && keyOf(row) === keyOf(a));
      if (b !== undefined) pairs.set(keyOf(a), [...(pairs.get(keyOf(a)) ?? []), { a, b }]);
    }
  }
  return [...pairs.values()].flatMap((own) => {
    const [first] = own;
    if (first === undefined) return [];
    const { scenario, door, load } = first.a;
    const ratios = comparedFigures.flatMap(({ figure }): [ComparedFigure, Ratio][] => {
      const ratio = ratioOf(own.map(({ a, b }) => [a.figures[figure], b.figures[figure]]));
      return ratio === undefined ? [] : [[figure, ratio]];
    });
    return [{ scenario, door, load, ratios: Object.fromEntries(ratios) }];
  });
}

/** Returns the ratio of the pairs that have both figures, neither of them zero; undefined when there are none. */
export function ratioOf(
  pairs: readonly (readonly [a: number | undefined, b: number | undefined])[],
): Ratio | undefined {
  const logs = pairs.flatMap(([a = 0, b = 0]) => (a > 0 && b > 0 ? [Math.log(b / a)] : []));
  const count = logs.length;
  if (count === 0) return undefined;
  const mean = logs.reduce((total, log) => total + log, 0) / count;
  if (count === 1) return { mean: Math.exp(mean), interval: undefined };
  const variance = logs.reduce((total, log) => total + (log - mean) ** 2, 0) / (count - 1);
  const margin = (studentT[count - 2] ?? normalT) * Math.sqrt(variance / count);
  return {
    mean: Math.exp(mean),
    interval: [Math.exp(mean - margin), Math.exp(mean + margin)],
  };
}

/** Returns the comparisons as a table; what is told from 1 by its interval bears a mark. */
export function tabulateComparisons(comparisons: readonly Comparison[]): Cells {
  const titles = comparedFigures.map(({ title }) => `B/A ${title}`);
  return [
    ["scenario", "load", ...titles, ""],
    ...comparisons.map(({ scenario, door, load, ratios }) => [
      scenario,
      `${door} ${load}`,
      ...comparedFigures.map(({ figure }) => formatRatio(ratios[figure])),
      "",
    ]),
  ];
}

function formatRatio(ratio: Ratio | undefined): string {
  if (ratio === undefined) return "-";
  const { mean, interval } = ratio;
  if (interval === undefined) return mean.toFixed(3);
  const [low, high] = interval;
  const mark = low > 1 || high < 1 ? "*" : "";
  return `${mean.toFixed(3)}${mark} (${low.toFixed(3)} to ${high.toFixed(3)})`;
}

function keyOf({ scenario, door, load }: RunRow): string {
  return [scenario, door, load].join(" ");
}
