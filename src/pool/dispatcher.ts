import type { CheckInput } from "../model/check-input.ts";
import type { Deadline } from "../model/deadline.ts";
import type { Decision } from "../model/decision.ts";
import type { PoolErrorCode } from "../model/error-codes.ts";
import type { PayloadReads } from "../model/payload-reads.ts";

/** The reason why there is no decision. A value: the door turns it into an error status, never into an allow. */
export class PoolError {
  readonly code: PoolErrorCode;

  constructor(code: PoolErrorCode) {
    this.code = code;
  }
}

/** The outcome of a dispatched request. */
export type Outcome = Decision | PoolError;

/**
 * Evaluates requests somewhere: inline or in workers, the caller cannot tell.
 */
export interface Dispatcher {
  /**
   * Where requests go just now. To be asked once a request, for both what its input has to hold and whom to give it to:
   * policies that come into service in between would read other parts.
   */
  serving(): Pick<Dispatcher, "revision" | "reads" | "dispatch" | "dropOverdue">;
  /** The revision of the policies; empty where there are none. */
  readonly revision: string;
  /** What the policies may read of a payload: nothing else has to be in the inputs. */
  reads(): PayloadReads;
  /**
   * Calls `done` exactly once, now or later, with the decision or with why there is none.
   *
   * The deadline is the caller's: it calls {@link dropOverdue} when the time is up.
   *
   * @param isGone whether the caller has gone before: then nobody wants a decision, and others may be waiting for one
   */
  dispatch(
    input: CheckInput,
    deadline: Deadline,
    done: (outcome: Outcome) => void,
    isGone?: () => boolean,
  ): void;
  /** Refuses every request whose deadline is over at that time, waiting or being evaluated. */
  dropOverdue(nowMs: number): void;
  /** Resolves when everything that evaluates has compiled the policies and answered a probe; rejects if one cannot. */
  ready(): Promise<void>;
  /** Refuses what is not answered within the grace period, then ends the workers. */
  close(graceMs: number): Promise<void>;
}
