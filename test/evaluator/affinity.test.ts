import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { suite, type TestContext, test } from "node:test";
import type { CheckInput } from "../../src/model/check-input.ts";
import { noDeadline } from "../../src/model/deadline.ts";
import { defaultPolicyOptions } from "../../src/model/limits.ts";
import type { PolicySnapshot } from "../../src/model/policy-snapshot.ts";
import { credentialAffinity } from "../../src/payload/credential-affinity.ts";
import { createThreadedPool, type ThreadedPool } from "../../src/pool/create-pool.ts";
import { type Outcome, PoolError } from "../../src/pool/dispatcher.ts";
import { defaultPoolLimits } from "../../src/pool/pool-options.ts";
import { createMetrics } from "../../src/telemetry/metrics.ts";
import { mintToken } from "../support/tokens.ts";

const book = new URL("../../policies/book.yaml", import.meta.url);
const snapshot: PolicySnapshot = {
  revision: "book",
  files: [{ path: "book.yaml", text: readFileSync(book, "utf8") }],
};
/** What a worker is given at a time, and how much of a turn is its own: all of it can go there at once. */
const limits = { maxBatch: 8, concurrentBatches: 2 };
const turnShare = limits.maxBatch * limits.concurrentBatches;

let minted = 0;
/** A turn of tokens that nobody has seen before, as many of them for each worker. */
function mintTurn(workers: number): readonly string[] {
  const lanes = Array.from({ length: workers }, (): string[] => []);
  while (lanes.some((lane) => lane.length < turnShare)) {
    const token = mintToken({ claims: { sub: `reader-${minted++}`, role: "admin" } });
    const lane = lanes[(credentialAffinity(inputWith(token)) ?? 0) % workers] ?? [];
    if (lane.length < turnShare) lane.push(token);
  }
  return lanes.flat();
}

/** A pool for which no time passes, here or in its workers: where requests go depends on nothing but their number. */
async function readyPool(t: TestContext, workers: number): Promise<ThreadedPool> {
  const pool = createThreadedPool({
    limits: { ...defaultPoolLimits, ...limits, workers },
    start: { snapshot, options: defaultPolicyOptions },
    workerUrl: new URL("./fixtures/timeless-worker.ts", import.meta.url).href,
    events: createMetrics({ processMetrics: false }).poolEvents,
    affinityOf: credentialAffinity,
  });
  t.after(() => pool.close(0));
  await pool.ready();
  const nowMs = performance.now();
  t.mock.method(performance, "now", () => nowMs);
  return pool;
}

/** `allow`, `deny` or the pool's code for each token, all in one turn. */
async function judgeAll(pool: ThreadedPool, credentials: readonly string[]): Promise<string[]> {
  return await Promise.all(credentials.map(async (token) => nameOf(await judge(pool, token))));
}

function judge(pool: ThreadedPool, token: string): Promise<Outcome> {
  return new Promise((resolve) => {
    pool.dispatch(inputWith(token), noDeadline, resolve);
  });
}

function inputWith(token: string): CheckInput {
  const http = { method: "GET", path: "/book", headers: { authorization: `Bearer ${token}` } };
  return { payload: { request: { http } }, sizeBytes: 1_000 };
}

function nameOf(outcome: Outcome): string {
  if (outcome instanceof PoolError) return outcome.code;
  return outcome.allowed ? "allow" : "deny";
}

suite("each token is verified once, however many workers there are", () => {
  for (const workers of [2, 4]) {
    test(`${workers} workers`, async (t) => {
      const pool = await readyPool(t, workers);
      // Until something is known of what requests cost they go wherever nothing is done.
      await judgeAll(pool, mintTurn(workers));
      const before = pool.state();
      const turns = 8;
      const size = turnShare * workers;
      for (let turn = 0; turn < turns; turn++) {
        const tokens = mintTurn(workers);
        // Each token four times, in another order each time.
        for (const stride of [1, 3, 5, 7]) {
          const order = tokens.map((_, place) => tokens[(place * stride) % size] ?? "");
          assert.deepEqual(await judgeAll(pool, order), Array(size).fill("allow"));
        }
      }
      const after = pool.state();
      assert.equal(after.jwtCacheMisses - before.jwtCacheMisses, turns * size);
      assert.equal(after.jwtCacheHits - before.jwtCacheHits, 3 * turns * size);
    });
  }
});
