import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { suite, type TestContext, test } from "node:test";
import { createEvaluator } from "../../src/evaluator/evaluator.ts";
import { type BatchAnswer, packBatch, unpackAnswer } from "../../src/evaluator/protocol.ts";
import type { CheckInput } from "../../src/model/check-input.ts";
import { Deadline, noDeadline } from "../../src/model/deadline.ts";
import { defaultPolicyOptions } from "../../src/model/limits.ts";
import type { PolicySnapshot } from "../../src/model/policy-snapshot.ts";
import {
  createAutomaticPool,
  createInlinePool,
  createThreadedPool,
  type Pool,
  type ThreadedPoolOptions,
} from "../../src/pool/create-pool.ts";
import { type Outcome, PoolError } from "../../src/pool/dispatcher.ts";
import { startThread } from "../../src/pool/piscina-thread.ts";
import { defaultPoolLimits } from "../../src/pool/pool-options.ts";
import { PoolStartError } from "../../src/pool/pool-start-error.ts";
import { createMetrics } from "../../src/telemetry/metrics.ts";
import { mintToken } from "../support/tokens.ts";

const book = new URL("../../policies/book.yaml", import.meta.url);
const snapshot: PolicySnapshot = {
  revision: "book",
  files: [{ path: "book.yaml", text: readFileSync(book, "utf8") }],
};

function poolOptions(start: PolicySnapshot = snapshot): ThreadedPoolOptions {
  return {
    limits: { ...defaultPoolLimits, workers: 2 },
    start: { snapshot: start, options: defaultPolicyOptions },
    events: createMetrics({ processMetrics: false }).poolEvents,
  };
}

function createBookEvaluator() {
  const { evaluator } = createEvaluator(snapshot, defaultPolicyOptions);
  assert.ok(evaluator !== undefined);
  return evaluator;
}

const roles: readonly [string, string][] = [
  ["admin", mintToken({ claims: { role: "admin" } })],
  ["guest", mintToken({ claims: { role: "guest" } })],
  ["forged admin", mintToken({ claims: { role: "admin" }, secret: "guessed" })],
];

function requestOf(method: string, path: string, token?: string): CheckInput {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return { payload: { request: { http: { method, path, headers } } }, sizeBytes: 1_000 };
}

const requests = ["GET", "POST", "DELETE"].flatMap((method) =>
  ["/book", "/books", "/book\udc80", "__proto__"].flatMap((path) => [
    requestOf(method, path),
    ...roles.map(([, token]) => requestOf(method, path, token)),
  ]),
);

function dispatch(pool: Pool, input: CheckInput): Promise<Outcome> {
  return new Promise((resolve) => {
    pool.dispatch(input, noDeadline, resolve);
  });
}

const modes: { name: string; start: (t: TestContext) => Promise<Pool> }[] = [
  {
    name: "pool",
    start: async (t) => {
      const pool = createThreadedPool(poolOptions());
      t.after(() => pool.close(0));
      await pool.ready();
      return pool;
    },
  },
  {
    name: "auto",
    start: async (t) => {
      const inlineLimits = { maxTurnMicroseconds: 1e6, maxRequestBytes: 1e6, maxBodyLength: 1e6 };
      const pool = createAutomaticPool({ ...poolOptions(), inlineLimits });
      t.after(() => pool.close(0));
      await pool.ready();
      pool.useInline(createBookEvaluator());
      return pool;
    },
  },
  {
    name: "inline",
    start: () => {
      const { poolEvents } = createMetrics({ processMetrics: false });
      return Promise.resolve(createInlinePool(createBookEvaluator(), poolEvents));
    },
  },
];

suite("the same decisions wherever they are made", () => {
  for (const { name, start } of modes) {
    test(name, async (t) => {
      const pool = await start(t);
      const reference = createBookEvaluator();
      const want = requests.map((input) => reference.decide(input));
      assert.deepEqual(await Promise.all(requests.map((input) => dispatch(pool, input))), want);
      // Once more, one by one: the automatic mode has an estimate by now.
      const got: Outcome[] = [];
      for (const input of requests) got.push(await dispatch(pool, input));
      assert.deepEqual(got, want);
      assert.equal(want.filter((decision) => decision.allowed).length, 3);
    });
  }
});

test("the worker says which policies it compiled, and counts its tokens", async (t) => {
  const pool = createThreadedPool(poolOptions());
  t.after(() => pool.close(0));
  await pool.ready();
  const { policyNames, diagnostics = [] } = pool.policies() ?? {};
  assert.deepEqual(policyNames, ["checkrequest"]);
  // Of the key `secret`, wherever it stands.
  assert.deepEqual(
    diagnostics.map(({ code, line }) => ({ code, line })),
    [20, 30, 40].map((line) => ({ code: "POLICY_KEY", line })),
  );
  const [, admin] = roles[0] ?? ["", ""];
  for (let count = 0; count < 4; count++) await dispatch(pool, requestOf("GET", "/book", admin));
  const { jwtCacheHits, jwtCacheMisses, jwtCacheEntries } = pool.state();
  assert.equal(jwtCacheEntries, 1);
  assert.equal(jwtCacheMisses, 1);
  assert.ok(jwtCacheHits >= 3, `${jwtCacheHits} hits`);
});

test("policies that do not compile never become a pool, and the diagnostics say why", async (t) => {
  const files = [{ path: "bad.yaml", text: "kind: [" }];
  const pool = createThreadedPool(poolOptions({ revision: "bad", files }));
  t.after(() => pool.close(0));
  await assert.rejects(pool.ready(), (error) => {
    assert.ok(error instanceof PoolStartError);
    assert.deepEqual(
      error.diagnostics.map(({ file, severity }) => ({ file, severity })),
      [{ file: "bad.yaml", severity: "error" }],
    );
    return true;
  });
  const outcome = await dispatch(pool, requestOf("GET", "/book"));
  assert.ok(outcome instanceof PoolError);
});

test("no policies at all deny", async (t) => {
  const pool = createThreadedPool(poolOptions({ revision: "none", files: [] }));
  t.after(() => pool.close(0));
  await pool.ready();
  const outcome = await dispatch(pool, requestOf("GET", "/book"));
  assert.deepEqual(outcome, { allowed: false, reason: "no-policy", body: "no rule applies" });
});

test("the clock goes on while a batch is evaluated: what becomes due in it is left out", async (t) => {
  const thread = startThread({
    url: new URL("../../src/evaluator/worker.ts", import.meta.url).href,
    start: { snapshot, options: defaultPolicyOptions },
    concurrentBatches: 1,
    maxHeapMb: 256,
    onLost: () => {},
  });
  t.after(() => thread.stop());
  await thread.run("probe");
  const count = 5_000;
  const input = requestOf("GET", "/book");
  const run = async (deadline: Deadline): Promise<BatchAnswer> => {
    const message = packBatch(Array.from({ length: count }, () => ({ input, deadline })));
    const answer = unpackAnswer(await thread.run("evaluateBatch", message), count);
    assert.ok(answer !== undefined);
    return answer;
  };
  // Each time the deadline is put where the middle of the evaluations was the time before.
  let share = 0;
  for (let tries = 0; tries < 50 && (share === 0 || share === count); tries++) {
    const begunMs = performance.now();
    const { evaluationMs } = await run(noDeadline);
    const wholeMs = performance.now() - begunMs;
    const { decisions } = await run(new Deadline(performance.now() + wholeMs - evaluationMs / 2));
    share = decisions.filter((decision) => decision === "overdue").length;
    const firstOverdue = decisions.indexOf("overdue");
    if (firstOverdue >= 0) assert.equal(decisions.length - firstOverdue, share);
  }
  assert.ok(share > 0 && share < count, `${share} of ${count} were left out`);
});

test("what is overdue when its turn comes is left out, and the rest is decided", async (t) => {
  const thread = startThread({
    url: new URL("../../src/evaluator/worker.ts", import.meta.url).href,
    start: { snapshot, options: defaultPolicyOptions },
    concurrentBatches: 1,
    maxHeapMb: 256,
    onLost: () => {},
  });
  t.after(() => thread.stop());
  await thread.run("probe");
  const [, admin] = roles[0] ?? ["", ""];
  const input = requestOf("GET", "/book", admin);
  const waits = [0, -1, Infinity, Number.NaN, 60_000, -Infinity];
  const requested = waits.map((waitMs) => ({
    input,
    deadline: new Deadline(performance.now() - 2 + waitMs),
  }));
  const answer = await thread.run("evaluateBatch", packBatch(requested));
  const allow = { allowed: true, reason: "passed", body: "" };
  assert.deepEqual(unpackAnswer(answer, waits.length)?.decisions, [
    "overdue",
    "overdue",
    allow,
    "overdue",
    allow,
    "overdue",
  ]);
});
