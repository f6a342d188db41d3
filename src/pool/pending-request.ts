import type { CheckInput } from "../model/check-input.ts";
import type { Outcome } from "./dispatcher.ts";

/** A request on its way through a pool. Its caller is told exactly one outcome: the first. */
export class PendingRequest {
  readonly input: CheckInput;
  /** When the caller stops waiting, on the clock of `performance.now()`. */
  readonly deadlineMs: number;
  #done: ((outcome: Outcome) => void) | undefined;

  constructor(input: CheckInput, deadlineMs: number, done: (outcome: Outcome) => void) {
    this.input = input;
    this.deadlineMs = deadlineMs;
    this.#done = done;
  }

  /** Whether the caller has been told. */
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
