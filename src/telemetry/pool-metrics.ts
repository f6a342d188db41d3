import { Counter, type Registry } from "prom-client";
import {
  emptyPoolState,
  type PoolEvents,
  type PoolState,
  type ShedCause,
  shedCauses,
  type WorkerLossCause,
  workerLossCauses,
} from "../pool/pool-events.ts";
import { createFixedHistogram } from "./fixed-histogram.ts";
import { gauge, total } from "./scraped-metrics.ts";

/** The metrics of pools: one serves at a time. */
export interface PoolMetrics {
  /** What a pool reports to. */
  readonly poolEvents: PoolEvents;
  /** From now on the gauges show this pool; called again when another pool takes over. */
  watchPool(read: () => PoolState): void;
}

/** Returns the metrics of pools, and the lines of those that the registry does not write. */
export function createPoolMetrics(registry: Registry): {
  metrics: PoolMetrics;
  batchLines: () => string[];
} {
  const registers = [registry];
  const restarts = new Counter({
    name: "ostiary_worker_restarts_total",
    help: "Workers lost and replaced, by how they were lost.",
    labelNames: ["cause"] as const,
    registers,
  });
  for (const cause of workerLossCauses) restarts.inc({ cause }, 0);
  const sheds = new Counter({
    name: "ostiary_shed_requests_total",
    help: "Requests that got no decision, by cause.",
    labelNames: ["cause"] as const,
    registers,
  });
  for (const cause of shedCauses) sheds.inc({ cause }, 0);
  const batchSizes = createFixedHistogram([1, 2, 4, 8, 16, 32]);
  const evaluated = { inline: 0, pool: 0 };
  const dispatched = new Counter({
    name: "ostiary_dispatched_requests_total",
    help: "Requests evaluated, by where: on the main thread, or sent to a worker.",
    labelNames: ["mode"] as const,
    registers,
    collect() {
      dispatched.reset();
      dispatched.inc({ mode: "inline" }, evaluated.inline);
      dispatched.inc({ mode: "pool" }, evaluated.pool);
    },
  });
  const poolEvents: PoolEvents = {
    batchSent(requests) {
      evaluated.pool += requests;
      batchSizes.observe(requests);
    },
    evaluatedInline(requests) {
      evaluated.inline += requests;
    },
    workerLost(cause: WorkerLossCause) {
      restarts.inc({ cause });
    },
    evaluationFailed() {
      // Each of its requests is counted as a shed one of cause `internal`, and the fault where it is reported.
    },
    shed(cause: ShedCause) {
      sheds.inc({ cause });
    },
  };
  return {
    metrics: { poolEvents, watchPool: createPoolGauges(registers) },
    batchLines: () => [
      "# HELP ostiary_batch_requests Requests in each batch that went to a worker.",
      "# TYPE ostiary_batch_requests histogram",
      ...batchSizes.lines("ostiary_batch_requests", ""),
    ],
  };
}

function readNoPool(): PoolState {
  return emptyPoolState;
}

function createPoolGauges(registers: Registry[]): PoolMetrics["watchPool"] {
  let read: () => PoolState = readNoPool;
  const show = (name: string, help: string, field: keyof PoolState): void =>
    gauge(registers, name, help, () => read()[field]);
  show("ostiary_queue_requests", "Requests that no worker has been given yet.", "waiting");
  show("ostiary_pool_in_flight_requests", "Requests that workers are at.", "inFlight");
  show("ostiary_workers_ready", "Workers that take requests.", "workersReady");
  show("ostiary_workers_configured", "Workers there should be.", "workersTotal");
  show("ostiary_jwt_cache_entries", "Tokens in the cache, good or refused.", "jwtCacheEntries");
  show(
    "ostiary_jwt_cache_bytes",
    "Bytes taken by the tokens in the cache, by estimate.",
    "jwtCacheBytes",
  );

  // A pool counts from its own beginning, the metric from the process': what earlier pools counted is kept.
  let hitsBefore = 0;
  let missesBefore = 0;
  total(
    registers,
    "ostiary_jwt_cache_hits_total",
    "Tokens found in the cache, good or refused.",
    () => hitsBefore + read().jwtCacheHits,
  );
  total(
    registers,
    "ostiary_jwt_cache_misses_total",
    "Tokens that were not in the cache and had to be verified.",
    () => missesBefore + read().jwtCacheMisses,
  );
  return (next) => {
    const last = read();
    hitsBefore += last.jwtCacheHits;
    missesBefore += last.jwtCacheMisses;
    read = next;
  };
}
