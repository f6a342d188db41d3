import type { CatalogueFigures } from "./measure-catalogue.ts";
import type { DispatchFigures } from "./measure-dispatch.ts";

/** The result of one case, in nanoseconds an operation. */
export interface MicroFigures {
  readonly name: string;
  readonly medianNs: number;
  /** Median absolute deviation from the median. */
  readonly spreadNs: number;
  readonly bestNs: number;
  readonly samples: number;
}

/** Returns the figures of a case as a line. */
export function formatFigures({ name, medianNs, spreadNs, bestNs, samples }: MicroFigures): string {
  const spread = `±${((100 * spreadNs) / medianNs).toFixed(0)} %`;
  const columns = [formatNs(medianNs), spread, formatNs(bestNs), String(samples)];
  return [name.padEnd(nameWidth), ...columns.map((text) => text.padStart(11))].join("");
}

/** Returns the line above all figures. */
export function formatHeader(): string {
  const columns = ["median", "spread", "best", "samples"];
  return ["".padEnd(nameWidth), ...columns.map((text) => text.padStart(11))].join("");
}

/** Returns how many times as fast as the community's interpreter the compiled expressions are, a line each. */
export function formatRatios(all: readonly MicroFigures[]): string[] {
  return all.flatMap(({ name, medianNs }) => {
    if (!name.endsWith(compiledSuffix)) return [];
    const subject = name.slice(0, -compiledSuffix.length);
    const medianOf = (engine: string): number | undefined =>
      all.find((other) => other.name === `${subject}: ${engine}`)?.medianNs;
    const shown = ["community interpreter", "community search", "jmespath.search"].flatMap(
      (engine) => {
        const other = medianOf(engine);
        return other === undefined ? [] : [`${(other / medianNs).toFixed(1)} × ${engine}`];
      },
    );
    return shown.length === 0 ? [] : [`${subject}: as fast as ${shown.join(", ")}`];
  });
}

/** Returns what dispatching came to, as a line. */
export function formatDispatch({ name, cpuNs, turnNs }: DispatchFigures): string {
  return `${name.padEnd(nameWidth)}${formatNs(cpuNs).padStart(11)} of CPU, all threads; ${formatNs(turnNs)} a turn`;
}

/** Returns what loading a catalogue took, as a line. */
export function formatCatalogue(rounds: readonly CatalogueFigures[]): string {
  const [first] = rounds;
  const times = rounds.map(({ loadMs }) => Math.round(loadMs)).toSorted((a, b) => a - b);
  const held = Math.max(...rounds.map(({ heldBytes }) => heldBytes));
  const total = Math.max(...rounds.map(({ heapTotalBytes }) => heapTotalBytes));
  const time = `${times[Math.floor(times.length / 2)]} ms (${times[0]} to ${times.at(-1)})`;
  return `load: ${first?.policies} policies in a worker: ${time}; ${toMb(held)} MB held, heap ${toMb(total)} MB when loaded`;
}

const nameWidth = 62;
const compiledSuffix = ": compiled";

function formatNs(ns: number): string {
  return ns < 1_000 ? `${ns.toFixed(0)} ns` : `${(ns / 1_000).toFixed(2)} µs`;
}

function toMb(bytes: number): string {
  return (bytes / 1_000_000).toFixed(1);
}
