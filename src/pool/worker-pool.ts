import type { BatchAnswer, JwtCacheCounts, ProbeAnswer } from "../evaluator/protocol.ts";
import { chooseTransfer } from "./choose-transfer.ts";
import { type CostEstimate, createCostEstimate } from "./cost-estimate.ts";
import { JwtCacheTally } from "./jwt-cache-tally.ts";
import type { PendingRequest } from "./pending-request.ts";
import { startThread } from "./piscina-thread.ts";
import type { PoolState, ShedCause } from "./pool-events.ts";
import type { WorkerPoolOptions } from "./pool-options.ts";
import { PoolStartError } from "./pool-start-error.ts";
import { causeToLeaveOut, refuse } from "./refuse-request.ts";
import { WaitingRequests } from "./waiting-requests.ts";
import { type Batch, type SlotLoss, WorkerSlot } from "./worker-slot.ts";

/**
 * What a batch should take a worker, in milliseconds: dear requests go in small batches, so that none waits long
 * behind others.
 */
const batchTargetMs = 1;

/**
 * From which share on, of tokens that a worker did not know, requests stay with the worker that their credential says. Below,
 * that would cost more than it saves: smaller batches, at 25 µs each, for tokens at 4 µs.
 */
const minMissShare = 0.125;
/** How far behind the least busy worker that one may be then, and otherwise; in milliseconds. */
const mostBehindMs = { loyal: 0.5, free: 0.1 };
/**
 * How many batches have to be answered before the estimate of what a request takes is a reason to refuse one. The first
 * ones after a start are dearer by far than all later ones: code is compiled that runs for the first time.
 */
const youngBatches = 64;
/** For how long all workers may be at a batch each before requests had better be sent elsewhere. */
const unresponsiveMs = 1_000;

/** How much of the way the share goes to that of the last batch. */
const missShareWeight = 0.1;

/** A pool of worker threads behind one bounded queue. */
export class WorkerPool {
  readonly #options: WorkerPoolOptions;
  readonly #slots: readonly WorkerSlot[];
  readonly #jwtCaches: JwtCacheTally[];
  /** What one request takes a worker. */
  readonly #serviceTime: CostEstimate;
  /** Which share of tokens the workers did not know, lately; at the start they know none. */
  #missShare = 1;
  readonly #ready: Promise<void>;
  #settleReady: { resolve: () => void; reject: (error: PoolStartError) => void } | undefined;
  #probe: ProbeAnswer | undefined;
  readonly #waiting: WaitingRequests;
  #inFlight = 0;
  #answeredBatches = 0;
  #state: "starting" | "serving" | "draining" | "closed" = "starting";
  #onDrained: (() => void) | undefined;
  #closing: Promise<void> | undefined;

  /** Starts the workers. */
  constructor(options: WorkerPoolOptions) {
    const { limits } = options;
    this.#options = options;
    this.#serviceTime = createCostEstimate({ ceilingMs: limits.workerTimeoutMs, weight: 0.1 });
    this.#waiting = new WaitingRequests(limits.workers);
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

  /** Returns whether at least one worker takes requests. */
  isReady(): boolean {
    return this.#state === "serving" && this.#slots.some((slot) => slot.ready);
  }

  /** Returns whether at least one worker takes requests and answers them. */
  isAnswering(): boolean {
    const nowMs = performance.now();
    const mostMs = Math.min(unresponsiveMs, this.#options.limits.workerTimeoutMs / 2);
    const isAnswering = (slot: WorkerSlot): boolean => slot.ready && slot.busyMs(nowMs) < mostMs;
    return this.#state === "serving" && this.#slots.some(isAnswering);
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
    const isYoung = this.#answeredBatches < youngBatches;
    const requestMs = isYoung ? 0 : (this.#serviceTime.milliseconds ?? 0);
    const waitPerRequestMs = requestMs / Math.max(ready, 1);
    for (const request of requests) {
      request.noteWaiting(nowMs);
      const ownCause = cause ?? this.#causeToRefuse(request, nowMs, waitPerRequestMs);
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
        this.#missShare += missShareWeight * (tally.update(answer.jwtCache) - this.#missShare);
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
  ): ShedCause | undefined {
    const { maxQueue, maxQueueBytes } = this.#options.limits;
    const { count, bytes } = this.#waiting;
    const { input, deadline, dueMs } = request;
    const cause = causeToLeaveOut(request, nowMs);
    if (cause !== undefined) return cause;
    const pending = count + this.#inFlight;
    const isTooMuch = bytes + input.sizeBytes > maxQueueBytes && count > 0;
    if (pending >= maxQueue || isTooMuch) return "queue-full";
    const before = this.#waiting.countDue(dueMs) + this.#inFlight;
    return before * waitPerRequestMs > deadline.leftMs(nowMs) ? "unreachable" : undefined;
  }

  #sendWaiting(): void {
    const { limits, events } = this.#options;
    while (this.#waiting.count > 0) {
      const nowMs = performance.now();
      const transfer = chooseTransfer(this.#slots, this.#waiting.lanes, {
        concurrentBatches: limits.concurrentBatches,
        nowMs,
        requestMs: this.#serviceTime.milliseconds,
        mostBehindMs: this.#isLoyal() ? mostBehindMs.loyal : mostBehindMs.free,
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

  /** Returns whether so many tokens are new to the workers that each had better stay with one. */
  #isLoyal(): boolean {
    return this.#missShare >= minMissShare;
  }

  /** Takes a batch off the queue for the lane's worker; requests that are too late are refused. */
  #nextBatch(lane: number, nowMs: number): Batch {
    const estimateMs = this.#serviceTime.milliseconds ?? 0;
    const affordable = Math.max(Math.floor(batchTargetMs / estimateMs), 1);
    const { maxBatch, maxBatchBytes } = this.#options.limits;
    const taken = this.#waiting.take(lane, {
      most: Math.min(affordable, maxBatch),
      maxBytes: maxBatchBytes,
      mixed: !this.#isLoyal(),
    });
    return this.#withoutUnwanted(taken, nowMs);
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
    this.#answeredBatches++;
    if (answer.fault !== undefined) events.evaluationFailed(answer.fault);
    let evaluated = 0;
    batch.forEach((request, index) => {
      const decision = answer.decisions[index] ?? "fault";
      if (decision !== "overdue") evaluated++;
      if (decision === "fault") {
        refuse(request, "internal", events);
      } else if (decision === "overdue" || request.deadline.isOver(nowMs)) {
        refuse(request, "deadline-passed", events);
      } else {
        request.settle(decision);
      }
    });
    if (evaluated > 0) {
      const requestMs = answer.evaluationMs / evaluated;
      this.#serviceTime.observe(requestMs);
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
    if (this.#waiting.count + this.#inFlight === 0) this.#onDrained?.();
  }
}
