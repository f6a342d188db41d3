import type { CheckInput } from "../../model/check-input.ts";
import type { CheckObserver, CheckRecord, Door } from "../../model/check-record.ts";
import { Deadline } from "../../model/deadline.ts";
import type { Decision } from "../../model/decision.ts";
import type { PayloadReads } from "../../model/payload-reads.ts";
import { RequestError } from "../../payload/request-error.ts";
import { type Dispatcher, type Outcome, PoolError } from "../../pool/dispatcher.ts";
import type { OnFault } from "../../telemetry/fault-report.ts";
import type { Log } from "../../telemetry/log.ts";
import {
  type Answer,
  type AnswerOptions,
  answerBadRequest,
  answerFault,
  answerOutcome,
  verdictOf,
} from "./answer.ts";

/** The options of every door. */
export interface JudgeOptions extends AnswerOptions {
  readonly dispatcher: Pick<Dispatcher, "serving">;
  /** Is told of every request. */
  readonly observer: CheckObserver;
  /** How long a request may take whose caller named no deadline, and at most otherwise; in milliseconds. */
  readonly defaultDeadlineMs: number;
  /** How long before the caller's deadline there has to be an answer; in milliseconds, at most half of the time there is. */
  readonly deadlineMarginMs: number;
  /** Told what went wrong that never should. */
  readonly onFault: OnFault;
  /** Is told, at level debug, why a request could not be read; nothing of its content. */
  readonly log?: Pick<Log, "debug">;
}

/** One request on its way through a door. */
export interface DoorRequest {
  readonly door: Door;
  /** Reads it for policies with these reads, or says why it is not judged; called once, at once. */
  normalize(reads: PayloadReads): CheckInput | RequestError | PoolError;
  /** The time when the caller stops waiting, if it said so. */
  readonly deadline: Deadline | undefined;
  /** Returns whether the caller has gone. */
  isGone(): boolean;
  /** Sends the answer. */
  send(answer: Answer): void;
}

/**
 * Reads, judges, answers and counts one request: `send` is called exactly once, with a denial or an error whatever
 * goes wrong on the way, or not at all once the caller has gone. Nothing is thrown.
 */
export function judge(request: DoorRequest, options: JudgeOptions): void {
  const check: Judged = {
    startedMs: performance.now(),
    input: undefined,
    decision: undefined,
    revision: "",
  };
  const finish = (answer: Answer): void => {
    finishSafely(request, answer, check, options);
  };
  tellSafely(options, (observer) => observer.checkStarted());
  try {
    const deadline = answerDeadline(request.deadline, check.startedMs, options);
    if (deadline.isOver(check.startedMs)) {
      finish(answerOutcome(new PoolError("POOL_DEADLINE"), options));
      return;
    }
    const serving = options.dispatcher.serving();
    check.revision = serving.revision;
    const input = readSafely(request, serving.reads(), options.onFault);
    if (input === undefined) {
      finish(answerFault(options));
    } else if (input instanceof RequestError) {
      const { code, detail } = input;
      options.log?.debug("request not read", { door: request.door, code, detail });
      finish(answerBadRequest(input, options));
    } else if (input instanceof PoolError) {
      finish(answerOutcome(input, options));
    } else {
      check.input = input;
      dispatchOnce(serving, input, deadline, request, options.onFault, (outcome) => {
        if (!(outcome instanceof PoolError)) check.decision = outcome;
        finish(answerSafely(outcome, options));
      });
    }
  } catch (error) {
    options.onFault("judge", error);
    finish(answerFault(options));
  }
}

/** What is known of a request by the time it is answered. */
interface Judged extends Pick<CheckRecord, "startedMs"> {
  input: CheckInput | undefined;
  decision: Decision | undefined;
  revision: string;
}

/**
 * Returns when there has to be an answer: before the caller gives up, which its proxy may take for a reason to let it
 * in.
 */
export function answerDeadline(
  deadline: Deadline | undefined,
  nowMs: number,
  {
    defaultDeadlineMs,
    deadlineMarginMs,
  }: Pick<JudgeOptions, "defaultDeadlineMs" | "deadlineMarginMs">,
): Deadline {
  const latestMs = nowMs + defaultDeadlineMs;
  if (deadline === undefined) return new Deadline(latestMs);
  return deadline.earlier(deadlineMarginMs, nowMs).orBy(latestMs);
}

/** What the request holds; undefined after a fault of ours. */
function readSafely(
  request: DoorRequest,
  reads: PayloadReads,
  onFault: OnFault,
): CheckInput | RequestError | PoolError | undefined {
  try {
    return request.normalize(reads);
  } catch (error) {
    onFault("read", error);
    return undefined;
  }
}

/**
 * Calls `done` exactly once and no later than the deadline, whatever the dispatcher does: throws, answers twice or
 * never. When the time is up the dispatcher is told first, so that it drops what nobody waits for.
 */
function dispatchOnce(
  dispatcher: Pick<Dispatcher, "dispatch" | "dropOverdue">,
  input: CheckInput,
  deadline: Deadline,
  request: Pick<DoorRequest, "isGone">,
  onFault: OnFault,
  done: (outcome: Outcome) => void,
): void {
  let finished = false;
  let timer: NodeJS.Timeout | undefined;
  const finish = (outcome: Outcome): void => {
    if (finished) return;
    finished = true;
    clearTimeout(timer);
    done(outcome);
  };
  try {
    dispatcher.dispatch(input, deadline, finish, () => request.isGone());
  } catch (error) {
    onFault("judge", error);
    finish(new PoolError("POOL_INTERNAL"));
  }
  // A request that was evaluated where it is never pays for a timer.
  if (!finished) {
    const expire = (): void => {
      try {
        // A timer may fire a little early.
        dispatcher.dropOverdue(Math.max(deadline.atMs, performance.now()));
      } catch (error) {
        onFault("judge", error);
      }
      finish(new PoolError("POOL_DEADLINE"));
    };
    timer = setTimeout(expire, Math.max(0, deadline.leftMs(performance.now())));
  }
}

/** The answer to an outcome; one that cannot even be read is a fault of ours. */
function answerSafely(outcome: Outcome, options: JudgeOptions): Answer {
  try {
    return answerOutcome(outcome, options);
  } catch (error) {
    options.onFault("judge", error);
    return answerFault(options);
  }
}

/** Answers and tells of it, or tells of a caller that has gone. */
function finishSafely(
  request: DoorRequest,
  answer: Answer,
  { startedMs, input, decision, revision }: Judged,
  options: JudgeOptions,
): void {
  const { door } = request;
  try {
    if (request.isGone() && answer.reason !== "POOL_DEADLINE") {
      tellSafely(options, (observer) => observer.checkAbandoned(door));
      return;
    }
    const sent = sendSafely(request, answer, options);
    const { reason } = sent;
    const verdict = verdictOf(sent);
    const answeredMs = performance.now();
    tellSafely(options, (observer) => {
      observer.checkFinished({
        door,
        verdict,
        reason,
        startedMs,
        answeredMs,
        input,
        decision,
        revision,
      });
    });
  } catch (error) {
    options.onFault("answer", error);
  }
}

/** Tells the observer; what goes wrong there leaves the answer as it is. */
function tellSafely(
  { observer, onFault }: Pick<JudgeOptions, "observer" | "onFault">,
  tell: (observer: CheckObserver) => void,
): void {
  try {
    tell(observer);
  } catch (error) {
    onFault("telemetry", error);
  }
}

/** Sends the answer, or a denial when it cannot be put into bytes; returns what was sent. */
function sendSafely(request: DoorRequest, answer: Answer, options: JudgeOptions): Answer {
  try {
    request.send(answer);
    return answer;
  } catch (error) {
    options.onFault("answer", error);
    const denial = answerFault(options);
    request.send(denial);
    return denial;
  }
}
