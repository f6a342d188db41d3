import type { PendingRequest } from "./pending-request.ts";
import type { ShedCause } from "./pool-events.ts";
import type { WorkerPoolOptions } from "./pool-options.ts";
import { causeToLeaveOut } from "./refuse-request.ts";
import type { WaitingRequests } from "./waiting-requests.ts";

/** The load of a pool at the moment at which a request comes. */
export interface PoolLoad {
  readonly waiting: Pick<WaitingRequests, "count" | "bytes" | "countDue">;
  /** Requests that workers have. */
  readonly inFlight: number;
  readonly nowMs: number;
  /** What each request in front takes, divided among the workers; 0 where nothing is known of it. */
  readonly waitPerRequestMs: number;
}

/** Returns why a request is not taken: nobody waits for it, there is no room, or its turn would come too late. */
export function causeToRefuse(
  request: PendingRequest,
  { waiting, inFlight, nowMs, waitPerRequestMs }: PoolLoad,
  { maxQueue, maxQueueBytes }: Pick<WorkerPoolOptions["limits"], "maxQueue" | "maxQueueBytes">,
): ShedCause | undefined {
  const { input, deadline, dueMs } = request;
  const cause = causeToLeaveOut(request, nowMs);
  if (cause !== undefined) return cause;
  const isTooMuch = waiting.bytes + input.sizeBytes > maxQueueBytes && waiting.count > 0;
  if (waiting.count + inFlight >= maxQueue || isTooMuch) return "queue-full";
  const before = waiting.countDue(dueMs) + inFlight;
  return before * waitPerRequestMs > deadline.leftMs(nowMs) ? "unreachable" : undefined;
}
