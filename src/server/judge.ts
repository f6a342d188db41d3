import { RequestError } from "../envoy/request-error.ts";
import type { CheckInput } from "../model/check-input.ts";
import type { PayloadReads } from "../model/payload-reads.ts";
import { type Dispatcher, type Outcome, PoolError } from "../pool/dispatcher.ts";
import type { Door, Metrics } from "../telemetry/metrics.ts";
import {
  type Answer,
  answerBadRequest,
  answerOutcome,
  internalError,
  verdictOf,
} from "./grpc-status.ts";

/** What a door counts. */
export type CheckRecorder = Pick<Metrics, "checkStarted" | "checkFinished" | "checkAbandoned">;

/** What every door takes. */
export interface JudgeOptions {
  readonly dispatcher: Pick<Dispatcher, "serving">;
  readonly metrics: CheckRecorder;
  /** How long a request may take whose caller named no deadline, and at most otherwise; in milliseconds. */
  readonly defaultDeadlineMs: number;
  /** Whether a bad request is told what is wrong with it: false with `--deny-body none`. */
  readonly showBadRequest: boolean;
}

/** One request on its way through a door. */
export interface DoorRequest {
  readonly door: Door;
  /** Reads it for policies with these reads; called once, at once. */
  normalize(reads: PayloadReads): CheckInput | RequestError;
  /** When the caller stops waiting, on the clock of `performance.now()`, if it said so. */
  readonly deadlineMs: number | undefined;
  /** Whether the caller has gone. */
  isGone(): boolean;
  /** Sends the answer. */
  send(answer: Answer): void;
}

/**
 * Reads, judges, answers and counts one request: `send` is called exactly once, with a denial or an error whatever
 * goes wrong on the way, or not at all once the caller has gone.
 */
export function judge(request: DoorRequest, options: JudgeOptions): void {
  const { metrics } = options;
  const startedMs = performance.now();
  metrics.checkStarted();
  const finish = (answer: Answer): void => {
    if (request.isGone() && answer.reason !== "POOL_DEADLINE") {
      metrics.checkAbandoned(request.door);
      return;
    }
    const sent = sendSafely(request, answer);
    const seconds = (performance.now() - startedMs) / 1_000;
    metrics.checkFinished(request.door, verdictOf(sent), sent.reason, seconds);
  };
  const serving = options.dispatcher.serving();
  let input: CheckInput | RequestError;
  try {
    input = request.normalize(serving.reads());
  } catch {
    // Only what the client sent can have led here, so it must not become an error.
    input = new RequestError("REQUEST_MALFORMED");
  }
  if (input instanceof RequestError) {
    finish(answerBadRequest(input, options.showBadRequest));
    return;
  }
  const latestMs = startedMs + options.defaultDeadlineMs;
  const deadlineMs = Math.min(request.deadlineMs ?? latestMs, latestMs);
  dispatchOnce(serving, input, deadlineMs, (outcome) => {
    finish(answerSafely(outcome));
  });
}

/** Calls `done` exactly once, whatever the dispatcher does: throws, answers twice or never. */
function dispatchOnce(
  dispatcher: Pick<Dispatcher, "dispatch">,
  input: CheckInput,
  deadlineMs: number,
  done: (outcome: Outcome) => void,
): void {
  let finished = false;
  let timer: NodeJS.Timeout | undefined;
  const finish = (outcome: Outcome): void => {
    if (finished) {
      return;
    }
    finished = true;
    clearTimeout(timer);
    done(outcome);
  };
  try {
    dispatcher.dispatch(input, deadlineMs, finish);
  } catch {
    finish(new PoolError("POOL_INTERNAL"));
  }
  // A request that was evaluated where it is never pays for a timer.
  if (!finished) {
    const waitMs = Math.max(0, deadlineMs - performance.now());
    timer = setTimeout(finish, waitMs, new PoolError("POOL_DEADLINE"));
  }
}

/** The answer to an outcome; one that cannot even be read is a fault of ours. */
function answerSafely(outcome: Outcome): Answer {
  try {
    return answerOutcome(outcome);
  } catch {
    return internalError;
  }
}

/** Sends the answer, or an error when it cannot be put into bytes; returns what was sent. */
function sendSafely(request: DoorRequest, answer: Answer): Answer {
  try {
    request.send(answer);
    return answer;
  } catch {
    request.send(internalError);
    return internalError;
  }
}
