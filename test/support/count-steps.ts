import type { Steps } from "../../src/model/resumable.ts";

/** Returns how many steps work takes; `betweenSteps` is called after each. */
export function countSteps(steps: Steps<unknown>, betweenSteps: () => void = () => {}): number {
  let count = 1;
  while (steps.next().done !== true) {
    count += 1;
    betweenSteps();
  }
  betweenSteps();
  return count;
}
