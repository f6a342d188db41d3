import { readVerdict } from "./check-verdict.ts";
import { createLatencyHistogram, type LatencySummary } from "./latency-histogram.ts";

/** The result of a run. */
export interface LoadResult {
  /** Calls that were answered with the right verdict, within the time measured. */
  readonly answered: number;
  /** How long was measured, in seconds. */
  readonly seconds: number;
  /** Of the calls answered, in milliseconds. */
  readonly latencyMs: LatencySummary;
  /** Answers that let pass what was to be denied, or the other way round. */
  readonly wrongVerdicts: number;
  /** Calls without a usable answer, by gRPC status or by what broke. */
  readonly errors: Readonly<Record<string, number>>;
}

/** Counts how calls end. */
export interface LoadTally {
  /** Counts a call that ended after so many milliseconds, and whose answer had to be that verdict. */
  record(
    milliseconds: number,
    allowed: boolean,
    status: string,
    message: Uint8Array | undefined,
  ): void;
  /** Counts a call that has no answer. */
  fail(status: string, calls?: number): void;
  result(seconds: number): LoadResult;
}

/** Returns a tally at zero. */
export function createLoadTally(): LoadTally {
  const latencies = createLatencyHistogram();
  const errors = new Map<string, number>();
  let wrongVerdicts = 0;

  const fail = (status: string, calls = 1): void => {
    if (calls > 0) errors.set(status, (errors.get(status) ?? 0) + calls);
  };

  return {
    record(milliseconds, allowed, status, message) {
      if (status !== "OK") {
        fail(status);
        return;
      }
      const verdict = message === undefined ? undefined : readVerdict(message);
      if (verdict === undefined) fail("unreadable answer");
      else if (verdict !== allowed) wrongVerdicts++;
      else latencies.record(milliseconds);
    },
    fail,
    result: (seconds) => ({
      answered: latencies.count,
      seconds,
      latencyMs: latencies.summary(),
      wrongVerdicts,
      errors: Object.fromEntries([...errors].toSorted(([a], [b]) => (a < b ? -1 : 1))),
    }),
  };
}
