import { createGunzip } from "node:zlib";
import type { ByteBudget } from "../http2/byte-budget.ts";
import { releaseBytes } from "../http2/release-bytes.ts";
import type { Inflated } from "./inflate-message.ts";

/**
 * How many messages are inflated at once, over all connections. They take the time of other threads, and one after
 * another of the event loop's, which handles what they have become.
 */
const maxAtOnce = 2;
/** The size of the parts in which a message comes out; the event loop takes each by itself. */
const chunkBytes = 65_536;

/** A message that is to be inflated. */
export interface InflateJob {
  /** The compressed message; it must not change, nor its memory be given back, even when nobody waits any more. */
  readonly message: Uint8Array;
  /** The most bytes it may become. */
  readonly maxBytes: number;
  /** What it becomes, valid only until this returns; never called before {@link Inflater.add} has returned. */
  done(inflated: Inflated): void;
}

/**
 * Inflates messages on other threads: those that would keep the event loop from everybody else. A few at once; the others
 * wait, those of each connection behind one another, and the connections take turns.
 */
export class Inflater {
  readonly #maxWaiting: number;
  readonly #onRefused: () => void;
  /** The jobs of each connection, by what its requests may take; the connection whose turn is next stands first. */
  readonly #waiting = new Map<ByteBudget, Set<InflateJob>>();
  #running = 0;

  /**
   * @param maxWaiting how many messages of one connection may wait
   * @param onRefused told whenever there are more
   */
  constructor(maxWaiting: number, onRefused: () => void) {
    this.#maxWaiting = maxWaiting;
    this.#onRefused = onRefused;
  }

  /**
   * Takes a job; returns false, and forgets it, when too many wait.
   *
   * @param budget what unfinished requests of the connection may take: what a message becomes counts too
   */
  add(budget: ByteBudget, job: InflateJob): boolean {
    const jobs = this.#waiting.get(budget) ?? new Set();
    if (jobs.size >= this.#maxWaiting) {
      this.#onRefused();
      return false;
    }
    this.#waiting.set(budget, jobs.add(job));
    this.#startNext();
    return true;
  }

  /** Forgets a job that waits; one that runs goes on to its end, which comes soon. */
  remove(budget: ByteBudget, job: InflateJob): void {
    const jobs = this.#waiting.get(budget);
    jobs?.delete(job);
    if (jobs?.size === 0) this.#waiting.delete(budget);
  }

  #startNext(): void {
    for (const [budget, jobs] of this.#waiting) {
      if (this.#running >= maxAtOnce) return;
      const [job] = jobs;
      // Both go to the end of the line.
      this.#waiting.delete(budget);
      if (job !== undefined && jobs.delete(job)) this.#run(budget, job);
      if (jobs.size > 0) this.#waiting.set(budget, jobs);
    }
  }

  #run(budget: ByteBudget, job: InflateJob): void {
    this.#running++;
    inflateAside(job, budget, (inflated) => {
      try {
        job.done(inflated);
      } finally {
        this.#running--;
        this.#startNext();
      }
    });
  }
}

/** Inflates on another thread, and tells what came of it exactly once. */
function inflateAside(
  { message, maxBytes }: InflateJob,
  budget: ByteBudget,
  done: (inflated: Inflated) => void,
): void {
  const gunzip = createGunzip({ chunkSize: chunkBytes });
  const chunks: Buffer[] = [];
  let size = 0;
  let taken = 0;
  let isOver = false;
  const finish = (inflated: Inflated): void => {
    if (isOver) return;
    isOver = true;
    gunzip.destroy();
    try {
      done(inflated);
    } finally {
      budget.give(taken);
      for (const chunk of chunks) releaseBytes(chunk, chunkBytes);
    }
  };
  gunzip.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size > maxBytes || !budget.take(chunk.length)) {
      finish("too-large");
      return;
    }
    chunks.push(chunk);
    taken += chunk.length;
  });
  gunzip.on("error", () => {
    finish("broken");
  });
  gunzip.on("end", () => {
    finish(Buffer.concat(chunks, size));
  });
  gunzip.end(message);
}
