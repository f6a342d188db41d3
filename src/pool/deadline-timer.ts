/** The longest delay `setTimeout` takes, in milliseconds. */
const maxDelayMs = 2 ** 31 - 1;

/**
 * One timer for all deadlines of a pool. It runs for the earliest one seen, answered by then or not: most requests
 * are, so that it fires a few times a second however many there are.
 */
export class DeadlineTimer {
  readonly #sweep: () => number;
  #timer: NodeJS.Timeout | undefined;
  #dueMs = Number.POSITIVE_INFINITY;

  /** @param sweep refuses what is due, and returns the earliest deadline that is left, or Infinity */
  constructor(sweep: () => number) {
    this.#sweep = sweep;
  }

  /** Sees to it that the sweep runs no later than about a millisecond after the deadline. */
  watch(deadlineMs: number): void {
    if (deadlineMs >= this.#dueMs) return;
    clearTimeout(this.#timer);
    this.#dueMs = deadlineMs;
    const delayMs = Math.ceil(deadlineMs - performance.now());
    this.#timer = setTimeout(() => this.#fire(), Math.min(Math.max(delayMs, 1), maxDelayMs));
    this.#timer.unref();
  }

  /** Stops the timer; nothing is swept until {@link DeadlineTimer.watch} is called again. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#dueMs = Number.POSITIVE_INFINITY;
  }

  #fire(): void {
    this.#dueMs = Number.POSITIVE_INFINITY;
    this.watch(this.#sweep());
  }
}
