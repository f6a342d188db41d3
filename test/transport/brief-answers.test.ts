import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { UnaryAnswer } from "../../src/transport/grpc-transport.ts";
import { createLeanTransport } from "../../src/transport/lean-transport.ts";
import { connectPeer, type Peer } from "../support/h2-peer.ts";
import {
  clientPreface,
  flag,
  frameType,
  grpcMessage,
  grpcRequest,
  setting,
  settings,
  settingsAck,
  windowUpdate,
} from "../support/h2-wire.ts";

const path = "/test.Service/Method";
const large = Buffer.alloc(100_000, "a");
const brief = Buffer.from("brief");

/** A peer with the largest windows, of a transport that has room for three large answers at a time. */
async function connect(t: TestContext, answer: UnaryAnswer) {
  const transport = createLeanTransport({
    handlers: new Map([[path, (_call, reply) => reply(answer)]]),
    maxMessageBytes: 1_000,
    limits: { maxUnsentBytes: 310_000 },
  });
  const address = await transport.listen("127.0.0.1:0");
  t.after(async () => await transport.close(0));
  const port = Number(address.slice(address.lastIndexOf(":") + 1));
  const peer = await connectPeer({ host: "127.0.0.1", port });
  t.after(() => peer.destroy());
  peer.write(
    Buffer.concat([
      clientPreface,
      settings([setting.INITIAL_WINDOW_SIZE, 0x7fff_ffff]),
      settingsAck,
      windowUpdate(0, 0x7fff_0000),
    ]),
  );
  return { peer, counters: transport.counters };
}

function bodyOf(peer: Peer, stream: number): Buffer {
  const frames = peer.frames.filter(
    (frame) => frame.stream === stream && frame.type === frameType.DATA,
  );
  return Buffer.concat(frames.map(({ payload }) => payload));
}

test("an answer that there is no room for goes as its brief form, and no call is reset", async (t) => {
  const { peer, counters } = await connect(t, { message: large, brief });
  const streams = Array.from({ length: 20 }, (_, index) => 2 * index + 1);
  peer.write(
    Buffer.concat(streams.map((stream) => grpcRequest(stream, path, Buffer.from("request")))),
  );
  for (const stream of streams) {
    const end = await peer.until(
      (frame) => frame.stream === stream && (frame.flags & flag.END_STREAM) !== 0,
    );
    assert.equal(end?.type, frameType.HEADERS);
  }
  const bodies = streams.map((stream) => bodyOf(peer, stream));
  const whole = bodies.filter((body) => body.equals(grpcMessage(large))).length;
  const short = bodies.filter((body) => body.equals(grpcMessage(brief))).length;
  assert.ok(whole >= 3 && short >= 1, `${whole} whole, ${short} brief`);
  assert.equal(whole + short, streams.length);
  assert.equal(counters.attacks["unsent-responses"], 0);
});
