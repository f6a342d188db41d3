import type { TestContext } from "node:test";

/** Stops both clocks of the thread, timers aside, for the rest of the test; returns the time of `performance.now()`. */
export function freezeTime({ mock }: TestContext): number {
  // Whole, so that sums of it are exact.
  const nowMs = Math.ceil(performance.now());
  mock.method(performance, "now", () => nowMs);
  mock.timers.enable({ apis: ["Date"], now: Date.now() });
  return nowMs;
}
