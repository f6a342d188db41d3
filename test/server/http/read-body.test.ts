import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { suite, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type BodyRefusal, type HeldBody, readBody } from "../../../src/server/http/read-body.ts";
import { ByteBudget } from "../../../src/transport/http2/byte-budget.ts";

/** A body that is being read, and what came of it. */
function startReading(limits: { maxBytes?: number; budget?: ByteBudget; waitMs?: number } = {}) {
  const budget = limits.budget ?? new ByteBudget(1_000_000);
  const stream = new PassThrough();
  const results: (HeldBody | BodyRefusal)[] = [];
  const bounds = { maxBytes: 100_000, waitMs: Infinity, ...limits, budget };
  readBody(stream, bounds, (result) => {
    results.push(result);
  });
  return { stream, results, budget };
}

test("a body in pieces is held as a whole, and given back once", async () => {
  const { stream, results, budget } = startReading();
  const pieces = Array.from({ length: 9_000 }, (_, i) => String(i % 10));
  for (const piece of pieces) stream.write(piece);
  stream.end();
  await sleep(20);
  const [body] = results;
  assert.ok(body !== undefined && typeof body !== "string");
  assert.equal(Buffer.from(body.bytes).toString(), pieces.join(""));
  assert.ok(budget.taken >= 9_000 && budget.taken <= 18_000, String(budget.taken));
  body.release();
  body.release();
  assert.equal(budget.taken, 0);
  assert.equal(results.length, 1);
});

test("a body of as many bytes as may be is read, and takes no more room than that", async () => {
  const { stream, results, budget } = startReading({ maxBytes: 5_000 });
  stream.write(Buffer.alloc(3_000));
  stream.end(Buffer.alloc(2_000));
  await sleep(20);
  assert.ok(typeof results[0] === "object");
  assert.equal(results[0].bytes.length, 5_000);
  assert.equal(budget.taken, 5_000);
});

suite("a body over its limit", () => {
  test("is refused once, given back at once, and not read on", async () => {
    const { stream, results, budget } = startReading({ maxBytes: 5_000 });
    stream.write(Buffer.alloc(5_000));
    await sleep(5);
    assert.deepEqual([results, budget.taken], [[], 5_000]);
    for (let i = 0; i < 20; i++) {
      stream.write(Buffer.alloc(1_000));
      await sleep(1);
      assert.equal(budget.taken, 0);
    }
    stream.end();
    await sleep(5);
    assert.deepEqual(results, ["too-large"]);
    assert.ok(stream.isPaused());
  });

  test("is refused by its first piece too", async () => {
    const { stream, results, budget } = startReading({ maxBytes: 5_000 });
    stream.write(Buffer.alloc(5_001));
    await sleep(5);
    assert.deepEqual([results, budget.taken], [["too-large"], 0]);
  });
});

test("bodies share their room: one that finds none is refused, and leaves the others theirs", async () => {
  const budget = new ByteBudget(300_000);
  const first = startReading({ budget, maxBytes: 300_000 });
  const second = startReading({ budget });
  first.stream.write(Buffer.alloc(220_000));
  await sleep(5);
  second.stream.write(Buffer.alloc(90_000));
  await sleep(5);
  assert.deepEqual([second.results, budget.taken], [["no-room"], 220_000]);
  // There is no room for twice as much, but for this.
  first.stream.end(Buffer.alloc(10_000));
  await sleep(5);
  assert.ok(typeof first.results[0] === "object");
  assert.equal(first.results[0].bytes.length, 230_000);
  first.results[0].release();
  assert.equal(budget.taken, 0);
});

test("a body that takes too long is refused", async () => {
  const { stream, results, budget } = startReading({ waitMs: 20 });
  stream.write("a");
  await sleep(60);
  assert.deepEqual([results, budget.taken], [["late"], 0]);
  stream.end("b");
  await sleep(5);
  assert.deepEqual(results, ["late"]);
});

test("a body whose sender goes away is given back, and nobody is told", async () => {
  const { stream, results, budget } = startReading({ waitMs: 30 });
  stream.write("a");
  await sleep(5);
  assert.notEqual(budget.taken, 0);
  stream.destroy();
  await sleep(60);
  assert.deepEqual([results, budget.taken], [[], 0]);
});
