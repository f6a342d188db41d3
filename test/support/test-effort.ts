/**
 * Whether this run tries every case there is. `.ci/run` does (`TEST_EFFORT=full`); a developer's run tries a share of
 * those that are many of a kind, so that it stays under four minutes on two cores.
 */
const isFull = process.env["TEST_EFFORT"] === "full";

/** Returns one of every `step` cases, from the case at `from` on; in a full run all of them. */
export function shareOf<T>(cases: readonly T[], step: number, from = 0): readonly T[] {
  return isFull ? cases : cases.filter((_, i) => i % step === from % step);
}

/** Returns how many of `count` random cases to try: one of every `step`; in a full run all of them. */
export function countOf(count: number, step: number): number {
  return isFull ? count : Math.ceil(count / step);
}
