import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { TurnClock } from "../../src/transport/http2/turn-clock.ts";
import {
  flag,
  frame,
  frameType,
  grpcFields,
  grpcMessage,
  grpcRequest,
  headerBlock,
} from "../support/h2-wire.ts";
import { endOf, goaways, path, resetsOf, settle, setUp } from "../support/lean-peer.ts";

const noMessage = Buffer.alloc(0);
const timeoutMs = 2_000;
const call = (stream: number, message: Uint8Array = noMessage): Buffer =>
  grpcRequest(stream, path, message, [["grpc-timeout", `${timeoutMs}m`]]);

function block(milliseconds: number): void {
  const endMs = performance.now() + milliseconds;
  while (performance.now() < endMs);
}

suite("a call's deadline counts from when it was sent, as far as that can be known", () => {
  test("and not from when a busy event loop came to it", async (t) => {
    const { peer, calls } = await setUp(t);
    await settle(peer, "a");
    for (const stream of [1, 3, 5]) {
      const sentMs = performance.now();
      peer.write(call(stream));
      // As long as it takes to send it, and then held up.
      await new Promise(setImmediate);
      block(60);
      while (calls.length < (stream + 1) / 2) await new Promise(setImmediate);
      const deadlineMs = calls.at(-1)?.call.deadline?.atMs ?? Infinity;
      assert.ok(
        deadlineMs <= sentMs + timeoutMs + 10,
        `${deadlineMs - sentMs - timeoutMs} ms late`,
      );
      assert.ok(deadlineMs >= sentMs + timeoutMs - 100);
    }
  });

  test("nor from when its turn came behind much else of its connection", async (t) => {
    const { peer, calls } = await setUp(t, { maxMessageBytes: 4_194_304 });
    await settle(peer, "a");
    const sentMs = performance.now();
    // Frames that mean nothing, of which a turn takes four.
    const ballast = Buffer.concat(
      Array.from({ length: 120 }, () => frame(0x77, 0, 0, Buffer.alloc(16_384))),
    );
    peer.write(Buffer.concat([ballast, call(1)]));
    while (calls.length < 1) {
      block(1);
      await new Promise(setImmediate);
    }
    const waitedMs = performance.now() - sentMs;
    assert.ok(waitedMs > 20, `only ${waitedMs} ms`);
    const deadlineMs = calls[0]?.call.deadline?.atMs ?? Infinity;
    const lateMs = deadlineMs - sentMs - timeoutMs;
    // No more is believed than 100 ms, and part of it the call had not left this side yet.
    const most = waitedMs / 2 + Math.max(waitedMs - 100, 0);
    assert.ok(lateMs <= most, `${lateMs} ms late of ${waitedMs}`);
  });

  test("and one that comes after a rest has all of its time", async (t) => {
    const { peer, calls } = await setUp(t);
    peer.write(call(1));
    while (calls.length < 1) await new Promise(setImmediate);
    await sleep(150);
    const beforeMs = performance.now();
    peer.write(call(3));
    while (calls.length < 2) await sleep(1);
    const deadlineMs = calls[1]?.call.deadline?.atMs ?? 0;
    assert.ok(
      deadlineMs >= beforeMs + timeoutMs - 20,
      `${beforeMs + timeoutMs - deadlineMs} ms short`,
    );
  });

  test("nor is more than half of its time taken for that", async (t) => {
    const { peer, calls } = await setUp(t);
    await settle(peer, "a");
    peer.write(grpcRequest(1, path, noMessage, [["grpc-timeout", "100m"]]));
    await new Promise(setImmediate);
    block(90);
    const readMs = performance.now();
    while (calls.length < 1) await new Promise(setImmediate);
    assert.ok((calls[0]?.call.deadline?.atMs ?? 0) >= readMs + 49);
  });
});

/** A call that has not said anything yet. */
function head(stream: number, milliseconds: number): Buffer {
  const fields = grpcFields(path, [["grpc-timeout", `${milliseconds}m`]]);
  return frame(frameType.HEADERS, flag.END_HEADERS, stream, headerBlock(fields));
}

/** A message in two frames. */
function whole(stream: number): Buffer {
  return Buffer.concat([
    frame(frameType.DATA, 0, stream, grpcMessage(Buffer.alloc(1_000)).subarray(0, 500)),
    frame(frameType.DATA, flag.END_STREAM, stream, Buffer.alloc(505)),
  ]);
}

suite("a message that comes in parts", () => {
  const half = frame(frameType.DATA, 0, 1, grpcMessage(Buffer.alloc(1_000)).subarray(0, 500));

  test("is handed over as late before its deadline, and what comes after is passed over", async (t) => {
    const { peer, calls, transport } = await setUp(t);
    const sentMs = performance.now();
    peer.write(Buffer.concat([head(1, 400), half]));
    while (calls.length < 1) await sleep(1);
    const [first = assert.fail()] = calls;
    assert.ok(performance.now() - sentMs >= 199);
    assert.deepEqual(
      [first.call.message, first.call.missing, first.call.cancelled],
      [undefined, "late", false],
    );
    first.reply({ message: Buffer.from("no") });
    await endOf(peer, 1);
    assert.deepEqual(resetsOf(peer), ["1 NO_ERROR"]);
    peer.write(half);
    await settle(peer, "a");
    assert.deepEqual([goaways(peer), calls.length], [[], 1]);
    assert.equal(transport.counters.internalFaults, 0);
  });

  test("has the less time the longer it took, and half of what is left at the least", async (t) => {
    const { peer, calls } = await setUp(t);
    const sentMs = performance.now();
    peer.write(head(3, 4_000));
    await sleep(200);
    peer.write(whole(3));
    while (calls.length < 1) await sleep(1);
    const tookMs = performance.now() - sentMs;
    const endMs = calls[0]?.call.deadline?.atMs ?? Infinity;
    // 20 ms, and half of the time that it took.
    assert.ok(endMs <= sentMs + 4_000 - 20 - 100, `${endMs - sentMs}`);
    assert.ok(endMs >= sentMs + 4_000 - 20 - tookMs / 2 - 110, `${endMs - sentMs}`);
    const againMs = performance.now();
    peer.write(Buffer.concat([head(5, 30), whole(5)]));
    while (calls.length < 2) await sleep(1);
    const shortMs = calls[1]?.call.deadline?.atMs ?? 0;
    assert.ok(shortMs >= againMs + 7, `${shortMs - againMs}`);
  });

  test("without a deadline it may take its time, within the transport's own", async (t) => {
    const { peer, calls } = await setUp(t);
    const open = frame(frameType.HEADERS, flag.END_HEADERS, 1, headerBlock(grpcFields(path)));
    peer.write(Buffer.concat([open, half]));
    await sleep(100);
    assert.equal(calls.length, 0);
    peer.write(frame(frameType.DATA, flag.END_STREAM, 1, Buffer.alloc(505)));
    while (calls.length < 1) await sleep(1);
    assert.equal(calls[0]?.call.deadline, undefined);
  });
});

test("a turn clock knows since when the loop has not looked", async () => {
  const turns = new TurnClock();
  turns.now();
  await new Promise(setImmediate);
  await sleep(50);
  turns.now();
  const afterSleepMs = performance.now() - turns.unseenSinceMs;
  assert.ok(afterSleepMs < 40, `${afterSleepMs} ms after a sleep`);
  block(50);
  assert.equal(turns.now(), turns.now());
  await new Promise(setImmediate);
  turns.now();
  const afterWorkMs = performance.now() - turns.unseenSinceMs;
  assert.ok(afterWorkMs >= 50, `${afterWorkMs} ms after work`);
});
