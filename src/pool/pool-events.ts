/** What a pool tells as it happens and shows when asked; {@link PoolEvents} is implemented by the metrics. */

/** The ways to lose a worker: `start` while compiling or probing, `answer` by an answer that made no sense. */
export const workerLossCauses = [
  "exit",
  "exception",
  "out-of-memory",
  "hung",
  "answer",
  "start",
] as const;

/** One of {@link workerLossCauses}. */
export type WorkerLossCause = (typeof workerLossCauses)[number];

/** The causes of refusing a request: `unreachable` means the queue was too long for its deadline, `abandoned` that its caller had gone. */
export const shedCauses = [
  "queue-full",
  "deadline-passed",
  "unreachable",
  "abandoned",
  "not-ready",
  "closed",
  "worker-lost",
  "internal",
] as const;

/** One of {@link shedCauses}. */
export type ShedCause = (typeof shedCauses)[number];

/** Told by a pool as it happens. */
export interface PoolEvents {
  /** One batch went to a worker. */
  batchSent(requests: number): void;
  /** Requests were evaluated on the main thread. */
  evaluatedInline(requests: number): void;
  /** A worker was lost; a new one is started unless the pool is closing. `detail` is for the log. */
  workerLost(cause: WorkerLossCause, detail: string): void;
  /** An evaluation ended in a fault of our own; `detail` is for the log. */
  evaluationFailed(detail: string): void;
  /** One request got no decision. */
  shed(cause: ShedCause): void;
}

/** A pool at one moment. */
export interface PoolState {
  /** Requests that no worker has been given yet. */
  readonly waiting: number;
  /** Requests that a worker has and has not answered. */
  readonly inFlight: number;
  /** Workers that have compiled the policies and take requests. */
  readonly workersReady: number;
  /** Workers there should be; 0 when all is evaluated inline. */
  readonly workersTotal: number;
  /** Tokens found in a cache, good or refused, since the pool began, over all evaluators. */
  readonly jwtCacheHits: number;
  /** Tokens that had to be verified since the pool began. */
  readonly jwtCacheMisses: number;
  /** Tokens remembered now, good or refused. */
  readonly jwtCacheEntries: number;
  /** Bytes they take, by estimate. */
  readonly jwtCacheBytes: number;
}

/** The state of a pool that has nothing. */
export const emptyPoolState: PoolState = {
  waiting: 0,
  inFlight: 0,
  workersReady: 0,
  workersTotal: 0,
  jwtCacheHits: 0,
  jwtCacheMisses: 0,
  jwtCacheEntries: 0,
  jwtCacheBytes: 0,
};
