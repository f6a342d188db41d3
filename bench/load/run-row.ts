import type { LoadResult } from "../../src/loadgen/load-tally.ts";
import type { SideName } from "./options.ts";
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
  /** What an answer has cost the client, by that share. */
  readonly clientMicrosEach: number | undefined;
  /** Open loop: how late calls were sent, the client's own doing. */
  readonly sendDelayP99Ms: number | undefined;
}

/** The names of a measurement; the same in every round. */
export interface RunNames {
  readonly scenario: string;
  /** Which one of two servers, when two are compared. */
  readonly side: SideName | undefined;
  readonly door: "grpc" | "http";
  /** The kind of load, as it is printed: `closed 8x16`, `open 1,000/s`. */
  readonly load: string;
}

/** The result of one measurement. */
export interface RunRow extends RunNames {
  /** Of an open loop, the calls that were due in a second. */
  readonly ratePerSecond: number | undefined;
  /** An open loop that asks for more than the closed loop got: errors are no surprise. */
  readonly beyondCapacity: boolean;
  readonly figures: RunFigures;
  readonly answered: number;
  readonly wrongVerdicts: number;
  readonly errors: Readonly<Record<string, number>>;
  /** The latencies or the throughput are the client's rather than the server's. */
  readonly clientLimited: boolean;
}

/** From here on the client has no room left to wait in. */
const BUSY_LIMIT = 0.9;

/** Returns a run's row; `sendDelayP99Ms` and `clientBusyShare` come from an open loop, whose client never sleeps. */
export function buildRunRow(
  names: RunNames,
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
    ratePerSecond: undefined,
    beyondCapacity: false,
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
      clientMicrosEach: answered === 0 ? undefined : ((clientBusy * wallSeconds) / answered) * 1e6,
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
