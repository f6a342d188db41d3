/** Tells turns of the event loop apart; one for all connections, so that it costs as little as one callback a turn. */
export class TurnClock {
  #turn = 0;
  #isSet = false;
  #beganMs = performance.now();
  #idleMs = performance.nodeTiming.idleTime;
  #unseenSinceMs = this.#beganMs;

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
    const nowMs = performance.now();
    const { idleTime } = performance.nodeTiming;
    // What the loop slept since the last turn it would not have slept with anything to read.
    this.#unseenSinceMs = Math.min(nowMs, this.#beganMs + idleTime - this.#idleMs);
    this.#beganMs = nowMs;
    this.#idleMs = idleTime;
  }
}
