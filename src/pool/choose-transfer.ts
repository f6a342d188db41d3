import type { PendingRequest } from "./pending-request.ts";

/** A worker's place, as far as the choice needs to know it. */
export interface SlotLoad {
  /** Whether it takes requests at all. */
  readonly ready: boolean;
  readonly batches: { readonly length: number };
  /** How many requests it has not answered. */
  readonly requests: number;
  /** For how long it has been at the oldest of its batches, in milliseconds; 0 when it has none. */
  busyMs(nowMs: number): number;
}

/** The grounds of a choice. */
export interface TransferOptions {
  /** How many batches a worker may have at a time. */
  readonly concurrentBatches: number;
  readonly nowMs: number;
  /** What a request takes a worker, by estimate; undefined as long as nothing is known. */
  readonly requestMs: number | undefined;
  /** How much more work a lane's own worker may have to do yet than the least busy one, in milliseconds. */
  readonly mostBehindMs: number;
}

/** A choice of the worker that gets a batch, and of its lane. */
export interface Transfer<Slot extends SlotLoad> {
  readonly slot: Slot;
  readonly lane: number;
}

/** How long requests wait for their lane's own worker while others could take them. */
const patienceMs = 1;

/**
 * Returns which worker gets a batch of which lane next, or undefined when nothing waits or nobody may take it. A
 * lane goes to its own worker unless that one is not ready or too far behind the least busy of them, so that no worker is
 * idle while a request waits, however few credentials the requests have. Among lanes goes first what is due first, but
 * what goes to another's worker counts as due a little later: nobody takes it before its own.
 */
export function chooseTransfer<Slot extends SlotLoad>(
  slots: readonly Slot[],
  lanes: readonly (readonly PendingRequest[])[],
  options: TransferOptions,
): Transfer<Slot> | undefined {
  const leastBusy = findLeastBusy(slots, options);
  if (leastBusy === undefined) return undefined;
  let chosen: Transfer<Slot> | undefined;
  let chosenRankMs = Number.POSITIVE_INFINITY;
  for (const [lane, [first]] of lanes.entries()) {
    if (first === undefined) continue;
    const own = lane === lanes.length - 1 ? undefined : slots[lane];
    const slot = chooseSlot(own, leastBusy, first, options);
    if (slot === undefined) continue;
    const isPassedOn = own !== undefined && slot !== own;
    const rankMs = first.dueMs + (isPassedOn ? patienceMs : 0);
    if (chosen !== undefined && rankMs >= chosenRankMs) continue;
    chosen = { slot, lane };
    chosenRankMs = rankMs;
  }
  return chosen;
}

/** The worker that a lane goes to now, given the lane's own one; undefined when it is better to wait for that. */
function chooseSlot<Slot extends SlotLoad>(
  own: Slot | undefined,
  leastBusy: Slot,
  first: PendingRequest,
  options: TransferOptions,
): Slot | undefined {
  if (own === undefined || own === leastBusy || !own.ready) return leastBusy;
  if (hasRoom(own, options)) {
    const isFarBehind = workMs(own, options) > workMs(leastBusy, options) + options.mostBehindMs;
    return isFarBehind ? leastBusy : own;
  }
  const hasWaited = options.nowMs - first.waitingSinceMs > patienceMs;
  return hasWaited || leastBusy.requests === 0 ? leastBusy : undefined;
}

function findLeastBusy<Slot extends SlotLoad>(
  slots: readonly Slot[],
  options: TransferOptions,
): Slot | undefined {
  let least: Slot | undefined;
  let leastMs = Number.POSITIVE_INFINITY;
  for (const slot of slots) {
    if (!hasRoom(slot, options)) continue;
    const slotMs = workMs(slot, options);
    if (least !== undefined && slotMs >= leastMs) continue;
    least = slot;
    leastMs = slotMs;
  }
  return least;
}

function hasRoom({ ready, batches }: SlotLoad, { concurrentBatches }: TransferOptions): boolean {
  return ready && batches.length < concurrentBatches;
}

/** What a worker has to do yet: by estimate, but no less than what its first batch has taken it already. */
function workMs(slot: SlotLoad, { nowMs, requestMs }: TransferOptions): number {
  if (slot.requests === 0) return 0;
  const estimateMs = slot.requests * (requestMs ?? Number.POSITIVE_INFINITY);
  return Math.max(estimateMs, slot.busyMs(nowMs));
}
