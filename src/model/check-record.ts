import type { CheckInput } from "./check-input.ts";
import type { Decision, DecisionReason } from "./decision.ts";
import type { PoolErrorCode } from "./error-codes.ts";

/** The front door that a request came through. */
export type Door = "grpc" | "http";

/** The verdict that the caller was told in the end. */
export type Verdict = "allow" | "deny" | "error";

/** The reason of an answer: a decision's, or the pool's code when there is no decision. */
export type CheckReason = DecisionReason | PoolErrorCode;

/** A request that has been answered. */
export interface CheckRecord {
  readonly door: Door;
  readonly verdict: Verdict;
  readonly reason: CheckReason;
  /** When it had been read as a whole, on the clock of `performance.now()`. */
  readonly startedMs: number;
  /** When its answer was on its way, on the same clock. */
  readonly answeredMs: number;
  /** What policies judged; absent where the request could not be read. */
  readonly input: CheckInput | undefined;
  /** Absent where there is none. The verdict may be another where the answer could not be sent. */
  readonly decision: Decision | undefined;
  /** The revision of the policies that it went to; empty where there were none. */
  readonly revision: string;
}

/**
 * Is told of every request, on the main thread: metrics are one observer. What it throws is reported, and leaves the answer
 * as it is.
 */
export interface CheckObserver {
  /** A request has begun. */
  checkStarted(): void;
  /** The same request has been answered; called once for each start, after the answer is on its way. */
  checkFinished(record: CheckRecord): void;
  /** The caller went away before there was an answer; instead of {@link CheckObserver.checkFinished}. */
  checkAbandoned(door: Door): void;
}
