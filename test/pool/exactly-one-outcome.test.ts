import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { dispatchAsDoor, nameOf, readyPool, recordEvents } from "./pool-harness.ts";

const commands = fc.oneof(
  { weight: 30, arbitrary: fc.constant("allow") },
  { weight: 20, arbitrary: fc.constant("deny") },
  { weight: 4, arbitrary: fc.constantFrom("block:1", "block:8", "fault", "overdue") },
  { weight: 2, arbitrary: fc.constantFrom("exit", "uncaught", "throw", "hang", "answer-too-few") },
);

const request = fc.record({
  text: commands,
  waitMs: fc.constantFrom(Number.POSITIVE_INFINITY, 500, 30, 3, 0),
  affinity: fc.constantFrom(null, 0, 1, 2, 3),
  sizeBytes: fc.constantFrom(1_000, 5_000, 200_000),
});

// Turns of requests, each so many milliseconds after the one before; the pool is closed amid the last.
const traffic = fc.array(
  fc.record({
    pauseMs: fc.constantFrom(0, 0, 1, 10),
    requests: fc.array(request, { maxLength: 80 }),
  }),
  { minLength: 1, maxLength: 12 },
);

test("every request gets exactly one outcome, whatever happens to the workers", {
  timeout: 60_000,
}, async (t) => {
  const property = fc.asyncProperty(
    traffic,
    fc.constantFrom(0, 20, 2_000),
    fc.constantFrom(1, 2, 3),
    async (turns, graceMs, workers) => {
      const events = recordEvents();
      const pool = await readyPool(t, {
        events,
        limits: { workers, maxBatch: 8, maxQueue: 120, workerTimeoutMs: 40 },
      });
      const outcomes: { text: string; got: string[] }[] = [];
      for (const { pauseMs, requests } of turns) {
        for (const { text, waitMs, affinity, sizeBytes } of requests) {
          const entry = { text, got: [] as string[] };
          outcomes.push(entry);
          const input = { payload: { command: text, affinity }, sizeBytes };
          dispatchAsDoor(pool, input, waitMs, (outcome) => {
            entry.got.push(nameOf(outcome));
          });
        }
        if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
      await pool.close(graceMs);
      for (const { text, got } of outcomes) {
        assert.equal(got.length, 1, `${text}: ${got.join(", ")}`);
        const honest = text === "deny" ? "deny" : "allow";
        assert.ok(got[0] === honest || got[0]?.startsWith("POOL_"), `${text}: ${got.join(", ")}`);
      }
      const refused = outcomes.filter(({ got }) => got[0]?.startsWith("POOL_")).length;
      assert.equal(events.seen.filter((event) => event.startsWith("shed ")).length, refused);
      const { waiting, inFlight } = pool.state();
      assert.deepEqual({ waiting, inFlight }, { waiting: 0, inFlight: 0 });
    },
  );
  await fc.assert(property, { numRuns: 25, seed: 20_261_123 });
});
