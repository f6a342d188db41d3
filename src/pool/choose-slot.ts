import type { WorkerSlot } from "./worker-slot.ts";

/**
 * Returns the ready worker with the fewest requests that may be given another batch, or undefined when there is none.
 * The one place that knows which worker gets what.
 */
export function chooseSlot(
  slots: readonly WorkerSlot[],
  concurrentBatches: number,
): WorkerSlot | undefined {
  let chosen: WorkerSlot | undefined;
  for (const slot of slots) {
    if (!slot.ready || slot.batches.size >= concurrentBatches) continue;
    if (chosen === undefined || slot.requests < chosen.requests) chosen = slot;
  }
  return chosen;
}
