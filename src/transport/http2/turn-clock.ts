/** The time of an event loop, in milliseconds. */
export interface LoopTime {
  /** The time of `performance.now()`. */
  nowMs(): number;
  /** How much of it the loop has slept, waiting for something to do. */
  idleMs(): number;
}

const threadTime: LoopTime = {
  nowMs: () => performance.now(),
  idleMs: () => performance.nodeTiming.idleTime,
};

/** Tells turns of the event loop apart; one for all connections, so that it costs as little as one callback a turn. */
export class TurnClock {
  readonly #time: LoopTime;
  #turn = 0;
  #isSet = false;
  #beganMs: number;
  #idleMs: number;
  #unseenSinceMs: number;

  /** @param time this thread's own unless given */
  constructor(time: LoopTime = threadTime) {
    this.#time = time;
    this.#beganMs = time.nowMs();
    this.#idleMs = time.idleMs();
    this.#unseenSinceMs = this.#beganMs;
  }

  /** The number of this turn. */
  now(): number {
    if (!this.#isSet) {
      this.#isSet = true;
      this.#begin();
      setImmediate(() => {
        this.#isSet = false;
        this.#turn++;
      });
    }
    return this.#turn;
  }

  /**
   * Since when what is read in this turn may have lain there unread: the loop has been busy since then, with other things than
   * looking for it. Whoever sent it may have been waiting for as long.
   */
  get unseenSinceMs(): number {
    return this.#unseenSinceMs;
  }

  #begin(): void {
    const nowMs = this.#time.nowMs();
    const idleMs = this.#time.idleMs();
    // What the loop slept since the last turn it would not have slept with anything to read.
    this.#unseenSinceMs = Math.min(nowMs, this.#beganMs + idleMs - this.#idleMs);
    this.#beganMs = nowMs;
    this.#idleMs = idleMs;
  }
}
