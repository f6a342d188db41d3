import type { CheckConnection } from "../grpc-client/check-connection.ts";
import type { Workload } from "./workload.ts";

/** The options of every kind of load. */
export interface LoadOptions {
  /** Calls go to them in turn. */
  readonly connections: readonly CheckConnection[];
  readonly workload: Workload;
  /** Load before the measurement begins, left out of all figures. */
  readonly warmupMs: number;
  readonly durationMs: number;
  /** Called when the measurement begins and when it ends, so that others can measure the same stretch of time. */
  readonly onBegin?: () => void;
  readonly onEnd?: () => void;
}

/** How long calls that are open when a run ends may take before they count as unanswered. */
const DRAIN_MS = 3_000;

/** Resolves when the count is zero, or after `DRAIN_MS`. */
export async function waitForOpenCalls(openCalls: () => number): Promise<void> {
  for (const end = performance.now() + DRAIN_MS; openCalls() > 0 && performance.now() < end; ) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
