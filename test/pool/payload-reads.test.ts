import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { suite, test } from "node:test";
import { createEvaluator } from "../../src/evaluator/evaluator.ts";
import { isProbeAnswer } from "../../src/evaluator/protocol.ts";
import { defaultPolicyOptions } from "../../src/model/limits.ts";
import { type PayloadReads, readsEverything } from "../../src/model/payload-reads.ts";
import {
  createAutomaticPool,
  createInlinePool,
  createThreadedPool,
} from "../../src/pool/create-pool.ts";
import { defaultInlineLimits, defaultPoolLimits } from "../../src/pool/pool-options.ts";
import { readyPool, recordEvents, startPool } from "./pool-harness.ts";

const book = new URL("../../policies/book.yaml", import.meta.url);
const snapshot = {
  revision: "book",
  files: [{ path: "book.yaml", text: readFileSync(book, "utf8") }],
};
const options = {
  limits: { ...defaultPoolLimits, workers: 1 },
  start: { snapshot, options: defaultPolicyOptions },
  events: recordEvents(),
};
const wanted = ["request.http.headers.authorization", "request.http.method", "request.http.path"];

function namesOf(reads: PayloadReads): string[] {
  return reads.map((path) => path.join(".")).toSorted();
}

suite("a pool tells what its policies read", () => {
  const pools = [
    { name: "workers only", create: () => createThreadedPool(options) },
    {
      name: "workers and the main thread",
      create: () => createAutomaticPool({ ...options, inlineLimits: defaultInlineLimits }),
    },
  ];
  for (const { name, create } of pools) {
    test(`${name}: everything until a worker has said so`, async (t) => {
      const pool = create();
      t.after(() => pool.close(0));
      assert.equal(pool.reads(), readsEverything);
      await pool.ready();
      assert.deepEqual(namesOf(pool.serving().reads()), wanted);
      assert.equal(pool.reads(), pool.reads());
    });
  }

  test("the main thread only", () => {
    const { evaluator } = createEvaluator(snapshot, defaultPolicyOptions);
    assert.ok(evaluator !== undefined);
    assert.deepEqual(namesOf(createInlinePool(evaluator, options.events).reads()), wanted);
    const { decide, jwtCacheStats } = evaluator;
    const unknown = createInlinePool(
      { decide, jwtCacheStats, revision: "r", hasBoundedWork: true },
      options.events,
    );
    assert.equal(unknown.serving().reads(), readsEverything);
  });

  test("everything where a worker does not say", async (t) => {
    const pool = await readyPool(t);
    assert.equal(pool.reads(), readsEverything);
    assert.equal(startPool(t).reads(), readsEverything);
  });
});

const answer = { compiled: true, policyNames: [], diagnostics: [] };
const probeAnswers: readonly { readonly reads: unknown; readonly want: boolean }[] = [
  { reads: [], want: true },
  { reads: [[]], want: true },
  { reads: [["a", "b"], []], want: true },
  { reads: undefined, want: false },
  { reads: "all", want: false },
  { reads: ["a"], want: false },
  { reads: [["a", 1]], want: false },
];

suite("the reads in a worker's answer are paths", () => {
  for (const { reads, want } of probeAnswers) {
    test(JSON.stringify({ reads }), () => {
      assert.equal(isProbeAnswer({ ...answer, reads }), want);
    });
  }
});
