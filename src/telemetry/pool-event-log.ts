import type { PoolEvents } from "../pool/pool-events.ts";
import type { OnFault } from "./fault-report.ts";
import type { Log } from "./log.ts";

/**
 * Returns events that are passed on and told to an operator: a lost worker is a warning, a fault in an evaluation one of
 * ours. Nothing is thrown: whoever only counts cannot keep a pool from its work.
 */
export function logPoolEvents(log: Log, events: PoolEvents, onFault: OnFault): PoolEvents {
  const tell = (told: () => void): void => {
    try {
      told();
    } catch (error) {
      onFault("telemetry", error);
    }
  };
  return {
    batchSent: (requests) => tell(() => events.batchSent(requests)),
    evaluatedInline: (requests) => tell(() => events.evaluatedInline(requests)),
    shed: (cause) => tell(() => events.shed(cause)),
    workerLost: (cause, detail) =>
      tell(() => {
        log.warn("worker lost", { cause, detail });
        events.workerLost(cause, detail);
      }),
    evaluationFailed(detail) {
      tell(() => events.evaluationFailed(detail));
      onFault("evaluation", detail);
    },
  };
}
