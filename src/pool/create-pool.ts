import { extname } from "node:path";
import type { JwtCacheCounts, ProbeAnswer, WorkerStart } from "../evaluator/protocol.ts";
import type { CheckInput } from "../model/check-input.ts";
import { readsEverything } from "../model/payload-reads.ts";
import { createTurn } from "./batch-by-turn.ts";
import { bodyLength } from "./body-length.ts";
import { createCostEstimate } from "./cost-estimate.ts";
import type { Dispatcher } from "./dispatcher.ts";
import { evaluateInline, type InlineEvaluator } from "./inline-evaluation.ts";
import { PendingRequest } from "./pending-request.ts";
import { emptyPoolState, type PoolEvents, type PoolState } from "./pool-events.ts";
import {
  handOverMicroseconds,
  type InlineLimits,
  type PoolLimits,
  type WorkerPoolOptions,
} from "./pool-options.ts";
import { refuse } from "./refuse-request.ts";
import { WorkerPool } from "./worker-pool.ts";

/** A dispatcher for one revision of the policies. */
export interface Pool extends Dispatcher {
  /** Returns whether requests are answered: at least one worker is ready and not stuck, or all is evaluated inline. */
  isReady(): boolean;
  /** The pool at this moment, for metrics. */
  state(): PoolState;
}

/** A pool that has workers. */
export interface ThreadedPool extends Pool {
  /**
   * Rejects with `PoolStartError`, which has the diagnostics when the policies do not compile; the pool is closed
   * then.
   */
  ready(): Promise<void>;
  /** What the workers said of the policies, warnings included; undefined before the first worker is ready. */
  policies(): Pick<ProbeAnswer, "policyNames" | "hasBoundedWork" | "diagnostics"> | undefined;
}

/** A pool that may evaluate on the main thread what is cheap there. */
export interface AutomaticPool extends ThreadedPool {
  /**
   * Lets it do so from now on: until this call everything goes to the workers, and after it as well where what a request
   * may cost has no bound.
   */
  useInline(evaluator: InlineEvaluator): void;
}

/** The options of a pool with workers. */
export interface ThreadedPoolOptions {
  readonly limits: PoolLimits;
  readonly start: WorkerStart;
  readonly events: PoolEvents;
  /** The workers' entry, a `file:` URL; the evaluator's own unless a test has another. */
  readonly workerUrl?: string;
  /** What requests with the same credential have in common; see {@link WorkerPoolOptions.affinityOf}. */
  readonly affinityOf?: WorkerPoolOptions["affinityOf"];
}

/** The worker's entry beside this file's folder, `.ts` in the sources and `.js` once built. */
const evaluatorUrl = new URL(`../evaluator/worker${extname(import.meta.url)}`, import.meta.url)
  .href;

/** Returns a pool that evaluates everything in workers; it has begun to start them. */
export function createThreadedPool(options: ThreadedPoolOptions): ThreadedPool {
  const workers = startWorkers(options, () => {});
  return wrap(
    workers,
    (requests) => workers.take(requests),
    workers.state.bind(workers),
    options.start.snapshot.revision,
  );
}

/**
 * Returns a pool that evaluates a turn's requests on the main thread when all of them are small and, by a running
 * estimate, cost less there than handing them over would; otherwise they go to workers, which it has begun to
 * start.
 */
export function createAutomaticPool(
  options: ThreadedPoolOptions & { readonly inlineLimits: InlineLimits },
): AutomaticPool {
  const { maxTurnMicroseconds } = options.inlineLimits;
  const budgetMs = maxTurnMicroseconds / 1000;
  const handOverMs = handOverMicroseconds / 1000;
  let inline: InlineEvaluator | undefined;
  // Quick, so that no more than a few dear requests run here, and as quick down as up: coming down slower, every pause
  // of the garbage collector would send the next turns of a cheap policy to the workers. A pause is cut for that too.
  const cost = createCostEstimate({ ceilingMs: budgetMs * 4, weight: 0.2 });
  // What is large goes to workers anyway. Would it count, whoever sends it could have small ones wait there behind it.
  const workers = startWorkers(options, (requestMs, batch) => {
    if (batch.every(({ isLarge }) => !isLarge)) cost.observe(requestMs);
  });
  const fitsInline = (requests: readonly PendingRequest[]): boolean =>
    cost.milliseconds !== undefined &&
    (cost.milliseconds - handOverMs) * requests.length <= budgetMs &&
    requests.every(({ input }) => isSmall(input, options.inlineLimits));
  const take = (requests: readonly PendingRequest[]): void => {
    if (inline !== undefined && workers.isReady() && fitsInline(requests)) {
      evaluateInline(inline, requests, options.events, (requestMs) => cost.observe(requestMs));
    } else {
      for (const request of requests) {
        request.isLarge = !isSmall(request.input, options.inlineLimits);
      }
      workers.take(requests);
    }
  };
  const state = (): PoolState => {
    const counts = workers.state();
    return inline === undefined ? counts : addCounts(counts, inline.jwtCacheStats());
  };
  return {
    ...wrap(workers, take, state, options.start.snapshot.revision),
    useInline(evaluator) {
      // What a small request can make large would keep every other one waiting.
      if (evaluator.hasBoundedWork) inline = evaluator;
    },
  };
}

/** Returns a pool that evaluates everything on the main thread, at once. */
export function createInlinePool(evaluator: InlineEvaluator, events: PoolEvents): Pool {
  let closed = false;
  const { reads = readsEverything } = evaluator;
  return {
    revision: evaluator.revision,
    serving() {
      return this;
    },
    reads: () => reads,
    dispatch(input, deadline, done, isGone) {
      const request = new PendingRequest(input, deadline, done, isGone);
      if (closed) refuse(request, "closed", events);
      else evaluateInline(evaluator, [request], events, () => {});
    },
    // Everything is answered before `dispatch` returns.
    dropOverdue() {},
    ready: () => Promise.resolve(),
    isReady: () => !closed,
    close() {
      closed = true;
      return Promise.resolve();
    },
    state: () => addCounts(emptyPoolState, evaluator.jwtCacheStats()),
  };
}

/** Without a look at the body, where the whole request is no larger than one may be. */
function isSmall(input: CheckInput, limits: InlineLimits): boolean {
  const { sizeBytes } = input;
  if (sizeBytes > limits.maxRequestBytes) return false;
  return sizeBytes <= limits.maxBodyLength || bodyLength(input) <= limits.maxBodyLength;
}

function startWorkers(
  options: ThreadedPoolOptions,
  onCost: WorkerPoolOptions["onCost"],
): WorkerPool {
  const { workerUrl = evaluatorUrl, affinityOf = () => undefined } = options;
  const { limits, start, events } = options;
  return new WorkerPool({ limits, start, events, workerUrl, affinityOf, onCost });
}

function wrap(
  workers: WorkerPool,
  take: (requests: readonly PendingRequest[]) => void,
  state: () => PoolState,
  revision: string,
): ThreadedPool {
  const turn = createTurn(take);
  return {
    revision,
    serving() {
      return this;
    },
    reads: () => workers.probe?.reads ?? readsEverything,
    dispatch(input, deadline, done, isGone) {
      turn.add(new PendingRequest(input, deadline, done, isGone));
    },
    dropOverdue: (nowMs) => workers.dropOverdue(nowMs),
    ready: () => workers.ready(),
    isReady: () => workers.isAnswering(),
    policies: () => workers.probe,
    state,
    async close(graceMs) {
      turn.end();
      await workers.close(graceMs);
    },
  };
}

function addCounts(state: PoolState, counts: JwtCacheCounts): PoolState {
  return {
    ...state,
    jwtCacheHits: state.jwtCacheHits + counts.hits,
    jwtCacheMisses: state.jwtCacheMisses + counts.misses,
    jwtCacheEntries: state.jwtCacheEntries + counts.entries,
    jwtCacheBytes: state.jwtCacheBytes + counts.bytes,
  };
}
