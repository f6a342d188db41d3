import type { JwtCacheCounts } from "../evaluator/protocol.ts";
import type { CheckInput } from "../model/check-input.ts";
import type { Decision } from "../model/decision.ts";
import type { PayloadReads } from "../model/payload-reads.ts";
import type { PendingRequest } from "./pending-request.ts";
import type { PoolEvents } from "./pool-events.ts";
import { causeToLeaveOut, refuse } from "./refuse-request.ts";

/** An evaluator on the main thread, handed in because pool/ knows no policies. */
export interface InlineEvaluator {
  readonly revision: string;
  /** Returns the decision; a throw is a fault of our own. */
  decide(input: CheckInput): Decision;
  jwtCacheStats(): JwtCacheCounts;
  /** What its policies may read of a payload; absent: all of it. */
  readonly reads?: PayloadReads;
  /** Whether what a request may cost has a bound linear in its size. */
  readonly hasBoundedWork: boolean;
}

/**
 * Evaluates the requests one after the other and tells each caller before it returns; `onCost` gets what each
 * took, in milliseconds.
 */
export function evaluateInline(
  evaluator: InlineEvaluator,
  requests: readonly PendingRequest[],
  events: PoolEvents,
  onCost: (requestMs: number) => void,
): void {
  let evaluated = 0;
  let begunMs = performance.now();
  for (const request of requests) {
    const cause = causeToLeaveOut(request, begunMs);
    if (cause !== undefined) {
      refuse(request, cause, events);
      continue;
    }
    evaluated++;
    const decision = decideSafely(evaluator, request.input, events);
    const endedMs = performance.now();
    onCost(endedMs - begunMs);
    begunMs = endedMs;
    if (decision === undefined) refuse(request, "internal", events);
    else if (request.deadline.isOver(endedMs)) refuse(request, "deadline-passed", events);
    else request.settle(decision);
  }
  if (evaluated > 0) events.evaluatedInline(evaluated);
}

function decideSafely(
  evaluator: InlineEvaluator,
  input: CheckInput,
  events: PoolEvents,
): Decision | undefined {
  try {
    const decision = evaluator.decide(input);
    if (decision.fault !== undefined) events.evaluationFailed(decision.fault);
    return decision;
  } catch (error) {
    events.evaluationFailed(
      error instanceof Error ? (error.stack ?? error.message) : String(error),
    );
    return undefined;
  }
}
