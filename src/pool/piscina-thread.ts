/** The only file that knows piscina: its options, its events, and its errors, which have messages but no codes. */
import { Piscina } from "piscina";
import { type BatchMessage, isWorkerWarning, type WorkerStart } from "../evaluator/protocol.ts";
import type { WorkerLossCause } from "./pool-events.ts";

/** The end of a thread that nobody told to end. */
export interface ThreadLoss {
  readonly cause: Extract<WorkerLossCause, "exit" | "exception" | "out-of-memory">;
  readonly detail: string;
}

/** The options of {@link startThread}. */
export interface ThreadOptions {
  /** The worker's entry, a `file:` URL; it exports `evaluateBatch` and `probe`. */
  readonly url: string;
  readonly start: WorkerStart;
  /** How many batches may be sent before one is answered. */
  readonly concurrentBatches: number;
  /** Bound of the thread's heap; beyond, the thread ends with `out-of-memory`. */
  readonly maxHeapMb: number;
  /** Called once when the thread ends by itself; what was sent and not answered is lost. */
  readonly onLost: (loss: ThreadLoss) => void;
}

/** One worker thread. */
export interface Thread {
  /** Whether the thread has ended. */
  readonly ended: boolean;
  /** Resolves with what the worker's function of that name returns; rejects when it throws or the thread ends. */
  run(
    name: keyof typeof import("../evaluator/worker.ts"),
    message?: BatchMessage,
  ): Promise<unknown>;
  /** Resolves when the thread has been stopped, busy or not; {@link ThreadOptions.onLost} is not called. */
  stop(): Promise<void>;
}

/**
 * Starts a thread and returns at once.
 *
 * Each worker is a piscina of its own, with one thread: a pool of several replaces a lost thread at once and for
 * ever, or after one failed start never again, and cannot stop a single hung one; here both is decided by us.
 */
export function startThread(options: ThreadOptions): Thread {
  let ended = false;
  let loss: ThreadLoss = { cause: "exit", detail: "worker exited" };
  const piscina = new Piscina({
    filename: options.url,
    // With no thread at the least, the first task starts one and nothing starts a second.
    minThreads: 0,
    maxThreads: 1,
    idleTimeout: Number.POSITIVE_INFINITY,
    concurrentTasksPerWorker: options.concurrentBatches,
    maxQueue: 1,
    // Not `sync`: that blocks the worker's event loop while idle, and timers (of a cache, say) would never run.
    atomics: "async",
    recordTiming: false,
    workerData: options.start,
    // A small young generation is enough for a batch, and its two halves are resident once they have been used.
    resourceLimits: { maxOldGenerationSizeMb: options.maxHeapMb, maxYoungGenerationSizeMb: 6 },
  });
  piscina.on("error", (error: unknown) => {
    loss = describeLoss(error);
  });
  piscina.on("message", (message: unknown) => {
    if (isWorkerWarning(message)) process.emitWarning(message.message, message.warning);
  });
  piscina.on("workerDestroy", () => {
    if (ended) return;
    ended = true;
    // The error that ended the thread is only told after this event.
    setImmediate(() => options.onLost(loss));
  });
  return {
    get ended() {
      return ended;
    },
    async run(name, message) {
      if (ended) throw new Error("worker has ended");
      try {
        return await piscina.run(message, { name });
      } catch (error) {
        if (ended) loss = describeLoss(error);
        throw error;
      }
    },
    async stop() {
      ended = true;
      await piscina.destroy();
    },
  };
}

function describeLoss(error: unknown): ThreadLoss {
  if (!(error instanceof Error)) return { cause: "exception", detail: String(error) };
  if ("code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY") {
    return { cause: "out-of-memory", detail: error.message };
  }
  const cause = error.message.startsWith("worker exited with code: ") ? "exit" : "exception";
  return { cause, detail: error.message };
}
