import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { PoolStartError } from "../../src/pool/pool-start-error.ts";
import { outcomesOf, recordEvents, startPool } from "./pool-harness.ts";

const failures = [
  { mood: "throw-at-start", message: /planted/, diagnostics: 0 },
  { mood: "exit-at-start", message: /exited/, diagnostics: 0 },
  { mood: "hang-at-start", message: /in time/, diagnostics: 0 },
  { mood: "senseless-probe", message: /makes no sense/, diagnostics: 0 },
  { mood: "not-compiled", message: /did not compile/, diagnostics: 1 },
];

suite("a pool whose workers cannot start says so and is closed", () => {
  for (const { mood, message, diagnostics } of failures) {
    test(mood, { timeout: 20_000 }, async (t) => {
      const events = recordEvents();
      const pool = startPool(t, { mood, events, limits: { workers: 2, startTimeoutMs: 3_000 } });
      await assert.rejects(pool.ready(), (error) => {
        assert.ok(error instanceof PoolStartError);
        assert.match(error.message, message);
        assert.equal(error.diagnostics.length, diagnostics);
        return true;
      });
      assert.equal(pool.isReady(), false);
      assert.deepEqual(await outcomesOf(pool, ["allow"]), ["POOL_CLOSED"]);
      // Policies that do not compile are no loss of a worker: their diagnostics tell.
      assert.equal(events.seen.includes("lost start"), diagnostics === 0, String(events.seen));
    });
  }
});

test("requests before every worker is ready are refused", async (t) => {
  const pool = startPool(t, { mood: "slow-start" });
  assert.equal(pool.isReady(), false);
  assert.deepEqual(await outcomesOf(pool, ["allow"]), ["POOL_NOT_READY"]);
  await pool.ready();
  assert.ok(pool.isReady());
  assert.deepEqual(await outcomesOf(pool, ["allow"]), ["allow"]);
});

test("the pool tells what its workers said of the policies", async (t) => {
  const pool = startPool(t);
  assert.equal(pool.policies(), undefined);
  await pool.ready();
  assert.deepEqual(pool.policies()?.policyNames, ["scripted"]);
  assert.deepEqual(pool.policies()?.diagnostics, []);
});

test("closing while starting rejects ready", async (t) => {
  const pool = startPool(t, { mood: "slow-start" });
  const ready = assert.rejects(pool.ready(), PoolStartError);
  await pool.close(0);
  await ready;
});
