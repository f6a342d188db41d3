import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runGrpcLoads } from "./grpc-runs.ts";
import { runHttpLoad } from "./http-runs.ts";
import type { BenchOptions } from "./options.ts";
import { readResidentMb } from "./process-figures.ts";
import type { RunRow } from "./run-row.ts";
import type { Scenario } from "./scenarios.ts";
import { startServerUnderTest } from "./server-under-test.ts";

/** What a scenario came to in one round. */
export interface ScenarioResult {
  readonly scenario: string;
  readonly rows: readonly RunRow[];
  readonly coldStartMs: number | undefined;
  /** Of the server, after all its runs, in MB (10 ** 6 bytes). */
  readonly residentMb: number | undefined;
  readonly serverPinned: boolean;
}

/** Resolves with the figures of a scenario; the server is a fresh one unless it was given. */
export async function runScenario(
  scenario: Scenario,
  options: BenchOptions,
  progress: (line: string) => void,
): Promise<ScenarioResult> {
  const folder = await mkdtemp(join(tmpdir(), "ostiary-bench-"));
  try {
    const input = await scenario.prepare(folder);
    const server = await startServerUnderTest(options, input);
    try {
      const { requests } = input;
      const context = { scenario: scenario.name, requests, server, options, progress };
      const rows = [...(await runGrpcLoads(context)), ...(await runHttpLoad(context))];
      return {
        scenario: scenario.name,
        rows,
        coldStartMs: server.coldStartMs,
        residentMb: server.pid === undefined ? undefined : readResidentMb(server.pid),
        serverPinned: server.pinned,
      };
    } finally {
      await server.stop();
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}
