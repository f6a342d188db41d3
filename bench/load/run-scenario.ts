import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Scenario } from "../scenarios/scenario.ts";
import { runGrpcLoads } from "./grpc-runs.ts";
import { runHttpLoad } from "./http-runs.ts";
import { runJustReady } from "./just-ready.ts";
import type { BenchOptions, Side, SideName } from "./options.ts";
import { canPin } from "./pin-process.ts";
import { readResidentMb } from "./process-figures.ts";
import type { RunContext } from "./run-context.ts";
import type { RunRow } from "./run-row.ts";
import { type ServerUnderTest, startServerUnderTest } from "./server-under-test.ts";

/** The result of a scenario in one round. */
export interface ScenarioResult {
  readonly scenario: string;
  readonly side: SideName | undefined;
  readonly rows: readonly RunRow[];
  readonly coldStartMs: number | undefined;
  /** Of the server, after all its runs, in MB (10 ** 6 bytes). */
  readonly residentMb: number | undefined;
  readonly serverPinned: boolean;
}

/**
 * Resolves with the figures of a scenario for each side, in the order of the sides; servers are fresh ones unless they
 * were given. Sides take turns: each load is measured on one, then on the other, while all else waits.
 */
export async function runScenario(
  scenario: Scenario,
  options: BenchOptions,
  sides: readonly Side[],
  progress: (line: string) => void,
): Promise<readonly ScenarioResult[]> {
  const turns = sides.map((side) => runSide(scenario, options, side, progress));
  try {
    const results: ScenarioResult[] = [];
    while (results.length < sides.length) {
      for (const turn of turns) {
        const { done, value } = await turn.next();
        if (done === true && value !== undefined) results.push(value);
      }
    }
    return results;
  } finally {
    for (const turn of turns) await turn.return(undefined);
  }
}

/** Measures one load each time it is asked to go on. */
async function* runSide(
  scenario: Scenario,
  options: BenchOptions,
  side: Side,
  progress: (line: string) => void,
): AsyncGenerator<undefined, ScenarioResult | undefined, void> {
  const folder = await mkdtemp(join(tmpdir(), "ostiary-bench-"));
  try {
    const input = await scenario.prepare(folder);
    const start = async (): Promise<ServerUnderTest> =>
      await startServerUnderTest(side.server, options, input);
    const common = {
      scenario,
      input,
      options,
      side: side.name,
      progress: (load: string) => {
        progress(side.name === undefined ? load : `${side.name}, ${load}`);
      },
    };
    const rows: RunRow[] = [];
    if (options.justReady) {
      for await (const row of runJustReady(common, start)) {
        rows.push(row);
        yield;
      }
      return describeSide(common, rows, undefined);
    }
    const server = await start();
    try {
      const context = { ...common, server };
      for await (const row of runGrpcLoads(context)) {
        rows.push(row);
        yield;
      }
      rows.push(...(await runHttpLoad(context)));
      return describeSide(common, rows, server);
    } finally {
      await server.stop();
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** @param server the one that all rows are about; undefined when each had its own */
function describeSide(
  { scenario, side, options }: Omit<RunContext, "server">,
  rows: readonly RunRow[],
  server: ServerUnderTest | undefined,
): ScenarioResult {
  const { cpus } = options;
  return {
    scenario: scenario.name,
    side,
    rows,
    coldStartMs: server?.coldStartMs,
    residentMb: server?.pid === undefined ? undefined : readResidentMb(server.pid),
    serverPinned: server?.pinned ?? (cpus !== undefined && canPin(cpus.server)),
  };
}
