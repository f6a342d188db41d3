import { type CostEstimate, createCostEstimate } from "./cost-estimate.ts";

/**
 * The time that a batch should take a worker, in milliseconds: dear requests go in small batches, so that none waits long
 * behind others.
 */
const batchTargetMs = 1;

/**
 * The share of tokens that a worker did not know from which on requests stay with the worker that their credential says. Below,
 * that would cost more than it saves: smaller batches, at 25 µs each, for tokens at 4 µs.
 */
const minMissShare = 0.125;
/**
 * The number of batches that have to be answered before the estimate of what a request takes is a reason to refuse one. The
 * first ones after a start are dearer by far than all later ones: code is compiled that runs for the first time.
 */
const youngBatches = 64;

/** How much of the way the share goes to that of the last batch. */
const missShareWeight = 0.1;

/** Running estimates of the workers: what a request takes them, and how many of the tokens they know. */
export class WorkerEstimates {
  readonly #serviceTime: CostEstimate;
  /** Which share of tokens the workers did not know, lately; at the start they know none. */
  #missShare = 1;
  #answeredBatches = 0;

  /** @param ceilingMs more than a request can take */
  constructor(ceilingMs: number) {
    this.#serviceTime = createCostEstimate({ ceilingMs, weight: 0.1 });
  }

  /** What one request takes a worker, in milliseconds; undefined before the first was answered. */
  get requestMs(): number | undefined {
    return this.#serviceTime.milliseconds;
  }

  /** What one request takes, as far as that is a reason to refuse another one: nothing while the pool is young. */
  get reliableRequestMs(): number {
    return this.#answeredBatches < youngBatches ? 0 : (this.requestMs ?? 0);
  }

  /** Returns whether so many tokens are new to the workers that each had better stay with one. */
  isLoyal(): boolean {
    return this.#missShare >= minMissShare;
  }

  /** Returns the number of requests that take a worker as long as a batch should. */
  affordableRequests(): number {
    return Math.max(Math.floor(batchTargetMs / (this.requestMs ?? 0)), 1);
  }

  /** Notes the share of tokens that the worker of a batch did not know. */
  noteMisses(share: number): void {
    this.#missShare += missShareWeight * (share - this.#missShare);
  }

  /** Notes that a batch was answered. */
  noteAnswered(): void {
    this.#answeredBatches++;
  }

  /** Notes what a request of a batch took. */
  noteRequest(requestMs: number): void {
    this.#serviceTime.observe(requestMs);
  }
}
