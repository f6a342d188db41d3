import { formatNumber } from "./format-table.ts";
import type { RunSummary } from "./summarize-rounds.ts";

const WIDTH = 900;
const MIN_HEIGHT = 480;
const LEGEND_STEP = 18;
const PLOT = { left: 70, right: 590, top: 40, bottom: 420 };
const colours = ["#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#17becf", "#8c564b"];

interface Point {
  readonly rate: number;
  readonly ms: number;
}

/** One line of the chart. */
interface Series {
  readonly title: string;
  readonly colour: string;
  readonly dashed: boolean;
  readonly points: readonly Point[];
}

/** Where a value of an axis lies on the page. */
type Scale = (value: number) => number;

/**
 * A chart of latency against rate as an SVG document, both axes logarithmic: p99 solid and p50 dashed, of the open loops;
 * undefined when there were none.
 */
export function drawChart(runs: readonly RunSummary[], caption: string): string | undefined {
  const series = findSeries(runs);
  const height = Math.max(MIN_HEIGHT, PLOT.top + LEGEND_STEP * (series.length + 1));
  const points = series.flatMap((line) => line.points);
  if (points.length === 0) return undefined;
  const rates = points.map(({ rate }) => rate);
  const x = logScale(Math.min(...rates), Math.max(...rates), PLOT.left, PLOT.right);
  const [low, high] = decadesAround(points.map(({ ms }) => ms));
  const y = logScale(low, high, PLOT.bottom, PLOT.top);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    label(PLOT.left, 20, `latency in ms by calls a second: ${caption}`),
    ...drawAxes({ x, y, rates, low, high }),
    ...series.flatMap((line, index) => drawSeries(line, index, x, y)),
    "</svg>",
    "",
  ].join("\n");
}

function findSeries(runs: readonly RunSummary[]): readonly Series[] {
  const groups = new Map<string, RunSummary[]>();
  for (const run of runs) {
    if (run.ratePerSecond === undefined) continue;
    const [, ...disturbance] = run.load.split(", ");
    const title = [
      run.scenario,
      ...(run.side === undefined ? [] : [run.side]),
      ...disturbance,
    ].join(" ");
    groups.set(title, [...(groups.get(title) ?? []), run]);
  }
  return [...groups].flatMap(([title, own], index) => {
    const colour = colours[index % colours.length] ?? "#000";
    return (["p99Ms", "p50Ms"] as const).map((figure) => ({
      title: `${title}, ${figure === "p99Ms" ? "p99" : "p50"}`,
      colour,
      dashed: figure === "p50Ms",
      points: own.flatMap(({ ratePerSecond: rate = 0, figures }) => {
        const ms = figures[figure]?.median ?? 0;
        return rate > 0 && ms > 0 ? [{ rate, ms }] : [];
      }),
    }));
  });
}

function drawAxes(axes: {
  readonly x: Scale;
  readonly y: Scale;
  readonly rates: readonly number[];
  readonly low: number;
  readonly high: number;
}): readonly string[] {
  const { x, y, rates, low, high } = axes;
  const lines: string[] = [];
  for (let decade = low; decade <= high * 1.001; decade *= 10) {
    lines.push(grid(PLOT.left, y(decade), PLOT.right, y(decade)));
    const text = String(Number(decade.toPrecision(3)));
    lines.push(label(PLOT.left - 8, y(decade) + 4, text, "end"));
  }
  for (const rate of new Set(rates)) {
    lines.push(grid(x(rate), PLOT.top, x(rate), PLOT.bottom));
    lines.push(label(x(rate), PLOT.bottom + 18, formatNumber(rate), "middle"));
  }
  return lines;
}

function drawSeries(line: Series, index: number, x: Scale, y: Scale): readonly string[] {
  const places = line.points.map(({ rate, ms }) => `${fix(x(rate))},${fix(y(ms))}`);
  const stroke = `stroke="${line.colour}"${line.dashed ? ' stroke-dasharray="5 4"' : ""}`;
  const top = PLOT.top + LEGEND_STEP * index;
  const left = PLOT.right + 20;
  return [
    `<polyline fill="none" stroke-width="2" ${stroke} points="${places.join(" ")}"/>`,
    ...line.points.map(
      ({ rate, ms }) =>
        `<circle cx="${fix(x(rate))}" cy="${fix(y(ms))}" r="3" fill="${line.colour}"/>`,
    ),
    `<line x1="${left}" y1="${top}" x2="${left + 24}" y2="${top}" stroke-width="2" ${stroke}/>`,
    label(left + 30, top + 4, line.title),
  ];
}

function logScale(low: number, high: number, from: number, to: number): Scale {
  // One rate alone has no width: it goes to the middle.
  if (low === high) return () => (from + to) / 2;
  return (value) => from + (Math.log(value / low) / Math.log(high / low)) * (to - from);
}

/** The powers of ten below and above all values. */
function decadesAround(values: readonly number[]): readonly [low: number, high: number] {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.ceil(Math.log10(Math.max(...values)));
  return [10 ** low, 10 ** Math.max(high, low + 1)];
}

function grid(x1: number, y1: number, x2: number, y2: number): string {
  return `<line x1="${fix(x1)}" y1="${fix(y1)}" x2="${fix(x2)}" y2="${fix(y2)}" stroke="#ddd"/>`;
}

function label(x: number, y: number, text: string, anchor = "start"): string {
  const safe = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<text x="${fix(x)}" y="${fix(y)}" text-anchor="${anchor}">${safe}</text>`;
}

function fix(value: number): string {
  return value.toFixed(1);
}
