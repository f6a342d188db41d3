import type { WorkerStart } from "../evaluator/protocol.ts";
import type { CheckInput } from "../model/check-input.ts";
import type { PendingRequest } from "./pending-request.ts";
import type { PoolEvents } from "./pool-events.ts";

/** Numbers of a pool of workers that an operator may change. */
export interface PoolLimits {
  /** How many worker threads evaluate. */
  readonly workers: number;
  /** How many requests go to a worker at once at most. */
  readonly maxBatch: number;
  /** How large the requests of a batch may be together, in bytes on the wire; a larger one goes alone. */
  readonly maxBatchBytes: number;
  /** How many batches a worker is given before it has answered one: the second keeps it busy meanwhile. */
  readonly concurrentBatches: number;
  /** How many requests may be waiting and in flight, together; what comes on top is refused at once. */
  readonly maxQueue: number;
  /** How large the waiting requests may be together, in bytes on the wire; one that comes on top is refused at once. */
  readonly maxQueueBytes: number;
  /** How long a worker may take over a batch before it counts as hung and is replaced. */
  readonly workerTimeoutMs: number;
  /** How long a worker may take to start, compile all policies and answer a probe. */
  readonly startTimeoutMs: number;
  /** How large a worker's heap may grow; beyond, the worker is lost and replaced. */
  readonly workerHeapMb: number;
}

/**
 * The numbers that hold unless an option says otherwise, `workers` apart.
 *
 * `maxBatchBytes` is what packing a batch may keep the main thread busy with, and what a worker unpacks at a time: 1 ms a
 * MiB of many small values, up to 25 of texts too short to go beside the JSON where every character has to be escaped. A
 * second batch keeps a worker busy while the first one's answer is on its way; a third wins nothing, and waits where no
 * deadline can take it back. `workerTimeoutMs` is above what a full batch may take when each request uses up its step budget.
 */
export const defaultPoolLimits: Omit<PoolLimits, "workers"> = {
  maxBatch: 32,
  maxBatchBytes: 262_144,
  concurrentBatches: 2,
  maxQueue: 4_096,
  maxQueueBytes: 268_435_456,
  workerTimeoutMs: 5_000,
  startTimeoutMs: 60_000,
  workerHeapMb: 256,
};

/** The limits within which the automatic dispatch evaluates on the main thread. */
export interface InlineLimits {
  /**
   * What all requests of one event-loop turn may cost there, by estimate, on top of what handing each over would;
   * in microseconds.
   */
  readonly maxTurnMicroseconds: number;
  /** How large each of these requests may be, in bytes on the wire. */
  readonly maxRequestBytes: number;
  /**
   * How long the body of each may be that policies see, in characters: what it takes to read a body is for the client to
   * say, and what others before it took tells nothing of it.
   */
  readonly maxBodyLength: number;
}

/**
 * The cost of handing over one request of a batch, on the main thread in microseconds: in the whole server under load, packing
 * it, waiting for its decision and unpacking that. Policies cheaper than that are evaluated inline however many requests
 * there are.
 */
export const handOverMicroseconds = 4;

/** Handing over a batch costs the main thread some 15 µs beside, and its requests wait 50 for it. */
export const defaultInlineLimits: InlineLimits = {
  maxTurnMicroseconds: 50,
  maxRequestBytes: 16_384,
  maxBodyLength: 2_048,
};

/** The options of a pool of workers. */
export interface WorkerPoolOptions {
  readonly limits: PoolLimits;
  /** What each worker compiles when it starts. */
  readonly start: WorkerStart;
  /** The workers' entry, a `file:` URL. */
  readonly workerUrl: string;
  readonly events: PoolEvents;
  /**
   * Returns a non-negative integer that is the same for requests which one worker serves better than several: those
   * with the same credential, which each worker has to verify. Not called when there is but one worker.
   */
  readonly affinityOf: (input: CheckInput) => number | undefined;
  /** Told what one request took a worker, in milliseconds, as a mean over the batch. */
  readonly onCost: (requestMs: number, batch: readonly PendingRequest[]) => void;
}
