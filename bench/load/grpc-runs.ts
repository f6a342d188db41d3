import {
  type CheckConnection,
  openCheckConnection,
} from "../../src/grpc-client/check-connection.ts";
import { runClosedLoop } from "../../src/loadgen/closed-loop.ts";
import { type OpenLoopResult, runOpenLoop } from "../../src/loadgen/open-loop.ts";
import { createWorkload, type Workload } from "../../src/loadgen/workload.ts";
import type { Disturbance } from "../scenarios/scenario.ts";
import { findRate } from "./find-rate.ts";
import { formatNumber } from "./format-table.ts";
import type { BenchOptions } from "./options.ts";
import { type CpuMeter, createCpuMeter } from "./process-figures.ts";
import { inFlightOf, type RunContext } from "./run-context.ts";
import { buildRunRow, type RunNames, type RunRow } from "./run-row.ts";

/** Open loops of a scenario that names none, in calls a second. */
const usualRates: readonly number[] = [500, 1_000, 2_000, 5_000, 10_000, 20_000];

/** From this share of its capacity on, errors are the load's doing. */
const FULL_LOAD = 0.9;

/**
 * Returns the rows of a scenario over gRPC, each measured when it is asked for: the closed loop first, which also warms the
 * server up, then each rate, then the highest rate that is good enough.
 */
export async function* runGrpcLoads(context: RunContext): AsyncGenerator<RunRow, void, void> {
  const { options, input } = context;
  const connections = await openConnections(context.server.target, options);
  const runs = new GrpcRuns(context, connections, createWorkload(input.requests));
  try {
    if (options.closedLoop) yield await runs.closed();
    for (const rate of ratesOf(context)) {
      yield await runs.open(rate);
      if (input.disturbance !== undefined) yield await runs.disturbed(rate, input.disturbance);
    }
    if (options.findRate) {
      const found = await findRate(async (rate) => await runs.open(rate), options.maxP99Ms);
      const names = runs.names(`best, p99 <= ${options.maxP99Ms} ms`);
      // A result rather than a point of the curve; whatever the closed loop got, this was held.
      const result = { ratePerSecond: undefined, beyondCapacity: false };
      if (found !== undefined) yield { ...found, ...names, ...result };
    }
  } finally {
    for (const connection of connections) connection.close();
  }
}

/** Returns the rates at which a scenario is measured in open loops, in calls a second. */
export function ratesOf({ options, scenario }: Omit<RunContext, "server">): readonly number[] {
  return options.rates ?? scenario.rates ?? usualRates;
}

/** Resolves with the row of one open loop, on connections of its own. */
export async function measureRate(context: RunContext, rate: number): Promise<RunRow> {
  const connections = await openConnections(context.server.target, context.options);
  try {
    return await new GrpcRuns(context, connections, createWorkload(context.input.requests)).open(
      rate,
    );
  } finally {
    for (const connection of connections) connection.close();
  }
}

/** The measurements that share a server and its connections. */
class GrpcRuns {
  readonly #context: RunContext;
  readonly #connections: readonly CheckConnection[];
  readonly #workload: Workload;
  readonly #meter: CpuMeter;
  /** What the closed loop came to, in answers a second. */
  #capacity = Number.POSITIVE_INFINITY;

  constructor(context: RunContext, connections: readonly CheckConnection[], workload: Workload) {
    this.#context = context;
    this.#connections = connections;
    this.#workload = workload;
    this.#meter = createCpuMeter(context.server.pid);
  }

  names(load: string): RunNames {
    const { scenario, side } = this.#context;
    return { scenario: scenario.name, side, door: "grpc", load };
  }

  async closed(): Promise<RunRow> {
    const { connections } = this.#context.options;
    const inFlight = inFlightOf(this.#context);
    const names = this.names(`closed ${connections}x${inFlight}`);
    this.#context.progress(names.load);
    const result = await runClosedLoop({ ...this.#load(), inFlight });
    const row = buildRunRow(names, result, this.#meter.cost());
    this.#capacity = row.figures.perSecond;
    return row;
  }

  async open(rate: number): Promise<RunRow> {
    const names = this.names(`open ${formatNumber(rate)}/s`);
    const result = await this.#runOpen(names.load, rate);
    return this.#openRow(names, rate, result, this.#context.server.pid !== undefined);
  }

  async disturbed(rate: number, disturbance: Disturbance): Promise<RunRow> {
    const { input, server, options } = this.#context;
    const { requests } = input;
    const { target } = server;
    const stop = await disturbance.start({ target, requests, timeoutMs: options.timeoutMs });
    const names = this.names(`open ${formatNumber(rate)}/s, ${disturbance.name}`);
    const result = await this.#runOpen(names.load, rate);
    await stop();
    return this.#openRow(names, rate, result, !disturbance.takesServerTime);
  }

  async #runOpen(load: string, ratePerSecond: number): Promise<OpenLoopResult> {
    this.#context.progress(load);
    return await runOpenLoop({ ...this.#load(), ratePerSecond });
  }

  #openRow(names: RunNames, rate: number, result: OpenLoopResult, counted: boolean): RunRow {
    const cost = this.#meter.cost();
    const row = buildRunRow(names, result, counted ? cost : { ...cost, serverSeconds: undefined });
    return {
      ...row,
      ratePerSecond: rate,
      beyondCapacity: rate > FULL_LOAD * this.#capacity,
    };
  }

  #load(): Omit<Parameters<typeof runOpenLoop>[0], "ratePerSecond"> {
    const { warmupMs, durationMs } = this.#context.options;
    return {
      connections: this.#connections,
      workload: this.#workload,
      warmupMs,
      durationMs,
      onBegin: this.#meter.begin,
      onEnd: this.#meter.end,
    };
  }
}

/** Resolves with so many connections to a server, when all are open. */
export async function openConnections(
  target: string,
  { connections, timeoutMs }: Pick<BenchOptions, "connections" | "timeoutMs">,
): Promise<readonly CheckConnection[]> {
  return await Promise.all(
    Array.from(
      { length: connections },
      async () => await openCheckConnection({ target, timeoutMs }),
    ),
  );
}
