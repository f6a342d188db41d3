import type { PoolErrorCode } from "../model/error-codes.ts";
import { PoolError } from "./dispatcher.ts";
import type { PendingRequest } from "./pending-request.ts";
import type { PoolEvents, ShedCause } from "./pool-events.ts";

const codes: Readonly<Record<ShedCause, PoolErrorCode>> = {
  "queue-full": "POOL_QUEUE_FULL",
  "deadline-passed": "POOL_DEADLINE",
  unreachable: "POOL_DEADLINE",
  "not-ready": "POOL_NOT_READY",
  abandoned: "POOL_ABANDONED",
  closed: "POOL_CLOSED",
  "worker-lost": "POOL_WORKER_LOST",
  internal: "POOL_INTERNAL",
};

/**
 * Tells the request's caller that there is no decision, and counts it; does nothing when the caller was told
 * before.
 */
export function refuse(request: PendingRequest, cause: ShedCause, events: PoolEvents): void {
  if (request.settle(new PoolError(codes[cause]))) events.shed(cause);
}

/** Returns why a request need not be evaluated any more, if so. */
export function causeToLeaveOut(request: PendingRequest, nowMs: number): ShedCause | undefined {
  if (request.deadline.isOver(nowMs)) return "deadline-passed";
  return request.isGone ? "abandoned" : undefined;
}
