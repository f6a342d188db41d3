import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { ThreadedPool } from "../../src/pool/create-pool.ts";
import {
  command,
  controlTime,
  createGate,
  dispatch,
  nameOf,
  outcomesOf,
  readyPool,
  recordEvents,
  until,
} from "./pool-harness.ts";

const batchings = [
  { name: "one request is a batch", requests: 1, want: [1] },
  { name: "a turn is one batch", requests: 32, want: [32] },
  { name: "more is split evenly", requests: 33, want: [17, 16] },
  { name: "waits for a free worker", requests: 100, want: [25, 25, 25, 25] },
];

suite("what arrived in one turn goes together", () => {
  for (const { name, requests, want } of batchings) {
    test(name, async (t) => {
      const events = recordEvents();
      const pool = await readyPool(t, { events });
      await outcomesOf(
        pool,
        Array.from({ length: requests }, () => "allow"),
      );
      assert.deepEqual(events.batches, want);
    });
  }
});

test("a large turn is spread over the workers", async (t) => {
  const pool = await readyPool(t, { limits: { workers: 2 } });
  const bodies = Array.from({ length: 64 }, () => dispatch(pool, command("thread")));
  // Each worker counts its own batches: two that were the first of theirs went to different ones.
  const want = Array.from({ length: 64 }, () => ({
    allowed: true,
    reason: "passed",
    body: "1/32",
  }));
  assert.deepEqual(await Promise.all(bodies), want);
});

test("requests that take long go in small batches", async (t) => {
  const events = recordEvents();
  const pool = await readyPool(t, { events, mood: "dear:20" });
  await outcomesOf(pool, ["allow"]);
  await outcomesOf(pool, ["allow", "allow", "allow"]);
  assert.deepEqual(events.batches, [1, 1, 1, 1]);
});

test("each caller gets its own decision", async (t) => {
  const pool = await readyPool(t, { limits: { workers: 2 } });
  const commands = Array.from({ length: 500 }, (_, index) => (index % 3 === 0 ? "deny" : "allow"));
  assert.deepEqual(await outcomesOf(pool, commands), commands);
});

test("10,000 requests at once are all answered", { timeout: 30_000 }, async (t) => {
  const pool = await readyPool(t, { limits: { workers: 2, maxQueue: 10_000 } });
  const commands = Array.from({ length: 10_000 }, (_, index) =>
    index % 7 === 0 ? "deny" : "allow",
  );
  assert.deepEqual(await outcomesOf(pool, commands), commands);
  assert.equal(pool.state().waiting + pool.state().inFlight, 0);
});

test("beyond the queue's bound requests are refused at once", async (t) => {
  const events = recordEvents();
  const pool = await readyPool(t, { events, limits: { maxQueue: 3, maxBatch: 1 } });
  const gate = createGate(t);
  const wait = gate.command;
  const first = outcomesOf(pool, [wait, "allow", "allow", "allow", "allow"]);
  await until(() => pool.state().inFlight === 2);
  assert.deepEqual(pool.state().waiting, 1);
  assert.deepEqual(await outcomesOf(pool, ["allow"]), ["POOL_QUEUE_FULL"]);
  gate.open();
  const full = "POOL_QUEUE_FULL";
  assert.deepEqual(await first, ["allow", "allow", "allow", full, full]);
  assert.deepEqual(await outcomesOf(pool, ["allow"]), ["allow"]);
  assert.deepEqual(events.seen, Array(3).fill("shed queue-full"));
});

test("a batch ends where its requests grow too large together", async (t) => {
  const events = recordEvents();
  const pool = await readyPool(t, { events, limits: { maxBatchBytes: 1_000 } });
  const sizes = [400, 400, 400, 2_000, 500, 500, 1];
  const outcomes = sizes.map((size) => dispatch(pool, command("allow", size)));
  assert.deepEqual((await Promise.all(outcomes)).map(nameOf), Array(7).fill("allow"));
  assert.deepEqual(events.batches, [2, 1, 1, 2, 1]);
});

test("beyond the queue's bound in bytes requests are refused, but never one that is alone", async (t) => {
  const pool = await readyPool(t, { limits: { maxQueueBytes: 1_000, concurrentBatches: 1 } });
  const gate = createGate(t);
  const first = dispatch(pool, command(gate.command, 5_000));
  await until(() => pool.state().inFlight === 1);
  const rest = [600, 500, 400].map((size) => dispatch(pool, command("allow", size)));
  assert.equal(nameOf((await rest[1]) ?? assert.fail()), "POOL_QUEUE_FULL");
  gate.open();
  assert.equal(nameOf(await first), "allow");
  assert.deepEqual((await Promise.all(rest)).map(nameOf), ["allow", "POOL_QUEUE_FULL", "allow"]);
});

const deadlines = [
  { name: "zero", waitMs: 0 },
  { name: "negative", waitMs: -5 },
  { name: "minus infinity", waitMs: Number.NEGATIVE_INFINITY },
  { name: "not a number", waitMs: Number.NaN },
];

suite("a deadline that has passed is refused without being sent", () => {
  for (const { name, waitMs } of deadlines) {
    test(name, async (t) => {
      const events = recordEvents();
      const pool = await readyPool(t, { events });
      assert.deepEqual(await outcomesOf(pool, ["allow"], waitMs), ["POOL_DEADLINE"]);
      assert.deepEqual(events.batches, []);
    });
  }
});

/** However much time a test lets pass, no worker is ended for it. */
const patient = { workerTimeoutMs: 1_000_000 };

test("a deadline passes in flight: refused then, whatever the worker is at", async (t) => {
  const events = recordEvents();
  const pool = await readyPool(t, { events, limits: patient });
  const time = controlTime(t);
  const outcomes = outcomesOf(pool, ["hang", "allow"], 60_000);
  await events.sent();
  time.pass(59_000);
  assert.deepEqual(events.seen, []);
  time.pass(1_000);
  assert.deepEqual(await outcomes, ["POOL_DEADLINE", "POOL_DEADLINE"]);
  assert.equal(pool.state().inFlight, 2);
  assert.deepEqual(events.seen, ["shed deadline-passed", "shed deadline-passed"]);
});

test("an answer that comes after the deadline is dropped", async (t) => {
  const events = recordEvents();
  const pool = await readyPool(t, { events, limits: patient });
  const time = controlTime(t);
  const gate = createGate(t);
  const outcomes = outcomesOf(pool, [gate.command, "allow"], 60_000);
  await events.sent();
  time.pass(60_000);
  assert.deepEqual(await outcomes, ["POOL_DEADLINE", "POOL_DEADLINE"]);
  gate.open();
  await until(() => pool.state().inFlight === 0);
  assert.deepEqual(events.seen, ["shed deadline-passed", "shed deadline-passed"]);
});

test("a deadline passes while waiting: refused then, and never sent", async (t) => {
  const events = recordEvents();
  const pool = await readyPool(t, { events, limits: { ...patient, concurrentBatches: 1 } });
  const time = controlTime(t);
  void outcomesOf(pool, ["hang"]);
  await until(() => pool.state().inFlight === 1);
  const outcomes = outcomesOf(pool, ["allow"], 60_000);
  await until(() => pool.state().waiting === 1);
  time.pass(60_000);
  assert.deepEqual(await outcomes, ["POOL_DEADLINE"]);
  assert.deepEqual([pool.state().waiting, pool.state().inFlight], [0, 1]);
  assert.deepEqual(events.batches, [1]);
});

test("a caller that goes while its request waits has it dropped, and the others go on", async (t) => {
  const events = recordEvents();
  const pool = await readyPool(t, { events, limits: { concurrentBatches: 1 } });
  const gate = createGate(t);
  const first = dispatch(pool, command(gate.command));
  await until(() => pool.state().inFlight === 1);
  let gone = false;
  // Its turn would end the worker.
  const second = dispatch(pool, command("exit"), Infinity, () => gone);
  const third = dispatch(pool, command("deny"), Infinity, () => false);
  await until(() => pool.state().waiting === 2);
  gone = true;
  gate.open();
  assert.deepEqual((await Promise.all([first, second, third])).map(nameOf), [
    "allow",
    "POOL_ABANDONED",
    "deny",
  ]);
  assert.deepEqual(events.batches, [1, 1]);
  assert.deepEqual(events.seen, ["shed abandoned"]);
});

test("an earlier deadline that comes later is kept as well", async (t) => {
  const events = recordEvents();
  const pool = await readyPool(t, { events, limits: { ...patient, concurrentBatches: 1 } });
  const time = controlTime(t);
  const first = outcomesOf(pool, ["hang"], 100_000);
  await until(() => pool.state().inFlight === 1);
  const second = outcomesOf(pool, ["allow"], 30_000);
  await until(() => pool.state().waiting === 1);
  time.pass(30_000);
  assert.deepEqual(await second, ["POOL_DEADLINE"]);
  assert.equal(events.seen.length, 1);
  time.pass(70_000);
  assert.deepEqual(await first, ["POOL_DEADLINE"]);
});

test("what comes in on the main thread after the deadline is dropped, allow or not", async (t) => {
  const events = recordEvents();
  const pool = await readyPool(t, { events, limits: patient });
  const time = controlTime(t);
  const outcome = dispatch(pool, command("allow"), 60_000);
  await events.sent();
  // The worker answers in time, while the main thread is held up past the deadline.
  time.setForward(60_000);
  assert.equal(nameOf(await outcome), "POOL_DEADLINE");
  assert.equal(pool.state().inFlight, 0);
});

test("what a worker leaves out as overdue is refused like what is overdue here", async (t) => {
  const events = recordEvents();
  const pool = await readyPool(t, { events });
  assert.deepEqual(await outcomesOf(pool, ["allow", "overdue", "deny"]), [
    "allow",
    "POOL_DEADLINE",
    "deny",
  ]);
  assert.deepEqual(events.seen, ["shed deadline-passed"]);
});

test("a worker is told the deadlines, and leaves out what is overdue when its turn comes", async (t) => {
  const events = recordEvents();
  const pool = await readyPool(t, { events });
  // A minute earlier here than at the worker, where one of the deadlines has passed.
  controlTime(t).setForward(-60_000);
  const first = dispatch(pool, command("allow"), 120_000);
  // Its turn would end the worker.
  const second = dispatch(pool, command("exit"), 30_000);
  const third = dispatch(pool, command("deny"), 120_000);
  assert.deepEqual((await Promise.all([first, second, third])).map(nameOf), [
    "allow",
    "POOL_DEADLINE",
    "deny",
  ]);
  assert.deepEqual(events.batches, [3]);
  assert.deepEqual(events.seen, ["shed deadline-passed"]);
});

test("what is due first goes first, and else what came first", async (t) => {
  const pool = await readyPool(t, { limits: { maxBatch: 1, concurrentBatches: 1 } });
  const order: number[] = [];
  const waits = [10_000, 20_000, 5_000, Infinity, 20_000, Infinity];
  await Promise.all(
    waits.map(async (waitMs, index) => {
      await dispatch(pool, command("allow"), waitMs);
      order.push(index);
    }),
  );
  assert.deepEqual(order, [2, 0, 1, 4, 3, 5]);
});

test("a request with little time does not wait behind those that have more", async (t) => {
  const events = recordEvents();
  // Each request claims 2 s of its worker, so that ten of them would be too many before it.
  const pool = await readyPool(t, { events, mood: "dear:2000", limits: { concurrentBatches: 1 } });
  await growUp(pool);
  const queue = outcomesOf(pool, Array(10).fill("allow"), 100_000);
  assert.deepEqual(await outcomesOf(pool, ["allow"], 15_000), ["allow"]);
  assert.deepEqual(await queue, Array(10).fill("allow"));
  assert.deepEqual(events.seen, []);
});

test("a queue too long for the deadline is refused at once", async (t) => {
  const events = recordEvents();
  // Each request claims 2 s of its worker.
  const pool = await readyPool(t, { events, mood: "dear:2000", limits: { concurrentBatches: 1 } });
  await growUp(pool);
  const queue = outcomesOf(pool, Array(10).fill("allow"), 19_000);
  const late = outcomesOf(pool, ["allow"], 19_500);
  const early = outcomesOf(pool, ["allow"], 1_000_000);
  assert.deepEqual(await late, ["POOL_DEADLINE"]);
  assert.deepEqual(events.seen, ["shed unreachable"]);
  assert.deepEqual(await early, ["allow"]);
  await queue;
});

test("a pool that has just begun refuses nothing by its first estimates", async (t) => {
  const events = recordEvents();
  const pool = await readyPool(t, { events, mood: "dear:2000", limits: { concurrentBatches: 1 } });
  await outcomesOf(pool, ["allow"]);
  // Its first batch says that these take ten times as long as they may.
  const burst = Array(50).fill("allow");
  assert.deepEqual(await outcomesOf(pool, burst, 10_000), burst);
  assert.deepEqual(events.seen, []);
  await growUp(pool);
  assert.ok((await outcomesOf(pool, burst, 10_000)).includes("POOL_DEADLINE"));
  assert.ok(events.seen.every((event) => event === "shed unreachable"));
});

/** Has so many batches answered that the pool believes its estimates. */
async function growUp(pool: ThreadedPool): Promise<void> {
  for (let batch = 0; batch < 64; batch++) await outcomesOf(pool, ["allow"]);
}

test("the token caches of all workers are counted together", async (t) => {
  const pool = await readyPool(t, { limits: { maxBatch: 1 } });
  await outcomesOf(pool, ["allow", "allow", "allow"]);
  assert.equal(pool.state().jwtCacheHits, 3);
  await outcomesOf(pool, ["exit"]);
  assert.deepEqual(await outcomesOf(pool, ["allow"]), ["allow"]);
  assert.equal(pool.state().jwtCacheHits, 4);
});
