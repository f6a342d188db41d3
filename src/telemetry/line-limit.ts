const intervalMs = 1_000;

/** Keeps lines that may come with every request down to one a second. */
export class LineLimit {
  #quietUntilMs = 0;
  #leftOut = 0;

  /** Returns how many lines were left out since the last one, or undefined when this one has to be left out too. */
  admit(): number | undefined {
    const nowMs = performance.now();
    if (nowMs < this.#quietUntilMs) {
      this.#leftOut++;
      return undefined;
    }
    const leftOut = this.#leftOut;
    this.#quietUntilMs = nowMs + intervalMs;
    this.#leftOut = 0;
    return leftOut;
  }
}
