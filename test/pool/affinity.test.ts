import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { CheckInput } from "../../src/model/check-input.ts";
import type { Pool } from "../../src/pool/create-pool.ts";
import { type Outcome, PoolError } from "../../src/pool/dispatcher.ts";
import { dispatch, outcomesOf, readyPool, recordEvents, until } from "./pool-harness.ts";

/** A request with a credential, answered by the worker's thread id; `text` may be another command. */
function withCredential(credential: number, text = "who"): CheckInput {
  return { payload: { command: text, affinity: credential }, sizeBytes: 1_000 };
}

function threadOf(outcome: Outcome): string {
  return outcome instanceof PoolError ? outcome.code : outcome.body;
}

/** The threads that requests with these credentials come to, one after the other. */
async function threadsOf(pool: Pool, credentials: readonly number[]): Promise<string[]> {
  const threads: string[] = [];
  for (const credential of credentials) {
    threads.push(threadOf(await dispatch(pool, withCredential(credential))));
  }
  return threads;
}

suite("requests with one credential go to one worker", () => {
  for (const workers of [2, 4]) {
    test(`of ${workers}`, async (t) => {
      const pool = await readyPool(t, { mood: "unknown-tokens", limits: { workers } });
      const credentials = Array.from({ length: 4 * workers }, (_, index) => index);
      const first = await threadsOf(pool, credentials);
      assert.equal(new Set(first).size, workers);
      assert.deepEqual(first.slice(workers), first.slice(0, -workers));
      assert.deepEqual(await threadsOf(pool, credentials), first);
      // All in one turn: the same workers again, as long as tokens are new to them.
      const turn = credentials.map((credential) => dispatch(pool, withCredential(credential)));
      assert.deepEqual((await Promise.all(turn)).map(threadOf), first);
    });
  }
});

test("once workers know the tokens a small turn is one batch, as without credentials", async (t) => {
  const events = recordEvents();
  const pool = await readyPool(t, { events, limits: { workers: 2 } });
  const alternating = Array.from({ length: 40 }, (_, index) => index % 2);
  await threadsOf(pool, alternating);
  events.batches.length = 0;
  await Promise.all(
    alternating.slice(0, 32).map((credential) => dispatch(pool, withCredential(credential))),
  );
  assert.deepEqual(events.batches, [32]);
  await Promise.all(alternating.map((credential) => dispatch(pool, withCredential(credential))));
  assert.deepEqual(events.batches, [32, 20, 20]);
});

test("a lost worker's credentials go elsewhere, and back to the one that replaces it", async (t) => {
  const events = recordEvents();
  const pool = await readyPool(t, { events, limits: { workers: 2 } });
  const [even, odd] = await threadsOf(pool, [0, 1]);
  assert.equal(threadOf(await dispatch(pool, withCredential(0, "exit"))), "POOL_WORKER_LOST");
  assert.deepEqual(await threadsOf(pool, [0, 1, 2]), [odd, odd, odd]);
  await until(() => pool.state().workersReady === 2);
  const [replaced, ...rest] = await threadsOf(pool, [0, 1, 2]);
  assert.ok(replaced !== even && replaced !== odd, `${replaced} is new`);
  assert.deepEqual(rest, [odd, replaced]);
});

test("what waits for a worker that is lost is given to others", async (t) => {
  const limits = { workers: 2, maxBatch: 1, concurrentBatches: 1 };
  const pool = await readyPool(t, { limits });
  const [, odd] = await threadsOf(pool, [0, 1]);
  const lost = dispatch(pool, withCredential(0, "uncaught"));
  const busy = dispatch(pool, withCredential(1, "block:30"));
  const waiting = [2, 4, 6].map((credential) => dispatch(pool, withCredential(credential)));
  assert.equal(threadOf(await lost), "POOL_WORKER_LOST");
  assert.equal(threadOf(await busy), "");
  assert.deepEqual((await Promise.all(waiting)).map(threadOf), [odd, odd, odd]);
});

test("one credential keeps all workers busy when it has work for all", async (t) => {
  const pool = await readyPool(t, { limits: { workers: 2, maxBatch: 1 } });
  await threadsOf(pool, [0, 1]);
  // The first two find out what they cost.
  const turn = Array.from({ length: 8 }, () => dispatch(pool, withCredential(0, "block-who:20")));
  const threads = (await Promise.all(turn)).map(threadOf);
  const counts = [...new Set(threads)].map(
    (thread) => threads.filter((other) => other === thread).length,
  );
  assert.equal(counts.length, 2);
  assert.ok(Math.min(...counts) >= 2, String(counts));
});

test("a hung worker does not keep its credentials waiting", async (t) => {
  const pool = await readyPool(t, { limits: { workers: 2, workerTimeoutMs: 2_000 } });
  const [even, odd] = await threadsOf(pool, [0, 1]);
  const hung = dispatch(pool, withCredential(0, "hang"));
  await new Promise((resolve) => setTimeout(resolve, 5));
  const threads = await threadsOf(pool, [0, 2, 0, 2]);
  assert.deepEqual(threads, [odd, odd, odd, odd]);
  assert.notEqual(even, odd);
  await pool.close(0);
  assert.equal(threadOf(await hung), "POOL_CLOSED");
});

test("a single worker is not asked for affinities", async (t) => {
  const asked: CheckInput[] = [];
  const affinityOf = (input: CheckInput): number => asked.push(input);
  const one = await readyPool(t, { affinityOf });
  assert.deepEqual(await outcomesOf(one, ["allow", "deny"]), ["allow", "deny"]);
  assert.equal(asked.length, 0);
  const two = await readyPool(t, { affinityOf, limits: { workers: 2 } });
  assert.deepEqual(await outcomesOf(two, ["allow", "deny"]), ["allow", "deny"]);
  assert.equal(asked.length, 2);
});
