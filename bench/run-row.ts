import type { LoadResult } from "../src/loadgen/load-tally.ts";
import type { CpuCost } from "./process-figures.ts";

/** One figure of a run each; what cannot be told is undefined. */
export interface RunFigures {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
  /** Right answers for each second of the server's CPU time, all threads together: what noise moves least. */
  readonly perServerCpuSecond: number | undefined;
  readonly serverCpuMicrosEach: number | undefined;
  /** CPU seconds a second: 1 is one core. */
  readonly serverCores: number | undefined;
  /** The share of the time in which the client was at work: 1 is all that one thread can do. */
  readonly clientBusy: number;
  /** Open loop: how late calls were sent, the client's own doing. */
  readonly sendDelayP99Ms: number | undefined;
}

/** What one measurement came to. */
export interface RunRow {
  readonly scenario: string;
  readonly door: "grpc" | "http";
  /** The kind of load, as it is printed: `closed 8x16`, `open 1,000/s`. */
  readonly load: string;
  readonly figures: RunFigures;
  readonly answered: number;
  readonly wrongVerdicts: number;
  readonly errors: Readonly<Record<string, number>>;
  /** The latencies or the throughput are the client's rather than the server's. */
  readonly clientLimited: boolean;
}

/** From here on the client has no room left to wait in. */
const BUSY_LIMIT = 0.9;

/** A run's row; `sendDelayP99Ms` and `clientBusyShare` come from an open loop, whose client never sleeps. */
export function buildRunRow(
  names: Pick<RunRow, "scenario" | "door" | "load">,
  result: LoadResult & { readonly sendDelayP99Ms?: number; readonly clientBusyShare?: number },
  cost: CpuCost,
): RunRow {
  const { answered, latencyMs, sendDelayP99Ms } = result;
  const { serverSeconds, wallSeconds } = cost;
  const counted = serverSeconds !== undefined && serverSeconds > 0 && answered > 0;
  const serverCores = serverSeconds === undefined ? undefined : serverSeconds / wallSeconds;
  const clientBusy = result.clientBusyShare ?? cost.clientSeconds / wallSeconds;
  return {
    ...names,
    figures: {
      perSecond: answered / result.seconds,
      p50Ms: latencyMs.p50,
      p90Ms: latencyMs.p90,
      p99Ms: latencyMs.p99,
      p999Ms: latencyMs.p999,
      maxMs: latencyMs.max,
      perServerCpuSecond: counted ? answered / serverSeconds : undefined,
      serverCpuMicrosEach: counted ? (serverSeconds / answered) * 1e6 : undefined,
      serverCores,
      clientBusy,
      sendDelayP99Ms,
    },
    answered,
    wrongVerdicts: result.wrongVerdicts,
    errors: result.errors,
    clientLimited:
      sendDelayP99Ms === undefined
        ? clientBusy >= BUSY_LIMIT && (serverCores ?? 0) < BUSY_LIMIT
        : clientBusy >= BUSY_LIMIT || sendDelayP99Ms > latencyMs.p99 / 2,
  };
}
