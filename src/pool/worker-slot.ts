import {
  type BatchAnswer,
  isProbeAnswer,
  type ProbeAnswer,
  packBatch,
  unpackAnswer,
} from "../evaluator/protocol.ts";
import type { PendingRequest } from "./pending-request.ts";
import type { Thread, ThreadLoss } from "./piscina-thread.ts";
import type { WorkerLossCause } from "./pool-events.ts";

/** Requests that go to a worker together, and are answered or lost together. */
export type Batch = readonly PendingRequest[];

/** The loss of a worker, and what it takes along. */
export interface SlotLoss {
  readonly cause: WorkerLossCause;
  readonly detail: string;
  /** The batches it had not answered. */
  readonly batches: readonly Batch[];
  /** The probe's answer, when it was lost because the policies did not compile. */
  readonly probe?: ProbeAnswer;
}

/** The options of a {@link WorkerSlot}. */
export interface WorkerSlotOptions {
  /** Starts a thread for this slot; see `startThread`. */
  readonly startThread: (onLost: (loss: ThreadLoss) => void) => Thread;
  readonly workerTimeoutMs: number;
  readonly startTimeoutMs: number;
  /** The worker has compiled the policies and takes batches from now on. */
  readonly onReady: (probe: ProbeAnswer) => void;
  /** A batch has been answered, sensibly. */
  readonly onAnswer: (batch: Batch, answer: BatchAnswer) => void;
  /** The worker is gone; the slot stays empty until it is told to restart. */
  readonly onLost: (loss: SlotLoss) => void;
}

/** A worker that has lived this long starts with a clean sheet when it is lost. */
const stableMs = 10_000;
const firstBackoffMs = 100;
const maxBackoffMs = 5_000;

/** The place of one worker: keeps a worker in it, and knows what that worker is at. */
export class WorkerSlot {
  readonly #options: WorkerSlotOptions;
  /** No Set: one that is put in and taken from all the time leaves tables that keep each other alive (decision 011). */
  #batches: Batch[] = [];
  #state: "starting" | "ready" | "empty" = "empty";
  #thread: Thread | undefined;
  #requests = 0;
  #startedMs = 0;
  #losses = 0;
  /** When the oldest batch's turn at the worker began. */
  #busySinceMs = 0;
  #startTimer: NodeJS.Timeout | undefined;
  #watchdog: NodeJS.Timeout | undefined;

  constructor(options: WorkerSlotOptions) {
    this.#options = options;
  }

  /** Returns whether the worker takes batches. */
  get ready(): boolean {
    return this.#state === "ready";
  }

  /** Returns whether a worker takes batches, or one is on its way to it. */
  get alive(): boolean {
    return this.#state === "ready" || this.#state === "starting";
  }

  /** The batches that were sent and not answered. */
  get batches(): readonly Batch[] {
    return this.#batches;
  }

  /** How many requests these are. */
  get requests(): number {
    return this.#requests;
  }

  /** For how long the worker has been at the oldest of them, in milliseconds; 0 when it has none. */
  busyMs(nowMs: number): number {
    return this.#batches.length === 0 ? 0 : nowMs - this.#busySinceMs;
  }

  /** Starts a worker; `onReady` or `onLost` follows. */
  start(): void {
    this.#state = "starting";
    this.#startedMs = performance.now();
    const thread = this.#options.startThread((loss) => this.#lose(thread, loss));
    this.#thread = thread;
    this.#startTimer = setTimeout(() => {
      this.#lose(thread, { cause: "hung", detail: "no answer to the probe in time" });
    }, this.#options.startTimeoutMs);
    this.#startTimer.unref();
    thread.run("probe").then(
      (answer) => this.#probed(thread, answer),
      (error: unknown) => this.#failed(thread, error),
    );
  }

  /** Starts another worker after a loss: at once after the first, after longer and longer waits when it goes on. */
  restart(): void {
    if (performance.now() - this.#startedMs > stableMs) this.#losses = 0;
    this.#losses++;
    if (this.#losses === 1) {
      this.start();
      return;
    }
    const delayMs = Math.min(firstBackoffMs * 2 ** (this.#losses - 2), maxBackoffMs);
    this.#startTimer = setTimeout(() => this.start(), delayMs);
    this.#startTimer.unref();
  }

  /**
   * Sends the requests to the worker, which must be ready. Throws, and has sent nothing, when they cannot be
   * packed.
   */
  send(batch: Batch): void {
    const thread = this.#thread;
    if (thread === undefined) throw new Error("the slot has no worker");
    const message = packBatch(batch);
    for (const request of batch) request.noteSent();
    if (this.#batches.length === 0) this.#busySinceMs = performance.now();
    this.#batches.push(batch);
    this.#requests += batch.length;
    this.#watch(thread, this.#options.workerTimeoutMs);
    thread.run("evaluateBatch", message).then(
      (answer) => this.#answered(thread, batch, answer),
      (error: unknown) => this.#failed(thread, error),
    );
  }

  /** Ends the worker for good and resolves when it is gone; nothing is called back from now on. */
  async stop(): Promise<void> {
    this.#state = "empty";
    clearTimeout(this.#startTimer);
    clearTimeout(this.#watchdog);
    const thread = this.#thread;
    this.#thread = undefined;
    await thread?.stop();
  }

  #probed(thread: Thread, answer: unknown): void {
    if (thread !== this.#thread) return;
    if (!isProbeAnswer(answer)) {
      this.#lose(thread, { cause: "answer", detail: "the probe's answer makes no sense" });
    } else if (!answer.compiled) {
      this.#lose(thread, { cause: "start", detail: "the policies did not compile" }, answer);
    } else {
      clearTimeout(this.#startTimer);
      this.#state = "ready";
      this.#options.onReady(answer);
    }
  }

  #answered(thread: Thread, batch: Batch, message: unknown): void {
    if (thread !== this.#thread) return;
    const answer = unpackAnswer(message, batch.length);
    if (answer === undefined) {
      this.#lose(thread, { cause: "answer", detail: "an answer made no sense" });
      return;
    }
    this.#batches.splice(this.#batches.indexOf(batch), 1);
    this.#requests -= batch.length;
    this.#busySinceMs = performance.now();
    this.#options.onAnswer(batch, answer);
  }

  /** The worker's function threw, which ours never does; when the thread has ended, that is told separately. */
  #failed(thread: Thread, error: unknown): void {
    if (thread.ended) return;
    this.#lose(thread, { cause: "answer", detail: `the worker threw: ${String(error)}` });
  }

  /** One timer at most, which is not moved with each batch: it looks when it fires and goes on for what is left. */
  #watch(thread: Thread, delayMs: number): void {
    if (this.#watchdog !== undefined) return;
    this.#watchdog = setTimeout(() => {
      // After a stall of the main thread answers may lie ready: they are taken in before the check.
      setImmediate(() => {
        if (thread !== this.#thread) return;
        this.#watchdog = undefined;
        if (this.#batches.length === 0) return;
        const leftMs = this.#busySinceMs + this.#options.workerTimeoutMs - performance.now();
        if (leftMs > 0) this.#watch(thread, Math.ceil(leftMs));
        else this.#lose(thread, { cause: "hung", detail: "no answer in time" });
      });
    }, delayMs);
    this.#watchdog.unref();
  }

  #lose(
    thread: Thread,
    loss: { readonly cause: WorkerLossCause; readonly detail: string },
    probe?: ProbeAnswer,
  ): void {
    if (thread !== this.#thread) return;
    const starting = this.#state === "starting";
    const batches = this.#batches;
    this.#batches = [];
    this.#requests = 0;
    this.#thread = undefined;
    clearTimeout(this.#startTimer);
    clearTimeout(this.#watchdog);
    this.#watchdog = undefined;
    this.#state = "empty";
    void thread.stop();
    this.#options.onLost({
      cause: starting ? "start" : loss.cause,
      detail: loss.detail,
      batches,
      ...(probe === undefined ? {} : { probe }),
    });
  }
}
