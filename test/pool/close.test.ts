import assert from "node:assert/strict";
import { test } from "node:test";
import { controlTime, outcomesOf, readyPool, recordEvents, until } from "./pool-harness.ts";

test("closing answers what was dispatched before, and refuses what comes after", async (t) => {
  const pool = await readyPool(t, { limits: { maxBatch: 1 } });
  const before = outcomesOf(pool, ["block:20", "allow", "deny", "allow"]);
  const closed = pool.close(5_000);
  assert.equal(pool.isReady(), false);
  const after = outcomesOf(pool, ["allow"]);
  assert.deepEqual(await after, ["POOL_CLOSED"]);
  assert.deepEqual(await before, ["allow", "allow", "deny", "allow"]);
  await closed;
  assert.equal(pool.state().workersReady, 0);
  assert.deepEqual(await outcomesOf(pool, ["allow"]), ["POOL_CLOSED"]);
});

test("an idle pool closes without waiting for the grace period", async (t) => {
  const pool = await readyPool(t);
  controlTime(t);
  // No time passes.
  await pool.close(60_000);
});

test("past the grace period the rest is refused and busy workers are ended", async (t) => {
  const events = recordEvents();
  const pool = await readyPool(t, { events, limits: { maxBatch: 1, concurrentBatches: 1 } });
  const outcomes = outcomesOf(pool, ["hang", "allow"]);
  await until(() => pool.state().inFlight === 1);
  const time = controlTime(t);
  const closed = pool.close(60_000);
  time.pass(59_999);
  assert.deepEqual(events.seen, []);
  time.pass(1);
  await closed;
  assert.deepEqual(await outcomes, ["POOL_CLOSED", "POOL_CLOSED"]);
  assert.deepEqual(events.seen, ["shed closed", "shed closed"]);
});

test("deadlines hold while closing", async (t) => {
  const pool = await readyPool(t);
  const time = controlTime(t);
  const outcomes = outcomesOf(pool, ["hang"], 1_000);
  let isClosed = false;
  const closed = (async () => {
    await pool.close(2_000);
    isClosed = true;
  })();
  time.pass(1_000);
  assert.deepEqual(await outcomes, ["POOL_DEADLINE"]);
  await new Promise(setImmediate);
  assert.equal(isClosed, false);
  time.pass(1_000);
  await closed;
});

test("a worker lost while closing is made good for what still waits", async (t) => {
  const pool = await readyPool(t, { limits: { maxBatch: 1, concurrentBatches: 1 } });
  const outcomes = outcomesOf(pool, ["exit", "allow"]);
  await pool.close(10_000);
  assert.deepEqual(await outcomes, ["POOL_WORKER_LOST", "allow"]);
});

test("closing twice is closing once", async (t) => {
  const pool = await readyPool(t);
  await Promise.all([pool.close(100), pool.close(0)]);
  await pool.close(0);
});
