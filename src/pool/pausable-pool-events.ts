import type { PoolEvents } from "./pool-events.ts";

/** Events that can be kept from being counted. */
export interface PausablePoolEvents extends PoolEvents {
  /** Passed on while true, as it is at first; dropped while false. */
  counting: boolean;
}

/** Returns events that are passed on while they count: a warm-up is no load. A lost worker is always told. */
export function pausePoolEvents(events: PoolEvents): PausablePoolEvents {
  const pausable: PausablePoolEvents = {
    counting: true,
    batchSent(requests) {
      if (pausable.counting) events.batchSent(requests);
    },
    evaluatedInline(requests) {
      if (pausable.counting) events.evaluatedInline(requests);
    },
    shed(cause) {
      if (pausable.counting) events.shed(cause);
    },
    workerLost: (cause, detail) => events.workerLost(cause, detail),
    evaluationFailed: (detail) => events.evaluationFailed(detail),
  };
  return pausable;
}
