import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { UnaryAnswer, UnaryCall, UnaryHandler } from "../../src/transport/grpc-transport.ts";
import {
  createLeanTransport,
  type LeanTransport,
  type LeanTransportOptions,
} from "../../src/transport/lean-transport.ts";
import { connectPeer, type Peer } from "./h2-peer.ts";
import {
  clientPreface,
  errorNames,
  type Frame,
  flag,
  frame,
  frameType,
  grpcRequest,
  settings,
  settingsAck,
} from "./h2-wire.ts";

/** The method that there is. */
export const path = "/test.Service/Method";
const noMessage = Buffer.alloc(0);

/** A transport, a peer, and what has come of it. */
export interface Setup {
  readonly transport: LeanTransport;
  readonly peer: Peer;
  /** Calls that wait for an answer. */
  readonly calls: { readonly call: UnaryCall; readonly reply: (answer: UnaryAnswer) => void }[];
}

/** Returns a transport whose handler waits, or sends a message of as many bytes as `x-size` says; and a peer that has greeted it. */
export async function setUp(
  t: TestContext,
  options: Partial<LeanTransportOptions> = {},
  greeting: Buffer = settings(),
): Promise<Setup> {
  const calls: Setup["calls"] = [];
  const handler: UnaryHandler = (call, reply) => {
    const size = call.metadata("x-size");
    if (size === undefined) calls.push({ call, reply });
    else reply({ message: Buffer.alloc(Number(size), "a") });
  };
  const transport = createLeanTransport({
    handlers: new Map([[path, handler]]),
    maxMessageBytes: 100_000,
    ...options,
  });
  const address = await transport.listen("127.0.0.1:0");
  const port = Number(address.slice(address.lastIndexOf(":") + 1));
  const peer = await connectPeer({ host: "127.0.0.1", port });
  t.after(async () => {
    peer.destroy();
    // In time that stands still no grace period would end.
    t.mock.timers.reset();
    await transport.close(0);
  });
  peer.write(Buffer.concat([clientPreface, greeting, settingsAck]));
  await peer.until(({ type, flags }) => type === frameType.SETTINGS && flags === flag.ACK);
  return { transport, peer, calls };
}

/** Returns a whole request; its answer has so many bytes, or waits. */
export function request(stream: number, size?: number): Buffer {
  const more = size === undefined ? [] : ([["x-size", String(size)]] as const);
  return grpcRequest(stream, path, noMessage, more);
}

/** Resolves with the frame that ends the stream. */
export async function endOf(peer: Peer, stream: number): Promise<Frame> {
  const last = await peer.until((each) => {
    const ends = each.type === frameType.DATA || each.type === frameType.HEADERS;
    return each.stream === stream && ends && (each.flags & flag.END_STREAM) !== 0;
  });
  assert.ok(last, `stream ${stream} did not end`);
  return last;
}

/** Returns all data of the stream. */
export function bodyOf(peer: Peer, stream: number): Buffer {
  const data = peer.frames.filter((each) => each.type === frameType.DATA && each.stream === stream);
  return Buffer.concat(data.map(({ payload }) => payload));
}

/** Resolves when what has been written has been read and answered. */
export async function settle(peer: Peer, mark: string): Promise<void> {
  peer.write(frame(frameType.PING, 0, 0, Buffer.from(mark.padEnd(8))));
  const pong = await peer.until(
    ({ type, payload }) => type === frameType.PING && payload.toString().trimEnd() === mark,
  );
  assert.ok(pong, "no answer to PING");
}

/** Returns the streams that were reset, with their codes. */
export function resetsOf(peer: Peer): string[] {
  return peer.frames
    .filter(({ type }) => type === frameType.RST_STREAM)
    .map(({ stream, payload }) => `${stream} ${errorNames[payload.readUInt32BE()]}`);
}

/** Returns the last streams and codes of all GOAWAY frames. */
export function goaways(peer: Peer): string[] {
  return peer.frames
    .filter(({ type }) => type === frameType.GOAWAY)
    .map(({ payload }) => `${payload.readUInt32BE(0)} ${errorNames[payload.readUInt32BE(4)]}`);
}
