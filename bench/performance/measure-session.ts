import { judgeRuns } from "../judge-runs.ts";
import { type BenchOptions, parseBenchOptions, withoutServerOptions } from "../options.ts";
import { runRounds } from "../run-rounds.ts";
import type { ScenarioResult } from "../run-scenario.ts";
import { startServerUnderTest } from "../server-under-test.ts";
import { type RunSummary, summarizeRounds } from "../summarize-rounds.ts";

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
  /** Everything measured so far, by the arguments. */
  readonly all: readonly { readonly args: readonly string[]; readonly measured: Measured }[];
  /** Runs that may not be believed, a line each. */
  readonly faults: readonly string[];
}

/**
 * A session whose runs all have these arguments, unless a call has its own; a server that runs already only those that
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
  const faults: string[] = [];
  return {
    all,
    faults,
    async measure(...args) {
      const known = all.find((one) => one.args.join(" ") === args.join(" "));
      if (known !== undefined) return known.measured;
      const options = parse(args);
      const rounds = await runRounds(options, (line) => progress(`${args.join(" ")}: ${line}`));
      const rows = rounds.map((results) => results.flatMap((result) => result.rows));
      const measured = { runs: summarizeRounds(rows), results: rounds.flat() };
      const judgement = judgeRuns(measured.runs, options.allowErrors);
      if (!judgement.passed) faults.push(`${args.join(" ")}: ${judgement.lines.join("; ")}`);
      all.push({ args, measured });
      return measured;
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
  };
}
