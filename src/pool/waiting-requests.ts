import type { PendingRequest } from "./pending-request.ts";

/** The bounds of a batch. */
export interface BatchBounds {
  /** How many requests at most. */
  readonly most: number;
  /** How large they may be together, in bytes on the wire; a larger one goes alone. */
  readonly maxBytes: number;
  /** Whether requests may be among them that another worker serves better. */
  readonly mixed: boolean;
}

/**
 * Requests that no worker has been given yet, in lanes: one for each worker, for what that one serves best, and a last
 * one for what any serves alike. None is bound to a worker yet.
 *
 * What is due first goes first. Where all wait equally long that is the order they came in; where they do not, those with
 * little time are answered in time, and the others mostly still are.
 */
export class WaitingRequests {
  readonly #lanes: PendingRequest[][];
  #count = 0;
  #bytes = 0;

  /** @param workers how many there are; the requests of a single one all share a lane */
  constructor(workers: number) {
    this.#lanes = Array.from({ length: workers === 1 ? 1 : workers + 1 }, () => []);
  }

  /** How many requests wait. */
  get count(): number {
    return this.#count;
  }

  /** How large they are together, in bytes on the wire. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The lanes, each with what is due first in front; the last is for any worker, the others for the one of that index. */
  get lanes(): readonly (readonly PendingRequest[])[] {
    return this.#lanes;
  }

  /** @param affinity a non-negative integer; equal ones share a worker's lane, and without one any worker will do */
  add(request: PendingRequest, affinity: number | undefined): void {
    const last = this.#lanes.length - 1;
    const own = affinity === undefined ? undefined : this.#lanes[affinity % last];
    const lane = own ?? this.#lanes[last] ?? [];
    const place = countDue(lane, request.dueMs);
    if (place === lane.length) lane.push(request);
    else lane.splice(place, 0, request);
    this.#count++;
    this.#bytes += request.input.sizeBytes;
  }

  /** How many are due no later than that, and so go before a request that is due then. */
  countDue(dueMs: number): number {
    let count = 0;
    for (const lane of this.#lanes) count += countDue(lane, dueMs);
    return count;
  }

  /**
   * Takes a batch for a lane: what is due first there, and if there is room of other lanes. It is about as large as all
   * that will have to follow it, and not empty unless nothing waits.
   */
  take(lane: number, { most, maxBytes, mixed }: BatchBounds): PendingRequest[] {
    const sources = this.#sourcesFor(lane, mixed);
    const waiting = sources.reduce((count, index) => count + (this.#lanes[index]?.length ?? 0), 0);
    const even = shareEvenly(waiting, most);
    const batch: PendingRequest[] = [];
    let bytes = 0;
    for (const index of sources) {
      const requests = this.#lanes[index] ?? [];
      // Its own lane may make it larger: leaving some of these to another batch is worse.
      const limit = index === lane ? Math.max(even, shareEvenly(requests.length, most)) : even;
      let count = 0;
      for (const { input } of requests) {
        const taken = batch.length + count;
        if (taken >= limit || (taken > 0 && bytes + input.sizeBytes > maxBytes)) break;
        bytes += input.sizeBytes;
        count++;
      }
      if (count > 0) batch.push(...requests.splice(0, count));
    }
    this.#count -= batch.length;
    this.#bytes -= bytes;
    return batch;
  }

  /** Takes the requests whose deadline has passed. */
  takeOverdue(nowMs: number): PendingRequest[] {
    return this.#takeIf(({ deadline }) => deadline.isOver(nowMs));
  }

  /** Takes everything. */
  takeAll(): PendingRequest[] {
    return this.#takeIf(() => true);
  }

  /** The lane, then those whose requests may go along with it, the one that has something due first. */
  #sourcesFor(lane: number, mixed: boolean): readonly number[] {
    const last = this.#lanes.length - 1;
    if (!mixed) return lane === last ? [lane] : [lane, last];
    const due = (index: number): number => this.#lanes[index]?.[0]?.dueMs ?? Infinity;
    const others = [...this.#lanes.keys()].filter((other) => other !== lane);
    return [lane, ...others.toSorted((one, other) => due(one) - due(other))];
  }

  #takeIf(isTaken: (request: PendingRequest) => boolean): PendingRequest[] {
    const taken: PendingRequest[] = [];
    for (const [index, lane] of this.#lanes.entries()) {
      if (!lane.some(isTaken)) continue;
      taken.push(...lane.filter(isTaken));
      this.#lanes[index] = lane.filter((request) => !isTaken(request));
    }
    this.#count -= taken.length;
    for (const { input } of taken) this.#bytes -= input.sizeBytes;
    return taken;
  }
}

/** How large batches of `most` at most are when they are equally large and no more than needed. */
function shareEvenly(requests: number, most: number): number {
  return Math.ceil(requests / Math.max(Math.ceil(requests / most), 1));
}

/** How many requests of a lane are due no later than that. */
function countDue(lane: readonly PendingRequest[], dueMs: number): number {
  // Nearly always all of them.
  if (!((lane.at(-1)?.dueMs ?? 0) > dueMs)) return lane.length;
  let from = 0;
  let to = lane.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((lane[middle]?.dueMs ?? 0) > dueMs) to = middle;
    else from = middle + 1;
  }
  return from;
}
