import assert from "node:assert/strict";
import { test } from "node:test";
import { DeadlineTimer } from "../../src/pool/deadline-timer.ts";

const never = Number.POSITIVE_INFINITY;
const start = 1_000;

test("one timer runs for the earliest deadline, then for what the sweep leaves", (t) => {
  t.mock.method(performance, "now", () => start);
  t.mock.timers.enable({ apis: ["setTimeout"] });
  let sweeps = 0;
  const left = [start + 300, never];
  const timer = new DeadlineTimer(() => {
    sweeps++;
    return left[sweeps - 1] ?? never;
  });
  timer.watch(start + 100);
  timer.watch(start + 200);
  timer.watch(start + 50);
  const sweepsAfter = [49, 1, 200, 99, 1, 10_000].map((milliseconds) => {
    t.mock.timers.tick(milliseconds);
    return sweeps;
  });
  // The clock stands still, so the sweep at 50 ms sets the next one 300 ms on.
  assert.deepEqual(sweepsAfter, [0, 1, 1, 1, 2, 2]);
});

test("no deadline takes no timer, a far one the longest there is, and a stopped one fires no more", (t) => {
  t.mock.method(performance, "now", () => start);
  t.mock.timers.enable({ apis: ["setTimeout"] });
  let sweeps = 0;
  const timer = new DeadlineTimer(() => {
    sweeps++;
    return never;
  });
  timer.watch(never);
  timer.watch(1e300);
  t.mock.timers.tick(10_000);
  assert.equal(sweeps, 0);
  timer.watch(start + 10);
  timer.stop();
  t.mock.timers.tick(10_000);
  assert.equal(sweeps, 0);
});
