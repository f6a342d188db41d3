import type { BatchAnswer } from "../evaluator/protocol.ts";
import type { PoolEvents } from "./pool-events.ts";
import { refuse } from "./refuse-request.ts";
import type { Batch } from "./worker-slot.ts";

/** Settles each request of a batch by the worker's answer, and returns how many of them were evaluated. */
export function settleBatch(
  batch: Batch,
  { decisions }: Pick<BatchAnswer, "decisions">,
  nowMs: number,
  events: PoolEvents,
): number {
  let evaluated = 0;
  for (const [index, request] of batch.entries()) {
    const decision = decisions[index] ?? "fault";
    if (decision !== "overdue") evaluated++;
    if (decision === "fault") {
      refuse(request, "internal", events);
    } else if (decision === "overdue" || request.deadline.isOver(nowMs)) {
      refuse(request, "deadline-passed", events);
    } else {
      request.settle(decision);
    }
  }
  return evaluated;
}
