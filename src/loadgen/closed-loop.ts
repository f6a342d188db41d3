import type { CheckConnection } from "../grpc-client/check-connection.ts";
import { type LoadOptions, waitForOpenCalls } from "./load-options.ts";
import { createLoadTally, type LoadResult } from "./load-tally.ts";

/** A closed loop's load. */
export interface ClosedLoopOptions extends LoadOptions {
  /** Calls that each connection keeps open. */
  readonly inFlight: number;
}

/**
 * Resolves with what came of a closed loop: each call that ends starts the next, so the server gets as much as it can
 * take. Good for capacity and for the CPU a request takes; its latencies say little, for a slow server is asked less.
 */
export async function runClosedLoop(options: ClosedLoopOptions): Promise<LoadResult> {
  const { connections, workload, inFlight, warmupMs, durationMs } = options;
  const tally = createLoadTally();
  let phase: "warm-up" | "measured" | "over" = "warm-up";
  let openCalls = 0;

  const startCall = (connection: CheckConnection): void => {
    const check = workload.next();
    const startedMs = performance.now();
    openCalls++;
    connection.call(check, (status, message) => {
      openCalls--;
      if (phase === "measured") {
        tally.record(performance.now() - startedMs, check.allowed, status, message);
      }
      if (phase === "over") return;
      // A call that cannot be started ends at once: the next must not wait on the same stack.
      if (status === "OK") startCall(connection);
      else setImmediate(startCall, connection);
    });
  };

  for (const connection of connections) {
    for (let calls = 0; calls < inFlight; calls++) startCall(connection);
  }
  await sleep(warmupMs);
  phase = "measured";
  options.onBegin?.();
  const beganMs = performance.now();
  await sleep(durationMs);
  phase = "over";
  const seconds = (performance.now() - beganMs) / 1000;
  options.onEnd?.();
  await waitForOpenCalls(() => openCalls);
  tally.fail("unanswered", openCalls);
  return tally.result(seconds);
}

async function sleep(milliseconds: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
}
