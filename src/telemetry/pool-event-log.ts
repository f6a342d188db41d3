import type { PoolEvents } from "../pool/pool-events.ts";
import type { OnFault } from "./fault-report.ts";
import type { Log } from "./log.ts";

/** Returns events that are passed on and told to an operator: a lost worker is a warning, a fault in an evaluation one of ours. */
export function logPoolEvents(log: Log, events: PoolEvents, onFault: OnFault): PoolEvents {
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
      onFault("evaluation", detail);
    },
  };
}
