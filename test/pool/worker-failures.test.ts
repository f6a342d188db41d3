import assert from "node:assert/strict";
import { suite, test } from "node:test";
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

const losses = [
  { input: "exit:0", cause: "exit" },
  { input: "exit:7", cause: "exit" },
  { input: "uncaught", cause: "exception" },
  { input: "out-of-memory", cause: "out-of-memory" },
];

suite("a worker that ends takes its requests along and is replaced", () => {
  for (const { input, cause } of losses) {
    test(input, { timeout: 20_000 }, async (t) => {
      const events = recordEvents();
      const pool = await readyPool(t, { events, limits: { workerHeapMb: 32 } });
      assert.deepEqual(await outcomesOf(pool, ["allow", input, "allow"]), [
        "POOL_WORKER_LOST",
        "POOL_WORKER_LOST",
        "POOL_WORKER_LOST",
      ]);
      assert.ok(events.seen.includes(`lost ${cause}`), String(events.seen));
      assert.equal(pool.state().inFlight, 0);
      await until(() => pool.isReady());
      assert.deepEqual(await outcomesOf(pool, ["allow", "deny"]), ["allow", "deny"]);
    });
  }
});

test("an uncaught exception of an idle worker is a loss", { timeout: 20_000 }, async (t) => {
  const events = recordEvents();
  const pool = await readyPool(t, { events });
  assert.deepEqual(await outcomesOf(pool, ["later-uncaught"]), ["allow"]);
  await until(() => events.seen.includes("lost exception"));
  await until(() => pool.isReady());
  assert.deepEqual(await outcomesOf(pool, ["allow"]), ["allow"]);
});

test("a hung worker is ended, and its requests are refused", { timeout: 20_000 }, async (t) => {
  const events = recordEvents();
  const pool = await readyPool(t, { events, limits: { workerTimeoutMs: 100 } });
  assert.deepEqual(await outcomesOf(pool, ["hang", "allow"]), [
    "POOL_WORKER_LOST",
    "POOL_WORKER_LOST",
  ]);
  assert.deepEqual(events.seen, ["lost hung", "shed worker-lost", "shed worker-lost"]);
  await until(() => pool.isReady());
  assert.deepEqual(await outcomesOf(pool, ["allow"]), ["allow"]);
});

test("a pool is not ready while all of its workers are stuck, but while one of them is", {
  timeout: 20_000,
}, async (t) => {
  const events = recordEvents();
  const limits = { workers: 2, workerTimeoutMs: 3_000, concurrentBatches: 1 };
  const pool = await readyPool(t, { events, limits });
  const first = outcomesOf(pool, ["hang"]);
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  assert.ok(pool.isReady());
  assert.deepEqual(await outcomesOf(pool, ["allow"]), ["allow"]);
  const second = outcomesOf(pool, ["hang"]);
  await until(() => pool.state().inFlight === 2);
  await until(() => !pool.isReady());
  assert.equal(pool.state().workersReady, 2);
  await until(() => pool.isReady());
  assert.ok(events.seen.includes("lost hung"));
  await Promise.all([first, second]);
});

test("a worker that answers batch after batch is not hung, however long in all", async (t) => {
  const events = recordEvents();
  const time = controlTime(t);
  const limits = { workerTimeoutMs: 400, maxBatch: 1, concurrentBatches: 2 };
  const pool = await readyPool(t, { events, limits });
  const gates = Array.from({ length: 4 }, () => createGate(t));
  const outcomes = gates.map((gate) => dispatch(pool, command(gate.command)));
  for (const [i, gate] of gates.entries()) {
    // Something is always on its way to the worker, for 1,400 ms in all.
    time.pass(350);
    // What the watchdog looks at, it looks at in a turn of its own.
    await new Promise(setImmediate);
    gate.open();
    assert.equal(nameOf((await outcomes[i]) ?? assert.fail()), "allow");
  }
  assert.deepEqual(events.seen, []);
});

test("a stalled main thread does not make the workers look hung", async (t) => {
  const events = recordEvents();
  const pool = await readyPool(t, { events, limits: { workerTimeoutMs: 50 } });
  const outcome = dispatch(pool, command("block:5"));
  // Right after the batch was sent, and before the loop comes to its timers, then to the answer.
  setImmediate(() => {
    const stalledUntil = performance.now() + 300;
    while (performance.now() < stalledUntil);
  });
  assert.equal(nameOf(await outcome), "allow");
  assert.deepEqual(events.seen, []);
});

const nonsense = [
  "throw",
  "answer-number",
  "answer-broken-json",
  "answer-null",
  "answer-too-few",
  "answer-too-many",
  "answer-senseless",
  "answer-allow-on-error",
  "answer-inherited-reason",
  "answer-unknown-code",
  "answer-without-counts",
];

suite("an answer that makes no sense allows nothing, and the worker is replaced", () => {
  for (const input of nonsense) {
    test(input, { timeout: 20_000 }, async (t) => {
      const events = recordEvents();
      const pool = await readyPool(t, { events });
      assert.deepEqual(await outcomesOf(pool, ["allow", input]), [
        "POOL_INTERNAL",
        "POOL_INTERNAL",
      ]);
      assert.deepEqual(events.seen, ["lost answer", "shed internal", "shed internal"]);
      await until(() => pool.isReady());
      assert.deepEqual(await outcomesOf(pool, ["allow"]), ["allow"]);
    });
  }
});

test("a fault in one evaluation leaves the batch and the worker alone", async (t) => {
  const events = recordEvents();
  const pool = await readyPool(t, { events });
  assert.deepEqual(await outcomesOf(pool, ["allow", "fault", "deny"]), [
    "allow",
    "POOL_INTERNAL",
    "deny",
  ]);
  assert.deepEqual(events.seen, ["failed planted", "shed internal"]);
});

test("requests that cannot be packed are refused, and the pool goes on", async (t) => {
  const events = recordEvents();
  const pool = await readyPool(t, { events });
  const circular: Record<string, never> = {};
  Object.assign(circular, { circular });
  const outcome = await dispatch(pool, { payload: circular, sizeBytes: 1 });
  assert.equal(nameOf(outcome), "POOL_INTERNAL");
  assert.deepEqual(await outcomesOf(pool, ["allow"]), ["allow"]);
});

test("other workers go on while one is replaced, and traffic waits for the replacement", async (t) => {
  const pool = await readyPool(t, { limits: { workers: 2 } });
  const lost = outcomesOf(pool, ["exit"]);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(await outcomesOf(pool, ["allow", "allow"]), ["allow", "allow"]);
  assert.deepEqual(await lost, ["POOL_WORKER_LOST"]);
  assert.equal(pool.state().workersReady, 1);
  assert.ok(pool.isReady());
  await until(() => pool.state().workersReady === 2);
});

test("the only worker's replacement gets what waits meanwhile", { timeout: 20_000 }, async (t) => {
  const pool = await readyPool(t);
  assert.deepEqual(await outcomesOf(pool, ["exit"]), ["POOL_WORKER_LOST"]);
  assert.equal(pool.isReady(), false);
  assert.deepEqual(await outcomesOf(pool, ["allow"]), ["allow"]);
});

test("a crash loop is slowed down, and requests are refused meanwhile", async (t) => {
  const events = recordEvents();
  const time = controlTime(t);
  const pool = await readyPool(t, { events });
  for (const waitMs of [0, 100, 200]) {
    assert.deepEqual(await outcomesOf(pool, ["exit"]), ["POOL_WORKER_LOST"]);
    if (waitMs > 0) {
      time.pass(waitMs - 1);
      assert.deepEqual(await outcomesOf(pool, ["allow"]), ["POOL_NOT_READY"]);
      time.pass(1);
    }
    await until(() => pool.isReady());
  }
  assert.deepEqual(await outcomesOf(pool, ["allow"]), ["allow"]);
});

test("what waits when the last worker is lost again is refused, not kept", async (t) => {
  const pool = await readyPool(t, { limits: { maxBatch: 1, concurrentBatches: 1 } });
  const lost = "POOL_WORKER_LOST";
  assert.deepEqual(await outcomesOf(pool, ["exit", "exit", "allow"]), [lost, lost, lost]);
});

test("a lost worker is replaced by one, no more", { timeout: 20_000 }, async (t) => {
  const started: unknown[] = [];
  const note = (worker: unknown): void => void started.push(worker);
  process.on("worker", note);
  t.after(() => process.off("worker", note));
  const pool = await readyPool(t);
  await outcomesOf(pool, ["exit"]);
  await until(() => pool.isReady());
  assert.equal(started.length, 2);
});
