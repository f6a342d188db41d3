import assert from "node:assert/strict";
import { suite, type TestContext, test } from "node:test";
import {
  flag,
  frame,
  frameType,
  grpcFields,
  grpcMessage,
  grpcRequest,
  headerBlock,
} from "../support/h2-wire.ts";
import {
  endOf,
  goaways,
  path,
  request,
  resetsOf,
  type Setup,
  settle,
  setUp,
} from "../support/lean-peer.ts";
import { controlLoopTime, type TestLoopTime } from "../support/loop-time.ts";

const noMessage = Buffer.alloc(0);
const timeoutMs = 2_000;
const call = (stream: number, ms: number = timeoutMs): Buffer =>
  grpcRequest(stream, path, noMessage, [["grpc-timeout", `${ms}m`]]);

/** A transport whose time passes only when told to, with a peer whose greeting has been read. */
async function setUpInTime(t: TestContext): Promise<Setup & { readonly time: TestLoopTime }> {
  const time = controlLoopTime(t);
  const setup = await setUp(t, { loopTime: time });
  await settle(setup.peer, "greeted");
  return { ...setup, time };
}

/** Resolves with the deadline of the call of that number, however many turns it takes until there is one. */
async function deadlineAt(calls: Setup["calls"], index: number): Promise<number | undefined> {
  for (;;) {
    const found = calls[index];
    if (found !== undefined) return found.call.deadline?.atMs;
    await new Promise(setImmediate);
  }
}

suite("a call's deadline counts from when it was sent, as far as that can be known", () => {
  test("and not from when a busy event loop came to it, of which 100 ms are believed", async (t) => {
    const { peer, calls, time } = await setUpInTime(t);
    for (const [index, busyMs] of [60, 1, 100, 101, 700].entries()) {
      const sentMs = time.nowMs();
      peer.write(call(1 + 2 * index));
      time.work(busyMs);
      const deadlineMs = await deadlineAt(calls, index);
      assert.equal(deadlineMs, sentMs + timeoutMs + Math.max(busyMs - 100, 0));
    }
  });

  for (const turnMs of [3, 40]) {
    test(`nor from when its turn came behind much else of its connection, at ${turnMs} ms a turn`, async (t) => {
      const { peer, calls, time } = await setUpInTime(t);
      const sentMs = time.nowMs();
      // Calls that are answered at once, of which a turn takes about 60.
      const ballast = Array.from({ length: 400 }, (_, i) => request(1 + 2 * i, 0));
      peer.write(Buffer.concat([...ballast, call(801)]));
      while (calls.length < 1) {
        time.work(turnMs);
        await new Promise(setImmediate);
      }
      const waitedMs = time.nowMs() - sentMs;
      assert.ok(waitedMs >= 5 * turnMs, `only ${waitedMs} ms`);
      const deadlineMs = await deadlineAt(calls, 0);
      assert.equal(deadlineMs, sentMs + timeoutMs + Math.max(waitedMs - 100, 0));
    });
  }

  test("and one that comes after a rest has all of its time", async (t) => {
    const { peer, calls, time } = await setUpInTime(t);
    time.rest(150);
    peer.write(call(1));
    assert.equal(await deadlineAt(calls, 0), time.nowMs() + timeoutMs);
    time.work(20);
    time.rest(150);
    peer.write(call(3));
    assert.equal(await deadlineAt(calls, 1), time.nowMs() + timeoutMs - 20);
  });

  test("nor is more than half of its time taken for that", async (t) => {
    const { peer, calls, time } = await setUpInTime(t);
    peer.write(call(1, 100));
    time.work(90);
    assert.equal(await deadlineAt(calls, 0), time.nowMs() + 50);
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

  for (const { allMs, untilMs } of [
    { allMs: 400, untilMs: 350 },
    { allMs: 60, untilMs: 30 },
  ]) {
    test(`is handed over as late ${untilMs} ms into ${allMs}, and what comes after is passed over`, async (t) => {
      const { peer, calls, transport, time } = await setUpInTime(t);
      peer.write(Buffer.concat([head(1, allMs), half]));
      await settle(peer, "read");
      time.rest(untilMs - 1);
      assert.equal(calls.length, 0);
      time.rest(1);
      const [first = assert.fail()] = calls;
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
  }

  test("has the less time the longer it took, and half of what is left at the least", async (t) => {
    const { peer, calls, time } = await setUpInTime(t);
    const sentMs = time.nowMs();
    peer.write(head(3, 4_000));
    await settle(peer, "read");
    time.rest(200);
    peer.write(whole(3));
    // 20 ms, and half of the time that it took.
    assert.equal(await deadlineAt(calls, 0), sentMs + 4_000 - 20 - 100);
    peer.write(Buffer.concat([head(5, 30), whole(5)]));
    assert.equal(await deadlineAt(calls, 1), time.nowMs() + 15);
  });

  test("without a deadline it may take its time, within the transport's own", async (t) => {
    const { peer, calls, time } = await setUpInTime(t);
    const open = frame(frameType.HEADERS, flag.END_HEADERS, 1, headerBlock(grpcFields(path)));
    peer.write(Buffer.concat([open, half]));
    await settle(peer, "read");
    time.rest(5_000);
    assert.equal(calls.length, 0);
    peer.write(frame(frameType.DATA, flag.END_STREAM, 1, Buffer.alloc(505)));
    assert.equal(await deadlineAt(calls, 0), undefined);
  });
});
