import type { JwtCacheCounts } from "../evaluator/protocol.ts";

/** The counts of the token caches that workers in one place have had, one worker after the other. */
export class JwtCacheTally {
  #hitsBefore = 0;
  #missesBefore = 0;
  #latest: JwtCacheCounts = { hits: 0, misses: 0, entries: 0, bytes: 0 };

  /** Takes over what the worker of now counts; returns which share of its look-ups since the last time missed. */
  update(counts: JwtCacheCounts): number {
    const misses = counts.misses - this.#latest.misses;
    const lookUps = misses + counts.hits - this.#latest.hits;
    this.#latest = counts;
    return lookUps > 0 ? misses / lookUps : 0;
  }

  /** The worker is gone, and its cache with it. */
  startAgain(): void {
    this.#hitsBefore += this.#latest.hits;
    this.#missesBefore += this.#latest.misses;
    this.#latest = { hits: 0, misses: 0, entries: 0, bytes: 0 };
  }

  /** Hits and misses of all workers, entries and bytes of the one of now. */
  counts(): JwtCacheCounts {
    return {
      ...this.#latest,
      hits: this.#hitsBefore + this.#latest.hits,
      misses: this.#missesBefore + this.#latest.misses,
    };
  }
}
