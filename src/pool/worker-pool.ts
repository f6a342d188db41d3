import type { BatchAnswer, JwtCacheCounts, ProbeAnswer } from "../evaluator/protocol.ts";
import type { PoolState, ShedCause } from "../telemetry/pool-events.ts";
import { chooseSlot } from "./choose-slot.ts";
import { type CostEstimate, createCostEstimate } from "./cost-estimate.ts";
import { DeadlineTimer } from "./deadline-timer.ts";
import { JwtCacheTally } from "./jwt-cache-tally.ts";
import type { PendingRequest } from "./pending-request.ts";
import { startThread } from "./piscina-thread.ts";
import type { WorkerPoolOptions } from "./pool-options.ts";
import { PoolStartError } from "./pool-start-error.ts";
import { refuse } from "./refusal.ts";
import { type Batch, type SlotLoss, WorkerSlot } from "./worker-slot.ts";

/**
 * What a batch should take a worker, in milliseconds: dear requests go in small batches, so that none waits long
 * behind others.
 */
const batchTargetMs = 1;

/** A pool of worker threads behind one bounded queue. */
export class WorkerPool {
  readonly #options: WorkerPoolOptions;
  readonly #slots: readonly WorkerSlot[];
  readonly #jwtCaches: JwtCacheTally[];
  readonly #deadlines: DeadlineTimer;
  /** What one request takes a worker. */
  readonly #serviceTime: CostEstimate;
  readonly #ready: Promise<void>;
  #settleReady: { resolve: () => void; reject: (error: PoolStartError) => void } | undefined;
  #probe: ProbeAnswer | undefined;
  #waiting: PendingRequest[] = [];
  #inFlight = 0;
  #state: "starting" | "serving" | "draining" | "closed" = "starting";
  #onDrained: (() => void) | undefined;
  #closing: Promise<void> | undefined;

  /** Starts the workers. */
  constructor(options: WorkerPoolOptions) {
    const { limits } = options;
    this.#options = options;
    this.#serviceTime = createCostEstimate({
      ceilingMs: limits.workerTimeoutMs,
      riseWeight: 0.1,
      fallWeight: 0.1,
    });
    this.#deadlines = new DeadlineTimer(() => this.#sweep());
    this.#ready = new Promise((resolve, reject) => {
      this.#settleReady = { resolve, reject };
    });
    // Whoever asks for it gets the rejection; nobody asking is no reason to end the process.
    this.#ready.catch(() => {});
    this.#jwtCaches = Array.from({ length: limits.workers }, () => new JwtCacheTally());
    this.#slots = this.#jwtCaches.map((tally) => this.#createSlot(tally));
    for (const slot of this.#slots) slot.start();
  }

  /** Resolves when every worker has compiled the policies; rejects with {@link PoolStartError} when one cannot. */
  async ready(): Promise<void> {
    await this.#ready;
  }

  /** Whether at least one worker takes requests. */
  isReady(): boolean {
    return this.#state === "serving" && this.#slots.some((slot) => slot.ready);
  }

  /** What the workers said of the policies; undefined until the first did. */
  get probe(): ProbeAnswer | undefined {
    return this.#probe;
  }

  /** What the workers look like at this moment. */
  state(): PoolState {
    const sum = (field: keyof JwtCacheCounts): number =>
      this.#jwtCaches.reduce((total, tally) => total + tally.counts()[field], 0);
    return {
      waiting: this.#waiting.length,
      inFlight: this.#inFlight,
      workersReady: this.#slots.filter((slot) => slot.ready).length,
      workersTotal: this.#slots.length,
      jwtCacheHits: sum("hits"),
      jwtCacheMisses: sum("misses"),
      jwtCacheEntries: sum("entries"),
      jwtCacheBytes: sum("bytes"),
    };
  }

  /** Takes requests that arrived together: each is refused now or given to a worker, at once or later. */
  take(requests: readonly PendingRequest[]): void {
    const nowMs = performance.now();
    const cause = this.#causeToRefuseAll();
    const ready = this.#slots.filter((slot) => slot.ready).length;
    const waitPerRequestMs = (this.#serviceTime.milliseconds ?? 0) / Math.max(ready, 1);
    let earliestMs = Number.POSITIVE_INFINITY;
    let waitingBytes = sizeOf(this.#waiting);
    for (const request of requests) {
      const bytes = waitingBytes + request.input.sizeBytes;
      const ownCause = cause ?? this.#causeToRefuse(request, nowMs, waitPerRequestMs, bytes);
      if (ownCause === undefined) {
        this.#waiting.push(request);
        waitingBytes = bytes;
        earliestMs = Math.min(earliestMs, request.deadlineMs);
      } else {
        refuse(request, ownCause, this.#options.events);
      }
    }
    this.#deadlines.watch(earliestMs);
    this.#sendWaiting();
  }

  /** Answers what it has, for as long as the grace period, refuses the rest, and ends the workers. */
  async close(graceMs: number): Promise<void> {
    this.#closing ??= this.#drain(graceMs);
    await this.#closing;
  }

  #createSlot(tally: JwtCacheTally): WorkerSlot {
    const { limits, start, workerUrl, events } = this.#options;
    const slot = new WorkerSlot({
      startThread: (onLost) =>
        startThread({
          url: workerUrl,
          start,
          concurrentBatches: limits.concurrentBatches,
          maxHeapMb: limits.workerHeapMb,
          onLost,
        }),
      workerTimeoutMs: limits.workerTimeoutMs,
      startTimeoutMs: limits.startTimeoutMs,
      onReady: (probe) => this.#slotReady(probe),
      onAnswer: (batch, answer) => {
        tally.update(answer.jwtCache);
        this.#slotAnswered(batch, answer);
      },
      onLost: (loss) => {
        tally.startAgain();
        // Policies that do not compile are told by their diagnostics, and nothing is restarted.
        if (loss.probe === undefined) events.workerLost(loss.cause, loss.detail);
        this.#slotLost(slot, loss);
      },
    });
    return slot;
  }

  #causeToRefuseAll(): ShedCause | undefined {
    if (this.#state === "draining" || this.#state === "closed") return "closed";
    const serves = this.#state === "serving" && this.#slots.some((slot) => slot.alive);
    return serves ? undefined : "not-ready";
  }

  #causeToRefuse(
    request: PendingRequest,
    nowMs: number,
    waitPerRequestMs: number,
    waitingBytes: number,
  ): ShedCause | undefined {
    const { maxQueue, maxQueueBytes } = this.#options.limits;
    if (!(request.deadlineMs > nowMs)) return "deadline-passed";
    const pending = this.#waiting.length + this.#inFlight;
    const isTooMuch = waitingBytes > maxQueueBytes && this.#waiting.length > 0;
    if (pending >= maxQueue || isTooMuch) return "queue-full";
    return nowMs + pending * waitPerRequestMs > request.deadlineMs ? "unreachable" : undefined;
  }

  #sendWaiting(): void {
    const { limits, events } = this.#options;
    while (this.#waiting.length > 0) {
      const slot = chooseSlot(this.#slots, limits.concurrentBatches);
      if (slot === undefined) return;
      const batch = this.#nextBatch();
      if (batch.length === 0) continue;
      try {
        slot.send(batch);
      } catch (error) {
        events.evaluationFailed(String(error));
        for (const request of batch) refuse(request, "internal", events);
        continue;
      }
      this.#inFlight += batch.length;
      events.batchSent(batch.length);
    }
    this.#noteDrained();
  }

  /**
   * Takes the oldest requests off the queue, about as many for each batch that will follow; those too late are
   * refused.
   */
  #nextBatch(): Batch {
    const estimateMs = this.#serviceTime.milliseconds ?? 0;
    const affordable = Math.max(Math.floor(batchTargetMs / estimateMs), 1);
    const { maxBatch, maxBatchBytes } = this.#options.limits;
    const batches = Math.ceil(this.#waiting.length / Math.min(affordable, maxBatch));
    const most = Math.ceil(this.#waiting.length / batches);
    const taken = this.#waiting.splice(0, countWithin(this.#waiting, most, maxBatchBytes));
    return this.#withoutOverdue(taken, performance.now());
  }

  #slotReady(probe: ProbeAnswer): void {
    this.#probe ??= probe;
    if (this.#state === "starting" && this.#slots.every((slot) => slot.ready)) {
      this.#state = "serving";
      this.#settleReady?.resolve();
    }
    this.#sendWaiting();
  }

  #slotAnswered(batch: Batch, answer: BatchAnswer): void {
    const { events } = this.#options;
    const nowMs = performance.now();
    this.#inFlight -= batch.length;
    const requestMs = answer.evaluationMs / batch.length;
    this.#serviceTime.observe(requestMs);
    this.#options.onCost(requestMs);
    if (answer.fault !== undefined) events.evaluationFailed(answer.fault);
    batch.forEach((request, index) => {
      const decision = answer.decisions[index] ?? null;
      if (decision === null) refuse(request, "internal", events);
      else if (nowMs >= request.deadlineMs) refuse(request, "deadline-passed", events);
      else request.settle(decision);
    });
    this.#sendWaiting();
  }

  #slotLost(slot: WorkerSlot, loss: SlotLoss): void {
    const { events } = this.#options;
    const cause = loss.cause === "answer" ? "internal" : "worker-lost";
    for (const batch of loss.batches) {
      this.#inFlight -= batch.length;
      for (const request of batch) refuse(request, cause, events);
    }
    if (this.#state === "starting") {
      this.#failToStart(loss);
      return;
    }
    slot.restart();
    if (!this.#slots.some((other) => other.alive)) this.#refuseWaiting("worker-lost");
    this.#sendWaiting();
  }

  /** A pool that cannot start at all is not tried again: the caller keeps the one before, or gives up. */
  #failToStart(loss: SlotLoss): void {
    this.#settleReady?.reject(new PoolStartError(loss.detail, loss.probe?.diagnostics ?? []));
    this.#closing ??= this.#drain(0);
  }

  #refuseWaiting(cause: ShedCause): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const request of waiting) refuse(request, cause, this.#options.events);
  }

  /** Refuses what is due wherever it is, and returns the earliest deadline left. */
  #sweep(): number {
    const nowMs = performance.now();
    this.#waiting = this.#withoutOverdue(this.#waiting, nowMs);
    let earliestMs = Number.POSITIVE_INFINITY;
    const look = (requests: readonly PendingRequest[]): void => {
      for (const { deadlineMs } of requests) earliestMs = Math.min(earliestMs, deadlineMs);
    };
    look(this.#waiting);
    for (const slot of this.#slots) {
      for (const batch of slot.batches) look(this.#withoutOverdue(batch, nowMs));
    }
    this.#noteDrained();
    return earliestMs;
  }

  #withoutOverdue(requests: Batch, nowMs: number): PendingRequest[] {
    return requests.filter((request) => {
      if (request.deadlineMs > nowMs) return true;
      refuse(request, "deadline-passed", this.#options.events);
      return false;
    });
  }

  async #drain(graceMs: number): Promise<void> {
    if (this.#state === "starting") {
      this.#settleReady?.reject(new PoolStartError("the pool was closed", []));
    }
    this.#state = "draining";
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, graceMs);
      this.#onDrained = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#noteDrained();
    });
    this.#state = "closed";
    this.#deadlines.stop();
    this.#refuseWaiting("closed");
    for (const slot of this.#slots) {
      for (const batch of slot.batches) {
        for (const request of batch) refuse(request, "closed", this.#options.events);
      }
    }
    this.#inFlight = 0;
    await Promise.all(this.#slots.map((slot) => slot.stop()));
  }

  #noteDrained(): void {
    if (this.#waiting.length + this.#inFlight === 0) this.#onDrained?.();
  }
}

function sizeOf(requests: Batch): number {
  let bytes = 0;
  for (const request of requests) bytes += request.input.sizeBytes;
  return bytes;
}

/** How many of the first `most` requests stay within `maxBytes` together, and at least one. */
function countWithin(requests: Batch, most: number, maxBytes: number): number {
  let bytes = 0;
  for (let count = 0; count < most; count++) {
    bytes += requests[count]?.input.sizeBytes ?? 0;
    if (bytes > maxBytes) return Math.max(count, 1);
  }
  return most;
}
