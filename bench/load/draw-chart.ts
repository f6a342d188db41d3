import { formatNumber } from "./format-table.ts";
import type { RunSummary } from "./summarize-rounds.ts";

const WIDTH = 960;
const MIN_HEIGHT = 500;
const LEGEND_STEP = 20;
const PLOT = { left: 80, right: 660, top: 56, bottom: 430 };
const LEGEND_LEFT = PLOT.right + 24;
/** The least distance between two labels of the horizontal axis. */
const LABEL_WIDTH = 46;
/** Distinct also for those who do not see all colours alike, and dark enough for a white page. */
const colours = [
  "#0072b2",
  "#d55e00",
  "#009e73",
  "#cc79a7",
  "#8c6d00",
  "#4aa3df",
  "#7f3fbf",
  "#555555",
];
const GRID = "#e2e2e2";

interface Point {
  readonly rate: number;
  readonly ms: number;
}

/** What a run of rates came to: two lines of one colour. */
interface Series {
  readonly title: string;
  readonly colour: string;
  /** Of the points: white where a colour comes again. */
  readonly fill: string;
  readonly p99: readonly Point[];
  readonly p50: readonly Point[];
}

/** Where a value of an axis lies on the page. */
type Scale = (value: number) => number;

/**
 * Returns a chart of latency against rate as an SVG document, both axes logarithmic: p99 solid and p50 dashed, of the open loops;
 * undefined when there were none.
 */
export function drawChart(runs: readonly RunSummary[], caption: string): string | undefined {
  const series = findSeries(runs);
  const points = series.flatMap(({ p99, p50 }) => [...p99, ...p50]);
  if (points.length === 0) return undefined;
  const height = Math.max(MIN_HEIGHT, PLOT.top + LEGEND_STEP * (series.length + 3));
  const rates = [...new Set(points.map(({ rate }) => rate))].toSorted((a, b) => a - b);
  const ticks = ticksAround(points.map(({ ms }) => ms));
  const x = logScale(rates[0] ?? 1, rates.at(-1) ?? 1, PLOT.left + 16, PLOT.right - 16);
  const y = logScale(ticks[0] ?? 1, ticks.at(-1) ?? 1, PLOT.bottom, PLOT.top);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12" fill="#222">`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    label(PLOT.left, 22, "Latency by rate, open loop", 'font-size="15" font-weight="bold"'),
    label(PLOT.left, 40, caption, 'fill="#666"'),
    ...drawAxes(x, y, rates, ticks),
    ...series.flatMap((one) => drawSeries(one, x, y)),
    ...drawLegend(series),
    "</svg>",
    "",
  ].join("\n");
}

function findSeries(runs: readonly RunSummary[]): readonly Series[] {
  const groups = new Map<string, RunSummary[]>();
  for (const run of runs) {
    if (run.ratePerSecond === undefined) continue;
    const [, ...disturbance] = run.load.split(", ");
    const side = run.side === undefined ? [] : [run.side];
    const title = [[run.scenario, ...side].join(" "), ...disturbance].join(", ");
    groups.set(title, [...(groups.get(title) ?? []), run]);
  }
  return [...groups].map(([title, own], index) => {
    const pointsOf = (figure: "p99Ms" | "p50Ms"): readonly Point[] =>
      own.flatMap(({ ratePerSecond: rate = 0, figures }) => {
        const ms = figures[figure]?.median ?? 0;
        return rate > 0 && ms > 0 ? [{ rate, ms }] : [];
      });
    const colour = colours[index % colours.length] ?? "#000";
    const fill = index < colours.length ? colour : "#fff";
    return { title, colour, fill, p99: pointsOf("p99Ms"), p50: pointsOf("p50Ms") };
  });
}

function drawAxes(
  x: Scale,
  y: Scale,
  rates: readonly number[],
  ticks: readonly number[],
): readonly string[] {
  const middle = (PLOT.top + PLOT.bottom) / 2;
  const lines = [
    label((PLOT.left + PLOT.right) / 2, PLOT.bottom + 42, "calls a second (logarithmic)", middleOf),
    label(
      26,
      middle,
      "latency in ms (logarithmic)",
      `${middleOf} transform="rotate(-90 26 ${middle})"`,
    ),
  ];
  for (const tick of ticks) {
    lines.push(line(PLOT.left, y(tick), PLOT.right, y(tick), GRID));
    lines.push(label(PLOT.left - 8, y(tick) + 4, String(tick), 'text-anchor="end"'));
  }
  let labelled = Number.NEGATIVE_INFINITY;
  for (const rate of rates) {
    lines.push(line(x(rate), PLOT.top, x(rate), PLOT.bottom, GRID));
    if (x(rate) - labelled < LABEL_WIDTH) continue;
    lines.push(label(x(rate), PLOT.bottom + 20, formatNumber(rate), middleOf));
    labelled = x(rate);
  }
  lines.push(line(PLOT.left, PLOT.bottom, PLOT.right, PLOT.bottom, "#888"));
  lines.push(line(PLOT.left, PLOT.top, PLOT.left, PLOT.bottom, "#888"));
  return lines;
}

function drawSeries({ colour, fill, p99, p50 }: Series, x: Scale, y: Scale): readonly string[] {
  const draw = (points: readonly Point[], more: string): readonly string[] => [
    `<polyline fill="none" stroke-width="2" stroke="${colour}"${more} points="${points
      .map(({ rate, ms }) => `${fix(x(rate))},${fix(y(ms))}`)
      .join(" ")}"/>`,
    ...points.map(({ rate, ms }) => dot(x(rate), y(ms), colour, fill)),
  ];
  return [...draw(p99, ""), ...draw(p50, dashes)];
}

/** A row a colour, and below them what solid and dashed mean. */
function drawLegend(series: readonly Series[]): readonly string[] {
  return [
    ...series.flatMap(({ title, colour, fill }, index) => [
      ...legendRow(index, colour, title),
      dot(LEGEND_LEFT + 13, PLOT.top + LEGEND_STEP * index, colour, fill),
    ]),
    ...legendRow(series.length + 1, "#222", "p99"),
    ...legendRow(series.length + 2, "#222", "p50", dashes),
  ];
}

function legendRow(index: number, colour: string, title: string, more = ""): readonly string[] {
  const top = PLOT.top + LEGEND_STEP * index;
  return [
    line(LEGEND_LEFT, top, LEGEND_LEFT + 26, top, colour, `stroke-width="2"${more}`),
    label(LEGEND_LEFT + 34, top + 4, title),
  ];
}

const dashes = ' stroke-dasharray="5 4"';
const middleOf = 'text-anchor="middle"';

function logScale(low: number, high: number, from: number, to: number): Scale {
  // One rate alone has no width: it goes to the middle.
  if (low === high) return () => (from + to) / 2;
  return (value) => from + (Math.log(value / low) / Math.log(high / low)) * (to - from);
}

/** 1, 2 and 5 times powers of ten, from the last one below all values to the first above them. */
function ticksAround(values: readonly number[]): readonly number[] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const ticks: number[] = [];
  for (let exponent = Math.floor(Math.log10(low)); 10 ** exponent <= high * 10; exponent++) {
    for (const factor of [1, 2, 5]) ticks.push(Number((factor * 10 ** exponent).toPrecision(3)));
  }
  const first = ticks.findLastIndex((tick) => tick <= low);
  const last = ticks.findIndex((tick) => tick > high);
  return ticks.slice(first, last + 1);
}

function line(x1: number, y1: number, x2: number, y2: number, stroke: string, more = ""): string {
  return `<line x1="${fix(x1)}" y1="${fix(y1)}" x2="${fix(x2)}" y2="${fix(y2)}" stroke="${stroke}" ${more}/>`;
}

function dot(x: number, y: number, stroke: string, fill: string): string {
  return `<circle cx="${fix(x)}" cy="${fix(y)}" r="3" stroke="${stroke}" fill="${fill}"/>`;
}

function label(x: number, y: number, text: string, more = ""): string {
  const safe = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<text x="${fix(x)}" y="${fix(y)}" ${more}>${safe}</text>`;
}

function fix(value: number): string {
  return value.toFixed(1);
}
