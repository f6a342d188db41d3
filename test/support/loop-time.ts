import type { TestContext } from "node:test";
import type { LoopTime } from "../../src/transport/http2/turn-clock.ts";

/** The time of the thread, which passes only when a test says so; timers are due by it. */
export interface TestLoopTime extends LoopTime {
  /** Lets time pass in which the loop had something to do: nothing is read and no timer fires meanwhile. */
  work(milliseconds: number): void;
  /** Lets time pass in which the loop sleeps, then fires what is due. */
  rest(milliseconds: number): void;
}

/** Returns the thread's time, for timers that are set from now on. */
export function controlLoopTime({ mock }: TestContext): TestLoopTime {
  let nowMs = 1_000;
  let idleMs = 500;
  mock.method(performance, "now", () => nowMs);
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  return {
    nowMs: () => nowMs,
    idleMs: () => idleMs,
    work(milliseconds) {
      nowMs += milliseconds;
    },
    rest(milliseconds) {
      nowMs += milliseconds;
      idleMs += milliseconds;
      mock.timers.tick(milliseconds);
    },
  };
}
