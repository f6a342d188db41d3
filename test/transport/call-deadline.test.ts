import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { TurnClock } from "../../src/transport/turn-clock.ts";
import { frame, grpcRequest } from "../support/h2-wire.ts";
import { path, settle, setUp } from "../support/lean-peer.ts";

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
      const { deadlineMs = Infinity } = calls.at(-1)?.call ?? {};
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
    const { deadlineMs = Infinity } = calls[0]?.call ?? {};
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
    const { deadlineMs = 0 } = calls[1]?.call ?? {};
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
    assert.ok((calls[0]?.call.deadlineMs ?? 0) >= readMs + 49);
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
