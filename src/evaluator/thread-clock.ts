/**
 * A clock that all threads of a process share. `performance.now()` counts from each thread's own start, and its
 * `timeOrigin` from a wall clock that may have been set in between, so neither can be compared across threads.
 */

/** What the shared clock is ahead of this thread's `performance.now()`, in milliseconds. */
const aheadMs = measureAhead();

/** Returns the time of this thread's `performance.now()` on the clock that all threads share, in milliseconds. */
export function toSharedMs(localMs: number): number {
  return localMs + aheadMs;
}

/** Returns the time of the shared clock as this thread's `performance.now()` counts it. */
export function toLocalMs(sharedMs: number): number {
  return sharedMs - aheadMs;
}

/** A thread that loses the core between the two readings gets too little, so the most of several is right. */
function measureAhead(): number {
  const samples = Array.from({ length: 5 }, () => {
    const sharedMs = Number(process.hrtime.bigint()) / 1e6;
    return sharedMs - performance.now();
  });
  return Math.max(...samples);
}
