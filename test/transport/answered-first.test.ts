import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { ConnectionCut } from "../../src/transport/http2/connection-options.ts";
import {
  flag,
  frame,
  frameType,
  grpcFields,
  headerBlock,
  ping,
  rstStream,
  windowUpdate,
} from "../support/h2-wire.ts";
import {
  bodyOf,
  endOf,
  goaways,
  path,
  request,
  resetsOf,
  settle,
  setUp,
} from "../support/lean-peer.ts";

const drainPing = frame(frameType.PING, flag.ACK, 0, Buffer.from("ost-away"));
const neverDone = headerBlock(grpcFields(path));

/** Calls that are opened and reset at once, on streams from this one on. */
function resets(from: number, count: number): Buffer {
  return Buffer.concat(
    Array.from({ length: count }, (_, i) => {
      const stream = from + 2 * i;
      const open = frame(frameType.HEADERS, flag.END_HEADERS, stream, neverDone);
      return Buffer.concat([open, rstStream(stream)]);
    }),
  );
}

suite("a connection that has to end answers first what it has taken", () => {
  const ends: readonly { readonly name: string; readonly bytes: Buffer; readonly code: string }[] =
    [
      {
        name: "a flood",
        bytes: Buffer.concat([ping(), ping(), ping()]),
        code: "ENHANCE_YOUR_CALM",
      },
      { name: "a broken frame", bytes: frame(frameType.PING, 0, 0), code: "FRAME_SIZE_ERROR" },
      {
        name: "a frame that is no frame",
        bytes: frame(0, 0, 0, Buffer.alloc(9)),
        code: "PROTOCOL_ERROR",
      },
      {
        name: "a header block that cannot be read",
        bytes: frame(frameType.HEADERS, flag.END_HEADERS | flag.END_STREAM, 9, Buffer.from([0x80])),
        code: "COMPRESSION_ERROR",
      },
      {
        name: "a window that is too large",
        bytes: windowUpdate(0, 0x7fff_ffff),
        code: "FLOW_CONTROL_ERROR",
      },
    ];
  for (const { name, bytes, code } of ends) {
    test(`after ${name}`, async (t) => {
      const cuts: ConnectionCut[] = [];
      const onCut = (cut: ConnectionCut): void => void cuts.push(cut);
      const { peer, calls, transport } = await setUp(t, { limits: { maxPings: 2 }, onCut });
      peer.write(Buffer.concat([request(1), request(3)]));
      await settle(peer, "a");
      const unfinished = frame(frameType.HEADERS, flag.END_HEADERS, 5, neverDone);
      // Whatever comes behind is not read any more.
      peer.write(
        Buffer.concat([
          unfinished,
          name === "a flood" ? ping() : Buffer.alloc(0),
          bytes,
          request(11),
        ]),
      );
      await peer.until(({ type }) => type === frameType.GOAWAY);
      assert.equal(peer.closed, false);
      assert.deepEqual(
        calls.map(({ call }) => call.cancelled),
        [false, false],
      );
      for (const { reply } of calls) reply({ message: Buffer.from("answered") });
      await endOf(peer, 1);
      await endOf(peer, 3);
      assert.deepEqual(
        [bodyOf(peer, 1), bodyOf(peer, 3)].map((body) => body.subarray(5).toString()),
        ["answered", "answered"],
      );
      assert.equal(await peer.end(2_000), true);
      assert.deepEqual(goaways(peer), [`5 ${code}`]);
      assert.equal(calls.length, 2);
      assert.equal(transport.counters.internalFaults, 0);
      const why = code === "ENHANCE_YOUR_CALM" ? { limit: "maxPings" } : { error: code };
      assert.deepEqual(
        cuts.map(({ became, why: told }) => [became, told]),
        [["ended", why]],
      );
      assert.match(cuts[0]?.peer ?? "", /^127\.0\.0\.1:\d+$/);
    });
  }

  test("… but not longer than open calls may take of an old connection", async (t) => {
    const lifetime = { maxConnectionAgeGraceMs: 100 };
    const { peer, calls } = await setUp(t, { lifetime });
    peer.write(request(1));
    await settle(peer, "a");
    peer.write(frame(frameType.PING, 0, 0));
    assert.equal(await peer.end(3_000), true);
    assert.deepEqual(
      calls.map(({ call }) => call.cancelled),
      [true],
    );
  });

  test("… and not for an answer that needs more window, of which nothing is read any more", async (t) => {
    const { peer } = await setUp(t);
    peer.write(Buffer.concat([request(1, 80_000), frame(frameType.PING, 0, 0)]));
    assert.equal(await peer.end(3_000), true);
    assert.equal(bodyOf(peer, 1).length, 65_535);
  });
});

suite("calls that clients have an honest proxy reset", () => {
  test("end nothing on a connection that is served", async (t) => {
    const cuts: ConnectionCut[] = [];
    const onCut = (cut: ConnectionCut): void => void cuts.push(cut);
    const { peer, transport } = await setUp(t, { limits: { maxResets: 100 }, onCut });
    let stream = 1;
    for (let round = 0; round < 20; round++) {
      peer.write(Buffer.concat([request(stream, 3), resets(stream + 2, 100)]));
      await endOf(peer, stream);
      stream += 202;
    }
    await settle(peer, "z");
    assert.deepEqual([goaways(peer), resetsOf(peer), peer.closed], [[], [], false]);
    const { attacks, streamsReset } = transport.counters;
    assert.equal(streamsReset, 2_000);
    // 100 are free, and each frame of the 20 answers allows one more.
    assert.ok(attacks["rapid-reset"] >= 1_700 && attacks["rapid-reset"] <= 1_900);
    assert.ok(cuts.every(({ became }) => became === "slowed down"));
  });

  test("slow it down when there are thousands at once", async (t) => {
    const cuts: ConnectionCut[] = [];
    const onCut = (cut: ConnectionCut): void => void cuts.push(cut);
    const { peer } = await setUp(t, { limits: { maxResets: 10 }, onCut });
    peer.write(request(1, 3));
    await endOf(peer, 1);
    const beganMs = performance.now();
    peer.write(resets(3, 3_013));
    await settle(peer, "a");
    // 3,000 at a tenth of a millisecond, of which a thousand may be owed; timers are not early.
    assert.ok(performance.now() - beganMs >= 190);
    const limit = "maxResets";
    assert.ok(cuts.length > 0);
    assert.ok(
      cuts.every(
        ({ became, why }) => became === "slowed down" && "limit" in why && why.limit === limit,
      ),
    );
    peer.write(request(9_001, 3));
    await endOf(peer, 9_001);
    assert.deepEqual(goaways(peer), []);
  });

  test("end one on which nobody is served, and lose no call that comes meanwhile", async (t) => {
    const cuts: ConnectionCut[] = [];
    const onCut = (cut: ConnectionCut): void => void cuts.push(cut);
    const { peer, calls } = await setUp(t, { limits: { maxResets: 10 }, onCut });
    peer.write(Buffer.concat([resets(1, 11), request(101)]));
    const first = await peer.until(({ type }) => type === frameType.GOAWAY);
    assert.equal(first?.payload.readUInt32BE(0), 0x7fff_ffff);
    peer.write(Buffer.concat([request(103), drainPing]));
    await peer.until(
      ({ type }) => type === frameType.GOAWAY,
      5_000,
      peer.frames.indexOf(first) + 1,
    );
    const answers = calls.filter(({ call }) => !call.cancelled);
    for (const { reply } of answers) reply({ message: Buffer.from("late") });
    await endOf(peer, 101);
    await endOf(peer, 103);
    assert.equal(await peer.end(2_000), true);
    assert.deepEqual(goaways(peer), ["2147483647 NO_ERROR", "103 ENHANCE_YOUR_CALM"]);
    assert.deepEqual(
      cuts.map(({ became, why }) => [became, why]),
      [["ended", { limit: "maxResets" }]],
    );
  });

  test("a served connection is one that was served in the window before, too", async (t) => {
    const { peer } = await setUp(t, { limits: { maxResets: 10, floodWindowMs: 300 } });
    peer.write(request(1, 3));
    await endOf(peer, 1);
    await new Promise((resolve) => setTimeout(resolve, 310));
    peer.write(resets(3, 30));
    await settle(peer, "a");
    assert.deepEqual(goaways(peer), []);
    await new Promise((resolve) => setTimeout(resolve, 310));
    peer.write(resets(103, 5));
    await new Promise((resolve) => setTimeout(resolve, 310));
    peer.write(resets(203, 30));
    assert.ok(await peer.until(({ type }) => type === frameType.GOAWAY));
  });
});
