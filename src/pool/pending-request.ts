import type { CheckInput } from "../model/check-input.ts";
import type { Deadline } from "../model/deadline.ts";
import type { Outcome } from "./dispatcher.ts";

/** What is due later than this counts as due then: among such requests the first goes first. */
const farMs = 60_000;

/** A request on its way through a pool. Its caller is told exactly one outcome: the first. */
export class PendingRequest {
  /** The door's; here it is only asked. */
  readonly deadline: Deadline;
  /** Whether it is too large for the main thread; known of what goes to workers. */
  isLarge = false;
  #waitingSinceMs = 0;
  #dueMs = 0;
  #input: CheckInput | undefined;
  #done: ((outcome: Outcome) => void) | undefined;
  readonly #isGone: (() => boolean) | undefined;

  constructor(
    input: CheckInput,
    deadline: Deadline,
    done: (outcome: Outcome) => void,
    isGone?: () => boolean,
  ) {
    this.#input = input;
    this.#isGone = isGone;
    this.deadline = deadline;
    this.#done = done;
  }

  /** What is to be judged. Throws once it has been sent. */
  get input(): CheckInput {
    if (this.#input === undefined) throw new Error("the request has been sent");
    return this.#input;
  }

  /** Returns whether its caller has gone. */
  get isGone(): boolean {
    return this.#isGone?.() ?? false;
  }

  /** Since when it has been waiting for a worker, on the same clock. */
  get waitingSinceMs(): number {
    return this.#waitingSinceMs;
  }

  /** What says who goes first: its deadline, or if that is far a minute after it began to wait. */
  get dueMs(): number {
    return this.#dueMs;
  }

  /** It waits for a worker from now on. */
  noteWaiting(nowMs: number): void {
    this.#waitingSinceMs = nowMs;
    this.#dueMs = Math.min(this.deadline.atMs, nowMs + farMs);
  }

  /** Lets go of what is to be judged, so that it does not live until the answer: that is what fills the old heap. */
  noteSent(): void {
    this.#input = undefined;
  }

  /** Returns whether the caller has been told. */
  get settled(): boolean {
    return this.#done === undefined;
  }

  /** Tells the caller, and returns whether this was the first outcome; later ones are dropped. */
  settle(outcome: Outcome): boolean {
    const done = this.#done;
    if (done === undefined) return false;
    this.#done = undefined;
    try {
      done(outcome);
    } catch (error) {
      // The caller's fault may not keep the rest of a batch from being answered, nor go unnoticed.
      queueMicrotask(() => {
        throw error;
      });
    }
    return true;
  }
}
