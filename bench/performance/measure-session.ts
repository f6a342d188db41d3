import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { judgeRuns } from "../load/judge-runs.ts";
import { type BenchOptions, parseBenchOptions, withoutServerOptions } from "../load/options.ts";
import type { RunContext } from "../load/run-context.ts";
import { runRounds } from "../load/run-rounds.ts";
import type { RunRow } from "../load/run-row.ts";
import type { ScenarioResult } from "../load/run-scenario.ts";
import { startServerUnderTest } from "../load/server-under-test.ts";
import { type RunSummary, summarizeRounds } from "../load/summarize-rounds.ts";

/** What one call of the benchmark came to. */
interface Measured {
  readonly runs: readonly RunSummary[];
  /** Of all rounds. */
  readonly results: readonly ScenarioResult[];
}

/** Runs the benchmark again and again, and keeps what went wrong. */
export interface MeasureSession {
  /**
   * Resolves with what those arguments of `npm run bench` come to, beside those that all runs share; the same ones are
   * measured once.
   */
  measure(...args: readonly string[]): Promise<Measured>;
  /** Starts a server so often, and resolves with how long each took to be ready, in milliseconds. */
  start(times: number, ...args: readonly string[]): Promise<readonly number[]>;
  /**
   * Resolves with what `use` does with a server that is started for the first scenario among the arguments, the seed
   * unless they name one; afterwards the server is stopped.
   */
  serve<T>(args: readonly string[], use: (context: RunContext) => Promise<T>): Promise<T>;
  /** Judges and keeps rounds that were measured in another way than by `npm run bench`; returns their medians. */
  keep(name: string, rounds: readonly (readonly RunRow[])[]): readonly RunSummary[];
  /** Keeps numbers that come from no run. */
  note(name: string, numbers: object): void;
  /** Says that something cannot be believed, or could not be measured. */
  fault(line: string): void;
  /** Everything measured so far, by the arguments or the name. */
  readonly all: readonly { readonly args: readonly string[]; readonly measured: Measured }[];
  readonly notes: readonly { readonly name: string; readonly numbers: object }[];
  /** Runs that may not be believed, a line each. */
  readonly faults: readonly string[];
}

/**
 * Returns a session whose runs all have these arguments, unless a call has its own; a server that runs already only those that
 * do not say which server is measured.
 *
 * @param progress told what is going on, a line each time
 */
export function createMeasureSession(
  common: readonly string[],
  progress: (line: string) => void,
): MeasureSession {
  const parse = (args: readonly string[]): BenchOptions => {
    const isForeign = args.some((arg) => arg.startsWith("--target="));
    return parseBenchOptions([...(isForeign ? withoutServerOptions(common) : common), ...args]);
  };
  const all: { args: readonly string[]; measured: Measured }[] = [];
  const notes: { name: string; numbers: object }[] = [];
  const faults: string[] = [];
  const keep = (args: readonly string[], measured: Measured, allowErrors: boolean): Measured => {
    const judgement = judgeRuns(measured.runs, allowErrors);
    if (!judgement.passed) faults.push(`${args.join(" ")}: ${judgement.lines.join("; ")}`);
    all.push({ args, measured });
    return measured;
  };
  return {
    all,
    notes,
    faults,
    async measure(...args) {
      const known = all.find((one) => one.args.join(" ") === args.join(" "));
      if (known !== undefined) return known.measured;
      const options = parse(args);
      const rounds = await runRounds(options, (line) => progress(`${args.join(" ")}: ${line}`));
      const rows = rounds.map((results) => results.flatMap((result) => result.rows));
      const measured = { runs: summarizeRounds(rows), results: rounds.flat() };
      return keep(args, measured, options.allowErrors);
    },
    async start(times, ...args) {
      const options = parse(args);
      progress(`${args.join(" ")}: started ${times} times`);
      const starts: number[] = [];
      while (starts.length < times) {
        const input = { policyPaths: [], requests: [] };
        const server = await startServerUnderTest(options.sides[0].server, options, input);
        starts.push(server.coldStartMs ?? Number.NaN);
        await server.stop();
      }
      return starts;
    },
    async serve(args, use) {
      const options = parse(args);
      return await serveScenario(options, (line) => progress(`${args.join(" ")}: ${line}`), use);
    },
    keep: (name, rounds) =>
      keep([name], { runs: summarizeRounds(rounds), results: [] }, false).runs,
    note(name, numbers) {
      notes.push({ name, numbers });
    },
    fault(line) {
      faults.push(line);
    },
  };
}

async function serveScenario<T>(
  options: BenchOptions,
  progress: (line: string) => void,
  use: (context: RunContext) => Promise<T>,
): Promise<T> {
  const [scenario] = options.scenarios;
  if (scenario === undefined) throw new RangeError("unreachable: options name a scenario");
  const folder = await mkdtemp(join(tmpdir(), "ostiary-performance-"));
  try {
    const input = await scenario.prepare(folder);
    const server = await startServerUnderTest(options.sides[0].server, options, input);
    try {
      return await use({ scenario, input, side: undefined, server, options, progress });
    } finally {
      await server.stop();
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}
