import type { Log } from "./log.ts";
import type { PoolEvents } from "./pool-events.ts";

const intervalMs = 1_000;

/**
 * Returns events that are passed on, and logged where an operator should know: a lost worker is a warning, a fault
 * in an evaluation an error. Faults can come with every request, so at most one a second is written, with how many
 * were left out.
 */
export function logPoolEvents(log: Log, events: PoolEvents): PoolEvents {
  let quietUntilMs = 0;
  let leftOut = 0;
  return {
    batchSent: (requests) => events.batchSent(requests),
    evaluatedInline: (requests) => events.evaluatedInline(requests),
    shed: (cause) => events.shed(cause),
    workerLost(cause, detail) {
      log.warn("worker lost", { cause, detail });
      events.workerLost(cause, detail);
    },
    evaluationFailed(detail) {
      events.evaluationFailed(detail);
      const nowMs = performance.now();
      if (nowMs < quietUntilMs) {
        leftOut++;
        return;
      }
      log.error("an evaluation failed", { detail, leftOut });
      quietUntilMs = nowMs + intervalMs;
      leftOut = 0;
    },
  };
}
