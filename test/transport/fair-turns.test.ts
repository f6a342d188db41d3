import assert from "node:assert/strict";
import { Duplex } from "node:stream";
import { suite, type TestContext, test } from "node:test";
import { gzipSync } from "node:zlib";
import type { UnaryHandler } from "../../src/transport/grpc-transport.ts";
import { OutputBuffer, SlabPool } from "../../src/transport/http2/output-buffer.ts";
import { createLeanTransport } from "../../src/transport/lean-transport.ts";
import { connectPeer, type Peer } from "../support/h2-peer.ts";
import {
  clientPreface,
  flag,
  frame,
  frameType,
  grpcFields,
  grpcMessage,
  headerBlock,
  settings,
  settingsAck,
} from "../support/h2-wire.ts";

const path = "/test.Service/Method";

/** Counts turns of the event loop until it is stopped. */
function countTurns(t: TestContext): { readonly turn: () => number } {
  let turns = 0;
  let timer = setImmediate(function next() {
    turns++;
    timer = setImmediate(next);
  });
  t.after(() => {
    clearImmediate(timer);
  });
  return { turn: () => turns };
}

async function connectTo(t: TestContext, handler: UnaryHandler): Promise<Peer> {
  const handlers = new Map([[path, handler]]);
  const transport = createLeanTransport({ handlers, maxMessageBytes: 1_000_000 });
  const address = await transport.listen("127.0.0.1:0");
  const peer = await connectPeer({
    host: "127.0.0.1",
    port: Number(address.slice(address.lastIndexOf(":") + 1)),
  });
  t.after(async () => {
    peer.destroy();
    await transport.close(0);
  });
  peer.write(Buffer.concat([clientPreface, settings(), settingsAck]));
  return peer;
}

/** Sends the same message on so many streams, all in one write, and resolves when all are answered. */
async function callAtOnce(peer: Peer, calls: number, body: Buffer): Promise<void> {
  const block = headerBlock(grpcFields(path, [["grpc-encoding", "gzip"]]));
  const requests = Array.from({ length: calls }, (_, i) => [
    frame(frameType.HEADERS, flag.END_HEADERS, 2 * i + 1, block),
    frame(frameType.DATA, flag.END_STREAM, 2 * i + 1, body),
  ]);
  peer.write(Buffer.concat(requests.flat()));
  let ended = 0;
  await peer.until(({ flags, type }) => {
    if (type === frameType.HEADERS && (flags & flag.END_STREAM) !== 0) ended++;
    return ended === calls;
  });
  assert.equal(ended, calls);
}

function packed(bytes: Buffer): Buffer {
  const message = grpcMessage(gzipSync(bytes));
  message[0] = 1;
  return message;
}

suite("one connection does not keep the others waiting", () => {
  // A turn of the loop may read once, and go on once with what was left of the turn before.
  const cases = [
    { name: "small calls", calls: 800, body: grpcMessage(Buffer.from("x")), mostATurn: 2 * 64 },
    {
      name: "calls that are small only until they are unpacked",
      calls: 20,
      body: packed(Buffer.alloc(60_000)),
      mostATurn: 2,
    },
    {
      name: "calls that become large, on another thread",
      calls: 20,
      body: packed(Buffer.alloc(900_000)),
      mostATurn: 2,
    },
  ];
  for (const { name, calls, body, mostATurn } of cases) {
    test(`${name} that come at once are taken over many turns`, async (t) => {
      const { turn } = countTurns(t);
      const taken = new Map<number, number>();
      const peer = await connectTo(t, (_call, reply) => {
        taken.set(turn(), (taken.get(turn()) ?? 0) + 1);
        reply({ message: Buffer.from("y") });
      });
      await callAtOnce(peer, calls, body);
      const most = Math.max(...taken.values());
      assert.ok(most <= mostATurn, `${most} calls in one turn`);
    });
  }

  test("of large answers so much is written in a turn, however fast they are read", async (t) => {
    const { turn } = countTurns(t);
    const written = new Map<number, number>();
    const socket = new Duplex({
      read() {},
      write(chunk: Buffer, _encoding, done) {
        written.set(turn(), (written.get(turn()) ?? 0) + chunk.length);
        done();
      },
    });
    let left = 100;
    await new Promise<void>((resolve) => {
      const output = new OutputBuffer(socket, new SlabPool(), () => {
        for (; left > 0 && !output.isBusy; left--) {
          output.reserve(60_000);
          output.used += 60_000;
          output.flush();
        }
        if (left === 0) resolve();
      });
      output.reserve(1);
      output.used = 1;
      output.flush();
    });
    const most = Math.max(...written.values());
    assert.ok(most <= 2 * 360_000, `${most} bytes in one turn`);
    assert.ok(written.size > 5, `${written.size} turns`);
  });
});
