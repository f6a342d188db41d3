import type { BatchAnswer, JwtCacheCounts, ProbeAnswer } from "../evaluator/protocol.ts";
import { causeToRefuse } from "./admission.ts";
import { chooseTransfer } from "./choose-transfer.ts";
import { JwtCacheTally } from "./jwt-cache-tally.ts";
import type { PendingRequest } from "./pending-request.ts";
import { startThread } from "./piscina-thread.ts";
import type { PoolState, ShedCause } from "./pool-events.ts";
import { PoolLifecycle } from "./pool-lifecycle.ts";
import type { WorkerPoolOptions } from "./pool-options.ts";
import { PoolStartError } from "./pool-start-error.ts";
import { causeToLeaveOut, refuse } from "./refuse-request.ts";
import { settleBatch } from "./settle-batch.ts";
import { WaitingRequests } from "./waiting-requests.ts";
import { WorkerEstimates } from "./worker-estimates.ts";
import { type Batch, type SlotLoss, WorkerSlot } from "./worker-slot.ts";

/** How far behind the least busy worker that one may be then, and otherwise; in milliseconds. */
const mostBehindMs = { loyal: 0.5, free: 0.1 };
/** For how long all workers may be at a batch each before requests had better be sent elsewhere. */
const unresponsiveMs = 1_000;

/** A pool of worker threads behind one bounded queue. */
export class WorkerPool {
  readonly #options: WorkerPoolOptions;
  readonly #slots: readonly WorkerSlot[];
  readonly #jwtCaches: JwtCacheTally[];
  readonly #estimates: WorkerEstimates;
  readonly #lifecycle = new PoolLifecycle();
  #probe: ProbeAnswer | undefined;
  readonly #waiting: WaitingRequests;
  #inFlight = 0;
  #closing: Promise<void> | undefined;

  /** Starts the workers. */
  constructor(options: WorkerPoolOptions) {
    const { limits } = options;
    this.#options = options;
    this.#estimates = new WorkerEstimates(limits.workerTimeoutMs);
    this.#waiting = new WaitingRequests(limits.workers);
    this.#jwtCaches = Array.from({ length: limits.workers }, () => new JwtCacheTally());
    this.#slots = this.#jwtCaches.map((tally) => this.#createSlot(tally));
    for (const slot of this.#slots) slot.start();
  }

  /** Resolves when every worker has compiled the policies; rejects with {@link PoolStartError} when one cannot. */
  async ready(): Promise<void> {
    await this.#lifecycle.started();
  }

  /** Returns whether at least one worker takes requests. */
  isReady(): boolean {
    return this.#lifecycle.isServing && this.#slots.some((slot) => slot.ready);
  }

  /** Returns whether at least one worker takes requests and answers them. */
  isAnswering(): boolean {
    const nowMs = performance.now();
    const mostMs = Math.min(unresponsiveMs, this.#options.limits.workerTimeoutMs / 2);
    const isAnswering = (slot: WorkerSlot): boolean => slot.ready && slot.busyMs(nowMs) < mostMs;
    return this.#lifecycle.isServing && this.#slots.some(isAnswering);
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
      waiting: this.#waiting.count,
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
    const { limits, affinityOf, events } = this.#options;
    const nowMs = performance.now();
    const cause = this.#causeToRefuseAll();
    const ready = this.#slots.filter((slot) => slot.ready).length;
    const waitPerRequestMs = this.#estimates.reliableRequestMs / Math.max(ready, 1);
    const load = { waiting: this.#waiting, inFlight: this.#inFlight, nowMs, waitPerRequestMs };
    for (const request of requests) {
      request.noteWaiting(nowMs);
      const ownCause = cause ?? causeToRefuse(request, load, limits);
      if (ownCause !== undefined) {
        refuse(request, ownCause, events);
        continue;
      }
      this.#waiting.add(request, limits.workers === 1 ? undefined : affinityOf(request.input));
    }
    this.#sendWaiting();
  }

  /** Refuses every request whose deadline is over at that time, wherever it is. */
  dropOverdue(nowMs: number): void {
    for (const request of this.#waiting.takeOverdue(nowMs)) {
      refuse(request, "deadline-passed", this.#options.events);
    }
    for (const slot of this.#slots) {
      for (const batch of slot.batches) this.#withoutUnwanted(batch, nowMs);
    }
    this.#noteDrained();
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
        this.#estimates.noteMisses(tally.update(answer.jwtCache));
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
    const cause = this.#lifecycle.causeToRefuse();
    return cause ?? (this.#slots.some((slot) => slot.alive) ? undefined : "not-ready");
  }

  #sendWaiting(): void {
    const { limits, events } = this.#options;
    while (this.#waiting.count > 0) {
      const nowMs = performance.now();
      const transfer = chooseTransfer(this.#slots, this.#waiting.lanes, {
        concurrentBatches: limits.concurrentBatches,
        nowMs,
        requestMs: this.#estimates.requestMs,
        mostBehindMs: this.#estimates.isLoyal() ? mostBehindMs.loyal : mostBehindMs.free,
      });
      if (transfer === undefined) return;
      const batch = this.#nextBatch(transfer.lane, nowMs);
      if (batch.length === 0) continue;
      try {
        transfer.slot.send(batch);
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

  /** Takes a batch off the queue for the lane's worker; requests that are too late are refused. */
  #nextBatch(lane: number, nowMs: number): Batch {
    const { maxBatch, maxBatchBytes } = this.#options.limits;
    const taken = this.#waiting.take(lane, {
      most: Math.min(this.#estimates.affordableRequests(), maxBatch),
      maxBytes: maxBatchBytes,
      mixed: !this.#estimates.isLoyal(),
    });
    return this.#withoutUnwanted(taken, nowMs);
  }

  #slotReady(probe: ProbeAnswer): void {
    this.#probe ??= probe;
    if (this.#lifecycle.isStarting && this.#slots.every((slot) => slot.ready)) {
      this.#lifecycle.serve();
    }
    this.#sendWaiting();
  }

  #slotAnswered(batch: Batch, answer: BatchAnswer): void {
    const { events } = this.#options;
    const nowMs = performance.now();
    this.#inFlight -= batch.length;
    this.#estimates.noteAnswered();
    if (answer.fault !== undefined) events.evaluationFailed(answer.fault);
    const evaluated = settleBatch(batch, answer, nowMs, events);
    if (evaluated > 0) {
      const requestMs = answer.evaluationMs / evaluated;
      this.#estimates.noteRequest(requestMs);
      this.#options.onCost(requestMs, batch);
    }
    this.#sendWaiting();
  }

  #slotLost(slot: WorkerSlot, loss: SlotLoss): void {
    const { events } = this.#options;
    const cause = loss.cause === "answer" ? "internal" : "worker-lost";
    for (const batch of loss.batches) {
      this.#inFlight -= batch.length;
      for (const request of batch) refuse(request, cause, events);
    }
    if (this.#lifecycle.isStarting) {
      this.#failToStart(loss);
      return;
    }
    slot.restart();
    if (!this.#slots.some((other) => other.alive)) this.#refuseWaiting("worker-lost");
    this.#sendWaiting();
  }

  /** A pool that cannot start at all is not tried again: the caller keeps the one before, or gives up. */
  #failToStart(loss: SlotLoss): void {
    this.#lifecycle.fail(new PoolStartError(loss.detail, loss.probe?.diagnostics ?? []));
    this.#closing ??= this.#drain(0);
  }

  #refuseWaiting(cause: ShedCause): void {
    for (const request of this.#waiting.takeAll()) refuse(request, cause, this.#options.events);
  }

  #withoutUnwanted(requests: Batch, nowMs: number): PendingRequest[] {
    return requests.filter((request) => {
      const cause = causeToLeaveOut(request, nowMs);
      if (cause !== undefined) refuse(request, cause, this.#options.events);
      return cause === undefined;
    });
  }

  async #drain(graceMs: number): Promise<void> {
    await this.#lifecycle.drain(graceMs, () => this.#isIdle());
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
    if (this.#isIdle()) this.#lifecycle.noteIdle();
  }

  #isIdle(): boolean {
    return this.#waiting.count + this.#inFlight === 0;
  }
}
