import assert from "node:assert/strict";
import { once } from "node:events";
import { suite, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { UnaryHandler } from "../../src/transport/grpc-transport.ts";
import { HpackDecoder, HpackFault } from "../../src/transport/hpack/decoder.ts";
import { createLeanTransport } from "../../src/transport/lean-transport.ts";
import { connectPeer } from "../support/h2-peer.ts";
import {
  clientPreface,
  flag,
  frame,
  frameType,
  grpcFields,
  grpcMessage,
  headerBlock,
  rstStream,
  setting,
  settings,
  settingsAck,
  uint32,
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

const noMessage = Buffer.alloc(0);

test("a response waits for the stream's window, whatever small steps it opens in", async (t) => {
  const { peer } = await setUp(t, {}, settings([setting.INITIAL_WINDOW_SIZE, 0]));
  peer.write(request(1, 300));
  await settle(peer, "a");
  assert.equal(bodyOf(peer, 1).length, 0);
  for (const step of [1, 4, 100]) peer.write(windowUpdate(1, step));
  await settle(peer, "b");
  assert.equal(bodyOf(peer, 1).length, 105);
  peer.write(settings([setting.INITIAL_WINDOW_SIZE, 150]));
  await settle(peer, "c");
  assert.equal(bodyOf(peer, 1).length, 255);
  peer.write(windowUpdate(1, 1_000));
  await endOf(peer, 1);
  assert.deepEqual(bodyOf(peer, 1), grpcMessage(Buffer.alloc(300, "a")));
});

test("a window below zero has to be filled first", async (t) => {
  const { peer } = await setUp(t, {}, settings([setting.INITIAL_WINDOW_SIZE, 100]));
  peer.write(request(1, 300));
  await settle(peer, "a");
  peer.write(settings([setting.INITIAL_WINDOW_SIZE, 0]));
  peer.write(windowUpdate(1, 100));
  await settle(peer, "b");
  assert.equal(bodyOf(peer, 1).length, 100);
  peer.write(windowUpdate(1, 205));
  await endOf(peer, 1);
});

test("a response waits for the connection's window, which all streams share", async (t) => {
  const { peer } = await setUp(t, {}, settings([setting.INITIAL_WINDOW_SIZE, 1_000_000]));
  peer.write(Buffer.concat([request(1, 40_000), request(3, 40_000), request(5, 0)]));
  await settle(peer, "a");
  const sent = [1, 3, 5].map((stream) => bodyOf(peer, stream).length);
  assert.deepEqual(sent, [40_005, 25_530, 0]);
  peer.write(windowUpdate(0, 100_000));
  await endOf(peer, 3);
  await endOf(peer, 5);
  assert.deepEqual(bodyOf(peer, 3), grpcMessage(Buffer.alloc(40_000, "a")));
});

test("a large response to a peer that reads slowly comes whole", async (t) => {
  const { peer } = await setUp(t, {}, settings([setting.INITIAL_WINDOW_SIZE, 0x7fff_ffff]));
  peer.write(windowUpdate(0, 0x7fff_0000));
  peer.socket.pause();
  peer.write(request(1, 8_000_000));
  await sleep(100);
  peer.socket.resume();
  await endOf(peer, 1);
  assert.deepEqual(bodyOf(peer, 1), grpcMessage(Buffer.alloc(8_000_000, "a")));
});

test("an answer that there is no room for is reset, and the others go on", async (t) => {
  const limits = { maxUnsentBytes: 100_000 };
  const { transport, peer } = await setUp(
    t,
    { limits },
    settings([setting.INITIAL_WINDOW_SIZE, 0]),
  );
  peer.write(Buffer.concat([request(1, 60_000), request(3, 60_000), request(5, 30_000)]));
  await settle(peer, "a");
  assert.deepEqual(resetsOf(peer), ["3 ENHANCE_YOUR_CALM"]);
  assert.equal(transport.counters.attacks["unsent-responses"], 1);
  peer.write(settings([setting.INITIAL_WINDOW_SIZE, 65_535]));
  peer.write(windowUpdate(0, 100_000));
  await endOf(peer, 1);
  await endOf(peer, 5);
  assert.deepEqual(bodyOf(peer, 1), grpcMessage(Buffer.alloc(60_000, "a")));
  peer.write(request(7, 60_000));
  await endOf(peer, 7);
  assert.deepEqual(goaways(peer), []);
});

test("the room for answers is shared with other connections", async (t) => {
  const options = { limits: { maxUnsentBytesInAll: 100_000 } };
  const noWindow = settings([setting.INITIAL_WINDOW_SIZE, 0]);
  const { transport, peer } = await setUp(t, options, noWindow);
  const other = await connectPeer({
    host: "127.0.0.1",
    port: peer.socket.remotePort ?? 0,
  });
  t.after(() => {
    other.destroy();
  });
  peer.write(request(1, 60_000));
  await settle(peer, "a");
  other.write(Buffer.concat([clientPreface, noWindow, settingsAck, request(1, 60_000)]));
  await settle(other, "b");
  assert.deepEqual(resetsOf(other), ["1 ENHANCE_YOUR_CALM"]);
  peer.destroy();
  await other.until(() => transport.counters.openConnections === 1, 500);
  other.write(request(3, 60_000));
  await settle(other, "c");
  assert.deepEqual(resetsOf(other), ["1 ENHANCE_YOUR_CALM"]);
});

test("small answers count against the connection's window as well", async (t) => {
  const { peer } = await setUp(t, {}, settings([setting.INITIAL_WINDOW_SIZE, 1_000_000]));
  const streams = Array.from({ length: 14 }, (_, i) => 2 * i + 1);
  const received = (): number =>
    streams.reduce((sum, stream) => sum + bodyOf(peer, stream).length, 0);
  peer.write(Buffer.concat(streams.map((stream) => request(stream, 5_000))));
  await settle(peer, "a");
  assert.equal(received(), 65_535);
  peer.write(windowUpdate(0, 1));
  await settle(peer, "b");
  assert.equal(received(), 65_536);
  peer.write(windowUpdate(0, 10_000));
  await endOf(peer, 27);
  assert.equal(received(), 14 * 5_005);
});

suite("numbers as large as they may be, and by one larger", () => {
  const max = 2 ** 31 - 1;

  test("a connection's window", async (t) => {
    const { peer } = await setUp(t);
    peer.write(windowUpdate(0, max - 65_535));
    await settle(peer, "a");
    assert.deepEqual(goaways(peer), []);
    peer.write(windowUpdate(0, 1));
    assert.equal(await peer.end(2_000), true);
    assert.deepEqual(goaways(peer), ["0 FLOW_CONTROL_ERROR"]);
  });

  test("a stream's window", async (t) => {
    const { peer } = await setUp(t);
    peer.write(Buffer.concat([request(1), windowUpdate(1, max - 65_535)]));
    await settle(peer, "a");
    assert.deepEqual(resetsOf(peer), []);
    peer.write(windowUpdate(1, 1));
    await settle(peer, "b");
    assert.deepEqual([resetsOf(peer), goaways(peer)], [["1 FLOW_CONTROL_ERROR"], []]);
  });

  test("a stream's window by a setting", async (t) => {
    const { peer } = await setUp(t);
    peer.write(Buffer.concat([request(1), windowUpdate(1, 10)]));
    peer.write(settings([setting.INITIAL_WINDOW_SIZE, max - 10]));
    await settle(peer, "a");
    assert.deepEqual(goaways(peer), []);
    peer.write(settings([setting.INITIAL_WINDOW_SIZE, max - 9]));
    await peer.until(({ type }) => type === frameType.GOAWAY);
    assert.deepEqual(goaways(peer), ["1 FLOW_CONTROL_ERROR"]);
  });

  test("an initial window", async (t) => {
    const { peer } = await setUp(t, {}, settings([setting.INITIAL_WINDOW_SIZE, max]));
    peer.write(request(1, 3));
    await endOf(peer, 1);
    peer.write(settings([setting.INITIAL_WINDOW_SIZE, max + 1]));
    assert.equal(await peer.end(2_000), true);
    assert.deepEqual(goaways(peer), ["1 FLOW_CONTROL_ERROR"]);
  });

  test("a stream's number, whose highest bit means nothing", async (t) => {
    const { peer } = await setUp(t);
    const last = request(max, 3);
    // Of HEADERS, and of DATA behind it.
    last[5] = 0xff;
    peer.write(last);
    await endOf(peer, max);
    assert.equal(bodyOf(peer, max).length, 8);
    peer.write(request(1, 3));
    assert.equal(await peer.end(2_000), true);
    assert.deepEqual(goaways(peer), [`${max} PROTOCOL_ERROR`]);
  });

  test("the highest bit of a window's increment means nothing either", async (t) => {
    const { peer } = await setUp(t);
    const update = windowUpdate(0, 0);
    update.writeUInt32BE(0x8000_0005, 9);
    peer.write(Buffer.concat([update, windowUpdate(0, max - 65_540)]));
    await settle(peer, "a");
    assert.deepEqual(goaways(peer), []);
    const nothing = windowUpdate(0, 0);
    nothing[9] = 0x80;
    peer.write(nothing);
    assert.equal(await peer.end(2_000), true);
    assert.deepEqual(goaways(peer), ["0 PROTOCOL_ERROR"]);
  });
});

test("a peer that goes on asking for what it does not read is cut off", async (t) => {
  const limits = { maxUnsentBytes: 100_000, maxResets: 10 };
  const { peer } = await setUp(t, { limits }, settings([setting.INITIAL_WINDOW_SIZE, 0]));
  const requests = Array.from({ length: 13 }, (_, i) => request(2 * i + 1, 60_000));
  peer.write(Buffer.concat(requests));
  assert.equal(await peer.end(2_000), true);
  assert.deepEqual(goaways(peer).slice(-1), ["25 ENHANCE_YOUR_CALM"]);
});

test("a message that is a view of what was read stays as it is when the handler keeps it", async (t) => {
  const kept: (Uint8Array | undefined)[] = [];
  const keep: UnaryHandler = ({ message }) => {
    kept.push(message);
  };
  const { peer } = await setUp(t, { handlers: new Map([[path, keep]]) });
  const body = Buffer.alloc(16_000, "m");
  peer.write(
    Buffer.concat([
      frame(frameType.HEADERS, flag.END_HEADERS, 1, headerBlock(grpcFields(path))),
      frame(frameType.DATA, flag.END_STREAM, 1, grpcMessage(body)),
      frame(0x77, 0, 0, Buffer.alloc(16_000)),
    ]),
  );
  await settle(peer, "a");
  assert.ok(body.equals(kept[0] ?? noMessage));
});

test("a peer without a dynamic table is told once that there is none", async (t) => {
  const { peer } = await setUp(t, {}, settings([setting.HEADER_TABLE_SIZE, 0]));
  peer.write(Buffer.concat([request(1, 1), request(3, 1)]));
  await endOf(peer, 3);
  const heads = peer.frames.filter(({ type }) => type === frameType.HEADERS);
  assert.deepEqual(
    heads.map(({ stream, payload }) => [stream, payload[0] === 0x20]),
    [
      [1, true],
      [1, false],
      [3, false],
      [3, false],
    ],
  );
});

test("an answer before the end of the request ends the stream, and the rest is passed over", async (t) => {
  const { peer, calls } = await setUp(t);
  const head = frame(frameType.HEADERS, flag.END_HEADERS, 1, headerBlock(grpcFields(path)));
  const announced = Buffer.concat([Buffer.from([0]), uint32(100_001)]);
  peer.write(Buffer.concat([head, frame(frameType.DATA, 0, 1, announced)]));
  await settle(peer, "a");
  assert.equal(calls[0]?.call.message, undefined);
  calls[0]?.reply({ message: Buffer.from("too large") });
  await endOf(peer, 1);
  peer.write(frame(frameType.DATA, flag.END_STREAM, 1, Buffer.alloc(10_000)));
  await settle(peer, "b");
  assert.deepEqual(resetsOf(peer), ["1 NO_ERROR"]);
  assert.deepEqual(goaways(peer), []);
});

test("a stream over the maximum is refused, and another one later is not", async (t) => {
  const { transport, peer, calls } = await setUp(t, { maxConcurrentStreams: 2 });
  peer.write(Buffer.concat([request(1), request(3), request(5)]));
  await settle(peer, "a");
  assert.deepEqual(resetsOf(peer), ["5 REFUSED_STREAM"]);
  calls[0]?.reply({ message: noMessage });
  await endOf(peer, 1);
  peer.write(request(7, 1));
  await endOf(peer, 7);
  assert.equal(transport.counters.attacks["too-many-streams"], 1);
});

test("a call whose stream is reset, or whose connection is lost, is cancelled", async (t) => {
  const { transport, peer, calls } = await setUp(t);
  peer.write(Buffer.concat([request(1), request(3), rstStream(1)]));
  await settle(peer, "a");
  assert.deepEqual(
    calls.map(({ call }) => call.cancelled),
    [true, false],
  );
  calls[0]?.reply({ message: noMessage });
  peer.destroy();
  await sleep(50);
  assert.equal(calls[1]?.call.cancelled, true);
  calls[1]?.reply({ message: noMessage });
  const { openConnections, openStreams, streams, streamsReset } = transport.counters;
  assert.deepEqual(
    { openConnections, openStreams, streams, streamsReset },
    { openConnections: 0, openStreams: 0, streams: 2, streamsReset: 1 },
  );
});

test("a drain says so twice, lets open calls end, takes those on their way, and no others", async (t) => {
  const { transport, peer, calls } = await setUp(t);
  peer.write(request(1));
  await settle(peer, "a");
  const closed = transport.close(5_000);
  const ping = await peer.until(({ type, flags }) => type === frameType.PING && flags === 0);
  assert.deepEqual(goaways(peer), ["2147483647 NO_ERROR"]);
  peer.write(request(3));
  peer.write(frame(frameType.PING, flag.ACK, 0, ping?.payload));
  await settle(peer, "b");
  assert.deepEqual(goaways(peer), ["2147483647 NO_ERROR", "3 NO_ERROR"]);
  peer.write(request(5, 1));
  await settle(peer, "c");
  for (const { reply } of calls) reply({ message: noMessage });
  await endOf(peer, 1);
  await endOf(peer, 3);
  await closed;
  assert.equal(calls.length, 2);
  assert.equal(
    peer.frames.some(({ stream }) => stream === 5),
    false,
  );
});

test("a drain does not wait for a peer that does not answer", async (t) => {
  const { transport, peer } = await setUp(t, { lifetime: { keepaliveTimeoutMs: 100 } });
  const dayMs = 86_400_000;
  await transport.close(dayMs);
  assert.deepEqual(goaways(peer), ["2147483647 NO_ERROR", "0 NO_ERROR"]);
});

test("a peer that leaves is let go once its calls have ended", async (t) => {
  const { peer, calls } = await setUp(t);
  peer.write(Buffer.concat([request(1), frame(frameType.GOAWAY, 0, 0, Buffer.alloc(8))]));
  await settle(peer, "a");
  calls[0]?.reply({ message: noMessage });
  await endOf(peer, 1);
  assert.equal(await peer.end(2_000), true);
});

test("a peer that is silent is asked, and cut when it does not answer", async (t) => {
  const lifetime = { keepaliveMs: 100, keepaliveTimeoutMs: 300 };
  const { peer } = await setUp(t, { lifetime });
  const ping = await peer.until(({ type, flags }) => type === frameType.PING && flags === 0);
  peer.write(frame(frameType.PING, flag.ACK, 0, ping?.payload));
  const next = await peer.until(
    ({ type, flags }) => type === frameType.PING && flags === 0,
    5_000,
    peer.frames.length,
  );
  assert.ok(next, "it is asked again");
  assert.equal(await peer.end(2_000), true);
});

test("a connection without streams is ended after a time", async (t) => {
  const { peer, calls } = await setUp(t, { lifetime: { idleTimeoutMs: 200 } });
  peer.write(request(1));
  await sleep(400);
  assert.deepEqual(goaways(peer), []);
  calls[0]?.reply({ message: noMessage });
  assert.equal(await peer.end(5_000), true);
  assert.deepEqual(goaways(peer), ["2147483647 NO_ERROR", "1 NO_ERROR"]);
});

test("a connection of a certain age is ended, calls that last too long with it", async (t) => {
  const lifetime = { maxConnectionAgeMs: 200, maxConnectionAgeGraceMs: 300 };
  const { peer, calls } = await setUp(t, { lifetime });
  peer.write(request(1));
  assert.equal(await peer.end(5_000), true);
  await sleep(50);
  assert.equal(goaways(peer)[0], "2147483647 NO_ERROR");
  assert.equal(calls[0]?.call.cancelled, true);
});

test("one connection too many is closed at once, and counted", async (t) => {
  const { transport, peer } = await setUp(t, { maxConnections: 1 });
  const { remotePort = 0 } = peer.socket;
  const second = await connectPeer({ host: "127.0.0.1", port: remotePort });
  assert.equal(await second.end(2_000), true);
  assert.equal(transport.counters.attacks["too-many-connections"], 1);
  peer.write(request(1, 1));
  await endOf(peer, 1);
});

test("a listener that was never opened can be closed", async () => {
  const transport = createLeanTransport({ handlers: new Map(), maxMessageBytes: 1 });
  await transport.close(0);
});

function throwing(): never {
  throw new Error("secret");
}

test("a handler's fault ends its call only", async (t) => {
  const { peer } = await setUp(t, { handlers: new Map([[path, throwing]]) });
  peer.write(request(1));
  await endOf(peer, 1);
  peer.write(request(3));
  const { payload } = await endOf(peer, 3);
  const hpack = new HpackDecoder({ maxHeaderListBytes: 1_000, maxHeaders: 10 });
  const fields = hpack.decode(payload, 0, payload.length);
  assert.ok(!(fields instanceof HpackFault));
  assert.deepEqual(fields.values, ["200", "application/grpc", "13", "internal error"]);
  assert.deepEqual(goaways(peer), []);
});

test("a bare TCP connection is ended politely by a drain", async (t) => {
  const transport = createLeanTransport({ handlers: new Map(), maxMessageBytes: 1 });
  const address = await transport.listen("127.0.0.1:0");
  const port = Number(address.slice(address.lastIndexOf(":") + 1));
  const peer = await connectPeer({ host: "127.0.0.1", port });
  t.after(() => {
    peer.destroy();
  });
  await peer.until(({ type }) => type === frameType.SETTINGS);
  const ended = once(peer.socket, "close");
  await transport.close(5_000);
  await ended;
  assert.deepEqual(goaways(peer), ["0 NO_ERROR"]);
});
