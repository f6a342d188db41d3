import type { ShedCause } from "./pool-events.ts";
import { PoolStartError } from "./pool-start-error.ts";

/** The life of a pool: it starts, serves, drains and is closed, each once. */
export class PoolLifecycle {
  #state: "starting" | "serving" | "draining" | "closed" = "starting";
  readonly #started: Promise<void>;
  #settle: { resolve: () => void; reject: (error: PoolStartError) => void } | undefined;
  #onIdle: (() => void) | undefined;

  constructor() {
    this.#started = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    // Whoever asks for it gets the rejection; nobody asking is no reason to end the process.
    this.#started.catch(() => {});
  }

  /** Whether the pool has not served yet. */
  get isStarting(): boolean {
    return this.#state === "starting";
  }

  /** Whether the pool serves. */
  get isServing(): boolean {
    return this.#state === "serving";
  }

  /** Returns why no request is taken, whatever it is, or undefined when the pool serves. */
  causeToRefuse(): ShedCause | undefined {
    if (this.#state === "serving") return undefined;
    return this.#state === "starting" ? "not-ready" : "closed";
  }

  /** Resolves when the pool serves; rejects with {@link PoolStartError} when it never will. */
  async started(): Promise<void> {
    await this.#started;
  }

  /** Begins to serve. */
  serve(): void {
    this.#state = "serving";
    this.#settle?.resolve();
  }

  /** Tells whoever waits for the start that it failed. */
  fail(error: PoolStartError): void {
    this.#settle?.reject(error);
  }

  /** Drains until {@link noteIdle}, or for as long as the grace period, and is closed then. */
  async drain(graceMs: number, isIdle: () => boolean): Promise<void> {
    if (this.isStarting) this.fail(new PoolStartError("the pool was closed", []));
    this.#state = "draining";
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, graceMs);
      this.#onIdle = () => {
        clearTimeout(timer);
        resolve();
      };
      if (isIdle()) this.noteIdle();
    });
    this.#state = "closed";
  }

  /** Notes that nothing is left to do. */
  noteIdle(): void {
    this.#onIdle?.();
  }
}
