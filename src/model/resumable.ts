/** Work in steps, so that a thread with other work can do them one at a time; the last one gives the result. */
export type Steps<Result> = Generator<undefined, Result, undefined>;

/** Returns what the steps come to, all done at once. */
export function finishSteps<Result>(steps: Steps<Result>): Result {
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return step.value;
}

/** So many units, each of some microseconds at most, are done in one step. */
const unitsPerStep = 256;

/** Says when work that is done in small units is due for a step. */
export class Pace {
  #left = unitsPerStep;

  /** Returns whether to `yield` before the next unit. */
  isDue(): boolean {
    this.#left -= 1;
    if (this.#left > 0) return false;
    this.#left = unitsPerStep;
    return true;
  }
}
