import assert from "node:assert/strict";
import { suite, type TestContext, test } from "node:test";
import { gzipSync } from "node:zlib";
import type { StreamingHandler, UnaryHandler } from "../../src/transport/grpc-transport.ts";
import { HpackDecoder, HpackFault } from "../../src/transport/hpack/decoder.ts";
import { createLeanTransport, type LeanTransport } from "../../src/transport/lean-transport.ts";
import { connectPeer, type Peer } from "../support/h2-peer.ts";
import {
  clientPreface,
  type Field,
  flag,
  frame,
  frameType,
  grpcFields,
  grpcMessage,
  headerBlock,
  rstStream,
  settings,
  settingsAck,
} from "../support/h2-wire.ts";

const { DATA, HEADERS } = frameType;
const { END_STREAM, END_HEADERS } = flag;
const maxBytes = 4_194_304;
const gzip: Field = ["grpc-encoding", "gzip"];

function packed(bytes: Buffer): Buffer {
  const message = grpcMessage(gzipSync(bytes));
  message[0] = 1;
  return message;
}

const small = packed(Buffer.alloc(10, "s"));
const large = packed(Buffer.alloc(maxBytes));

/** A unary call with such a message. */
function call(stream: number, message: Buffer, more: readonly Field[] = []): Buffer {
  const block = headerBlock(grpcFields("/test.Service/Unary", [gzip, ...more]));
  const size = 16_000;
  const parts = Array.from({ length: Math.ceil(message.length / size) }, (_, i) => {
    const end = (i + 1) * size;
    const flags = end >= message.length ? END_STREAM : 0;
    return frame(DATA, flags, stream, message.subarray(i * size, end));
  });
  return Buffer.concat([frame(HEADERS, END_HEADERS, stream, block), ...parts]);
}

interface Started {
  readonly transport: LeanTransport;
  readonly peer: Peer;
  /** The lengths of the messages that came, or `too large`. */
  readonly lengths: readonly (number | string)[];
  /** Resolves with the end of the call: its status, or the text of its answer. */
  readonly end: (stream: number) => Promise<string>;
}

/** The status in a frame of trailers. */
function statusIn(block: Buffer = Buffer.alloc(0)): string | undefined {
  const decoder = new HpackDecoder({ maxHeaderListBytes: 10_000, maxHeaders: 100 });
  const list = decoder.decode(block, 0, block.length);
  assert.ok(!(list instanceof HpackFault));
  return list.values[list.names.indexOf("grpc-status")];
}

async function start(t: TestContext, limits: object = {}): Promise<Started> {
  const lengths: (number | string)[] = [];
  const unary: UnaryHandler = ({ message }, reply) => {
    lengths.push(message?.length ?? "too large");
    reply({ message: Buffer.from(String(lengths.at(-1))) });
  };
  const streaming: StreamingHandler = (_call, reply) => ({
    message(message) {
      lengths.push(message?.length ?? "too large");
    },
    halfClosed() {
      reply.end(0, "");
    },
    gone() {},
  });
  const transport = createLeanTransport({
    handlers: new Map([["/test.Service/Unary", unary]]),
    streamingHandlers: new Map([["/test.Service/Stream", streaming]]),
    maxMessageBytes: maxBytes,
    limits,
  });
  const address = await transport.listen("127.0.0.1:0");
  const port = Number(address.slice(address.lastIndexOf(":") + 1));
  const peer = await connectPeer({ host: "127.0.0.1", port });
  t.after(async () => {
    peer.destroy();
    await transport.close(0);
  });
  peer.write(Buffer.concat([clientPreface, settings(), settingsAck]));
  return {
    transport,
    peer,
    lengths,
    async end(stream) {
      await peer.until((each) => each.stream === stream && (each.flags & END_STREAM) !== 0);
      const own = peer.frames.filter((each) => each.stream === stream);
      const data = own.find(({ type }) => type === DATA);
      return (
        data?.payload.subarray(5).toString() ??
        `status ${statusIn(own.findLast(({ type }) => type === HEADERS)?.payload)}`
      );
    },
  };
}

suite("messages that inflate large", () => {
  const wrong = Buffer.from(large);
  wrong[large.length - 6] = (large.at(-6) ?? 0) ^ 1;
  // What counts is the last part's length, of which the first ones say nothing.
  const lying = grpcMessage(Buffer.concat([gzipSync(Buffer.alloc(1_000_000)), gzipSync("x")]));
  lying[0] = 1;
  const cases = [
    { name: "of the largest size", message: large, want: "4194304" },
    { name: "one byte over", message: packed(Buffer.alloc(maxBytes + 1)), want: "too large" },
    { name: "with a wrong checksum", message: wrong, want: "status 13" },
    { name: "that say they are small", message: lying, want: "1000001" },
    { name: "just over what a turn unpacks", message: packed(Buffer.alloc(65_537)), want: "65537" },
    { name: "just what a turn unpacks", message: packed(Buffer.alloc(65_536)), want: "65536" },
  ];
  for (const { name, message, want } of cases) {
    test(`${name}: ${want}`, async (t) => {
      const { peer, end } = await start(t);
      peer.write(call(1, message));
      assert.equal(await end(1), want);
    });
  }

  test("hold up no small one", async (t) => {
    const { peer, end, lengths } = await start(t);
    peer.write(Buffer.concat([1, 3, 5, 7].map((stream) => call(stream, large))));
    peer.write(call(9, small));
    await Promise.all([1, 3, 5, 7, 9].map(async (stream) => await end(stream)));
    assert.deepEqual(lengths, [10, maxBytes, maxBytes, maxBytes, maxBytes]);
  });

  test("are denied when too many wait, and counted", async (t) => {
    const { transport, peer, end } = await start(t, { maxInflatingMessages: 2 });
    const streams = Array.from({ length: 9 }, (_, i) => 2 * i + 1);
    peer.write(Buffer.concat(streams.map((stream) => call(stream, large))));
    const ends = await Promise.all(streams.map(async (stream) => await end(stream)));
    assert.deepEqual(new Set(ends), new Set(["4194304", "too large"]));
    const refused = ends.filter((each) => each === "too large").length;
    assert.equal(transport.counters.attacks["inflating-messages"], refused);
  });

  test("are denied when there is no room for what they become", async (t) => {
    const { transport, peer, end } = await start(t, { maxUnfinishedBytes: 1_000_000 });
    peer.write(call(1, large));
    assert.equal(await end(1), "too large");
    assert.equal(transport.counters.attacks["unfinished-requests"], 1);
  });

  test("are handed over as too large before their deadline, waiting or not", async (t) => {
    const { peer, end, lengths } = await start(t);
    const streams = Array.from({ length: 30 }, (_, i) => 2 * i + 1);
    const soon: Field = ["grpc-timeout", "1m"];
    peer.write(Buffer.concat(streams.map((stream) => call(stream, large, [soon]))));
    const ends = await Promise.all(streams.map(async (stream) => await end(stream)));
    assert.equal(ends.at(-1), "too large");
    assert.equal(lengths.length, streams.length);
  });

  test("reach no handler once they are cancelled, and make room for others", async (t) => {
    const { transport, peer, end, lengths } = await start(t, { maxInflatingMessages: 20 });
    const streams = Array.from({ length: 20 }, (_, i) => 2 * i + 1);
    peer.write(
      Buffer.concat(streams.flatMap((stream) => [call(stream, large), rstStream(stream)])),
    );
    peer.write(call(41, large));
    assert.equal(await end(41), "4194304");
    assert.deepEqual(lengths, [maxBytes]);
    assert.equal(transport.counters.attacks["inflating-messages"], 0);
    assert.equal(transport.counters.internalFaults, 0);
  });

  test("are forgotten with their connection", async (t) => {
    const { transport, peer, lengths } = await start(t);
    peer.write(Buffer.concat([1, 3, 5, 7].map((stream) => call(stream, large))));
    await peer.until(({ type, flags }) => type === frameType.SETTINGS && (flags & flag.ACK) !== 0);
    peer.destroy();
    for (let i = 0; i < 200 && transport.counters.openStreams > 0; i++) {
      await new Promise(setImmediate);
    }
    const handled = lengths.length;
    for (let i = 0; i < 200; i++) await new Promise(setImmediate);
    assert.equal(transport.counters.openStreams, 0);
    assert.equal(lengths.length, handled);
    assert.equal(transport.counters.internalFaults, 0);
  });
});

suite("compressed messages of streaming calls", () => {
  const block = headerBlock(grpcFields("/test.Service/Stream", [gzip]));
  const cases = [
    { name: "a short one", body: [small], want: { lengths: [10], end: "status 0" } },
    {
      name: "short ones, each in a frame",
      body: [small, small, small, small, small, small, small],
      want: { lengths: [10, 10, 10, 10, 10, 10, 10], end: "status 0" },
    },
    {
      name: "one of 64 KiB",
      body: [packed(Buffer.alloc(65_536))],
      want: { lengths: [65_536], end: "status 0" },
    },
    {
      name: "a long one",
      body: [packed(Buffer.alloc(65_537))],
      want: { lengths: ["too large"], end: "status 8" },
    },
    {
      name: "more in a frame than a turn unpacks",
      body: [Buffer.concat([packed(Buffer.alloc(40_000)), packed(Buffer.alloc(40_000))])],
      want: { lengths: [40_000, "too large"], end: "status 8" },
    },
    {
      name: "a hundred in a frame",
      body: [Buffer.concat(Array.from({ length: 100 }, () => small))],
      want: { lengths: [10, 10, 10, 10, "too large"], end: "status 8" },
    },
  ];
  for (const { name, body, want } of cases) {
    test(`${name}: ${want.end}`, async (t) => {
      const { peer, end, lengths } = await start(t);
      const parts = body.map((part) => frame(DATA, 0, 1, part));
      peer.write(
        Buffer.concat([
          frame(HEADERS, END_HEADERS, 1, block),
          ...parts,
          frame(DATA, END_STREAM, 1),
        ]),
      );
      assert.equal(await end(1), want.end);
      assert.deepEqual(lengths, want.lengths);
    });
  }
});
