/** Tells turns of the event loop apart; one for all connections, so that it costs as little as one callback a turn. */
export class TurnClock {
  #turn = 0;
  #isSet = false;

  /** The number of this turn. */
  now(): number {
    if (!this.#isSet) {
      this.#isSet = true;
      setImmediate(() => {
        this.#isSet = false;
        this.#turn++;
      });
    }
    return this.#turn;
  }
}
