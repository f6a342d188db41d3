import { type CheckConnection, openCheckConnection } from "../src/loadgen/check-connection.ts";
import type { CheckSpec } from "../src/loadgen/check-spec.ts";
import { runClosedLoop } from "../src/loadgen/closed-loop.ts";
import { runOpenLoop } from "../src/loadgen/open-loop.ts";
import { createWorkload } from "../src/loadgen/workload.ts";
import { formatNumber } from "./format-table.ts";
import type { BenchOptions } from "./options.ts";
import { createCpuMeter } from "./process-figures.ts";
import { buildRunRow, type RunRow } from "./run-row.ts";
import type { ServerUnderTest } from "./server-under-test.ts";

/** What the runs of one scenario share. */
export interface RunContext {
  readonly scenario: string;
  readonly requests: readonly CheckSpec[];
  readonly server: ServerUnderTest;
  readonly options: BenchOptions;
  readonly progress: (line: string) => void;
}

/** The rows of a scenario over gRPC: the closed loop first, which also warms the server up, then each rate. */
export async function runGrpcLoads(context: RunContext): Promise<readonly RunRow[]> {
  const { options, server, requests, scenario, progress } = context;
  const { target } = server;
  const connections = await openConnections(target, options);
  const meter = createCpuMeter(server.pid);
  const load = {
    connections,
    workload: createWorkload(requests),
    warmupMs: options.warmupMs,
    durationMs: options.durationMs,
    onBegin: meter.begin,
    onEnd: meter.end,
  };
  const rows: RunRow[] = [];
  if (options.closedLoop) {
    const names = nameRun(scenario, `closed ${options.connections}x${options.inFlight}`);
    progress(names.load);
    const result = await runClosedLoop({ ...load, inFlight: options.inFlight });
    rows.push(buildRunRow(names, result, meter.cost()));
  }
  for (const ratePerSecond of options.rates) {
    const names = nameRun(scenario, `open ${formatNumber(ratePerSecond)}/s`);
    progress(names.load);
    const result = await runOpenLoop({ ...load, ratePerSecond });
    rows.push(buildRunRow(names, result, meter.cost()));
  }
  for (const connection of connections) connection.close();
  return rows;
}

function nameRun(scenario: string, load: string): Pick<RunRow, "scenario" | "door" | "load"> {
  return { scenario, door: "grpc", load };
}

async function openConnections(
  target: string,
  { connections, timeoutMs }: BenchOptions,
): Promise<readonly CheckConnection[]> {
  return await Promise.all(
    Array.from(
      { length: connections },
      async () => await openCheckConnection({ target, timeoutMs }),
    ),
  );
}
