import assert from "node:assert/strict";
import type { NetConnectOpts } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import type { AttackKind } from "../../../src/transport/http2/attack-limits.ts";
import { connectPeer, type Peer } from "../../support/h2-peer.ts";
import {
  clientPreface,
  errorNames,
  type Field,
  flag,
  frame,
  frameType,
  grpcFields,
  grpcMessage,
  grpcRequest,
  headerBlock,
  hpackField,
  hpackInteger,
  literal,
  ping,
  rstStream,
  setting,
  settings,
  settingsAck,
  windowUpdate,
} from "../../support/h2-wire.ts";

/** The end of an attack when the server defends itself. */
export type AttackEnd =
  /** The connection is closed before the attacker has sent all it wanted to. */
  | "cut off"
  /** The attacker's connection may stay, but it gets no further. */
  | "bounded";

/** Something a hostile client does. */
export interface Attack {
  readonly name: string;
  /** The limit that has to be counted as hit. */
  readonly kind: AttackKind;
  readonly want: AttackEnd;
  /** Attacks until it is cut off or has done its worst; resolves with how it ended. */
  readonly run: (where: NetConnectOpts) => Promise<AttackEnd>;
}

const { DATA, HEADERS, PRIORITY, CONTINUATION } = frameType;
const { END_STREAM, END_HEADERS } = flag;
const never = headerBlock(grpcFields("/test.Service/Never"));
const large = "/test.Service/Large";

/** More frames than any limit lets through. */
const floodFrames = 30_000;
/** Longer than any of the time limits that the server under attack is started with. */
const patienceMs = 6_000;

async function open(
  where: NetConnectOpts,
  ...pairs: readonly (readonly [number, number])[]
): Promise<Peer> {
  const peer = await connectPeer(where);
  peer.write(Buffer.concat([clientPreface, settings(...pairs), settingsAck]));
  return peer;
}

/** Sends frames in batches until all are sent or the connection is closed. */
async function flood(
  peer: Peer,
  make: (i: number) => Uint8Array,
  frames: number = floodFrames,
): Promise<AttackEnd> {
  await send(peer, make, frames);
  // Some end after a round trip that the attacker does not answer, so that nobody else on the connection loses a call.
  return await close(peer, 2_500);
}

async function send(peer: Peer, make: (i: number) => Uint8Array, frames: number): Promise<void> {
  const batch = 100;
  for (let sent = 0; sent < frames && !peer.closed; sent += batch) {
    await peer.push(Buffer.concat(Array.from({ length: batch }, (_, i) => make(sent + i))));
  }
}

/** Sends small pieces with pauses for as long as the connection lives. */
async function trickle(peer: Peer, make: () => Uint8Array): Promise<AttackEnd> {
  const end = performance.now() + patienceMs;
  while (!peer.closed && performance.now() < end) {
    peer.write(make());
    await sleep(50);
  }
  return await close(peer, 0);
}

async function close(peer: Peer, waitMs: number): Promise<AttackEnd> {
  const closed = await peer.end(waitMs);
  peer.destroy();
  return closed ? "cut off" : "bounded";
}

/** An attack that is a flood of frames after the usual beginning. */
function flooding(name: string, kind: AttackKind, make: (i: number) => Uint8Array): Attack {
  return {
    name,
    kind,
    want: "cut off",
    run: async (where) => await flood(await open(where), make),
  };
}

const idOf = (i: number): number => 2 * i + 1;

const floods: readonly Attack[] = [
  flooding("streams opened and reset at once (CVE-2023-44487)", "rapid-reset", (i) =>
    Buffer.concat([frame(HEADERS, END_HEADERS, idOf(i), never), rstStream(idOf(i))]),
  ),
  flooding("streams that the server is made to reset (CVE-2025-8671)", "rapid-reset", (i) =>
    Buffer.concat([frame(HEADERS, END_HEADERS, idOf(i), never), windowUpdate(idOf(i), 0)]),
  ),
  flooding("a header block without end (CVE-2024-27316)", "continuation-flood", (i) =>
    i === 0
      ? frame(HEADERS, END_STREAM, 1, never)
      : frame(CONTINUATION, 0, 1, headerBlock([["x-a", "a".repeat(100)]])),
  ),
  flooding("a header block of empty frames", "continuation-flood", (i) =>
    i === 0 ? frame(HEADERS, END_STREAM, 1, never) : frame(CONTINUATION, 0, 1),
  ),
  flooding("SETTINGS (CVE-2019-9515)", "settings-flood", () =>
    settings([setting.INITIAL_WINDOW_SIZE, 65_535]),
  ),
  flooding("PING (CVE-2019-9512)", "ping-flood", () => ping()),
  flooding("empty DATA (CVE-2019-9518)", "empty-frame-flood", (i) =>
    i === 0 ? frame(HEADERS, END_HEADERS, 1, never) : frame(DATA, 0, 1),
  ),
  flooding("DATA that is all padding", "empty-frame-flood", (i) =>
    i === 0
      ? frame(HEADERS, END_HEADERS, 1, never)
      : frame(DATA, flag.PADDED, 1, Buffer.from([1, 0])),
  ),
  flooding("PRIORITY (CVE-2019-9513)", "priority-flood", (i) =>
    frame(PRIORITY, 0, idOf(i % 1_000), Buffer.alloc(5)),
  ),
  flooding("frames of an unknown type", "unknown-frame-flood", () => frame(0x77, 0, 0)),
  flooding("WINDOW_UPDATE by 1", "window-update-flood", () => windowUpdate(0, 1)),
  flooding("a dynamic table that changes its size with every request", "table-size-churn", (i) => {
    const sizes = Buffer.concat([hpackInteger(0x20, 5, 0), hpackInteger(0x20, 5, 4_096)]);
    const block = Buffer.concat([sizes, headerBlock(grpcFields("/test.Service/Echo"))]);
    return Buffer.concat([
      frame(HEADERS, END_HEADERS, idOf(i), block),
      frame(DATA, END_STREAM, idOf(i), grpcMessage(Buffer.alloc(0))),
    ]);
  }),
];

/** Asks for large responses on so many streams. */
function largeRequests(count: number, bytes: number): Buffer {
  const message = Buffer.from(String(bytes));
  return Buffer.concat(
    Array.from({ length: count }, (_, i) => grpcRequest(idOf(i), large, message)),
  );
}

const windows: readonly Attack[] = [
  {
    name: "a window that grows by one byte at a time (CVE-2019-9511)",
    kind: "tiny-window",
    want: "cut off",
    run: async (where) => {
      const peer = await open(where, [setting.INITIAL_WINDOW_SIZE, 0]);
      peer.write(largeRequests(1, 1_000_000));
      return await flood(peer, () => windowUpdate(1, 1));
    },
  },
  {
    name: "a window of 0 that stays (CVE-2019-9517)",
    kind: "stalled-window",
    want: "bounded",
    run: async (where) => {
      const peer = await open(where, [setting.INITIAL_WINDOW_SIZE, 0]);
      peer.write(largeRequests(10, 100_000));
      const reset = await peer.until(({ type }) => type === frameType.RST_STREAM, patienceMs);
      const ended = reset !== undefined || peer.closed;
      peer.destroy();
      return ended ? "bounded" : neverEnded("the responses were kept");
    },
  },
  {
    name: "responses that pile up behind a window of 0",
    kind: "unsent-responses",
    want: "bounded",
    run: async (where) => {
      const peer = await open(where, [setting.INITIAL_WINDOW_SIZE, 0]);
      peer.write(largeRequests(100, 1_000_000));
      const reset = await peer.until(({ type }) => type === frameType.RST_STREAM, patienceMs);
      const ended = reset !== undefined || peer.closed;
      peer.destroy();
      return ended ? "bounded" : neverEnded("the responses were kept");
    },
  },
  {
    name: "a peer that asks for much and never reads",
    kind: "stalled-output",
    want: "cut off",
    run: async (where) => {
      const peer = await open(where, [setting.INITIAL_WINDOW_SIZE, 2 ** 31 - 1]);
      peer.socket.pause();
      peer.write(Buffer.concat([windowUpdate(0, 2 ** 30), largeRequests(15, 1_000_000)]));
      await sleep(patienceMs / 2);
      peer.socket.resume();
      return await close(peer, patienceMs);
    },
  },
  {
    name: "requests whose headers come back large, by a peer that never reads",
    kind: "unread-output",
    want: "cut off",
    run: async (where) => {
      const peer = await open(where);
      peer.socket.pause();
      const details = Buffer.alloc(4_000, "d");
      return await flood(peer, (i) => grpcRequest(idOf(i), "/test.Service/Fail", details), 10_000);
    },
  },
];

function neverEnded(what: string): never {
  throw new Error(what);
}

/** 4 kB in the dynamic table, named over and over (the "HPACK bomb"). */
function bomb(stream: number): Buffer {
  const field: Field = ["x-bomb", "b".repeat(3_900)];
  const block = Buffer.concat([
    headerBlock(grpcFields("/test.Service/Echo")),
    hpackField(field, literal.indexed),
    Buffer.alloc(10_000, 0x80 | 62),
  ]);
  return frame(HEADERS, END_HEADERS | END_STREAM, stream, block);
}

const headers: readonly Attack[] = [
  {
    name: "a small header block that means 40 MB",
    kind: "header-list",
    want: "bounded",
    run: async (where) => {
      const peer = await open(where);
      return await refusedFlood(peer, (i) => bomb(idOf(i)), 100);
    },
  },
  {
    name: "a header list over the limit",
    kind: "header-list",
    want: "bounded",
    run: async (where) => {
      const peer = await open(where);
      const fields = Array.from({ length: 8 }, (_, i): Field => [`x-${i}`, "v".repeat(40_000)]);
      const block = headerBlock(grpcFields("/test.Service/Echo", fields));
      return await refusedFlood(peer, (i) => headersInFrames(idOf(i), block), 200);
    },
  },
];

/** A header block in frames of the largest size. */
function headersInFrames(stream: number, block: Buffer): Buffer {
  const size = 16_384;
  const frames: Buffer[] = [];
  for (let at = 0; at < block.length; at += size) {
    const [type, flags] = at === 0 ? [HEADERS, END_STREAM] : [CONTINUATION, 0];
    const ends = at + size >= block.length ? END_HEADERS : 0;
    frames.push(frame(type, flags | ends, stream, block.subarray(at, at + size)));
  }
  return Buffer.concat(frames);
}

/** A flood of requests each of which has to be told to be too large, in the way of its method, and nothing else. */
async function refusedFlood(
  peer: Peer,
  make: (i: number) => Uint8Array,
  requests: number,
): Promise<AttackEnd> {
  await send(peer, make, requests);
  await peer.until(
    ({ stream, flags }) => stream === idOf(requests - 1) && (flags & END_STREAM) > 0,
  );
  const heads = peer.frames.filter(({ type }) => type === HEADERS);
  const data = peer.frames.filter(({ type }) => type === DATA);
  const texts = new Set(data.map(({ payload }) => payload.subarray(5).toString()));
  const refused = new Set(data.map(({ stream }) => stream));
  assert.deepEqual([heads.length, refused.size], [2 * requests, requests]);
  assert.deepEqual(texts, new Set(["too large"]));
  assert.deepEqual([resetCodes(peer), peer.goaway()], [[], undefined]);
  return await close(peer, 1_000);
}

/** The names of the codes that streams were reset with, each once. */
function resetCodes(peer: Peer): readonly (string | undefined)[] {
  const resets = peer.frames.filter(({ type }) => type === frameType.RST_STREAM);
  return [...new Set(resets.map(({ payload }) => errorNames[payload.readUInt32BE(0)]))];
}

const slowness: readonly Attack[] = [
  {
    name: "a connection without a preface",
    kind: "slow-preface",
    want: "cut off",
    run: async (where) => await close(await connectPeer(where), patienceMs),
  },
  {
    name: "a preface a byte at a time",
    kind: "slow-preface",
    want: "cut off",
    run: async (where) => {
      const peer = await connectPeer(where);
      let at = 0;
      return await trickle(peer, () => clientPreface.subarray(at % 23, (at++ % 23) + 1));
    },
  },
  {
    name: "SETTINGS that are never acknowledged",
    kind: "slow-settings",
    want: "cut off",
    run: async (where) => {
      const peer = await connectPeer(where);
      peer.write(Buffer.concat([clientPreface, settings()]));
      return await close(peer, patienceMs);
    },
  },
  {
    name: "a frame a byte at a time",
    kind: "slow-frame",
    want: "cut off",
    run: async (where) => {
      const peer = await open(where);
      peer.write(frame(0x77, 0, 0, Buffer.alloc(1_000)).subarray(0, 9));
      return await trickle(peer, () => Buffer.alloc(1));
    },
  },
  {
    name: "a header block a frame at a time",
    kind: "slow-frame",
    want: "cut off",
    run: async (where) => {
      const peer = await open(where);
      peer.write(frame(HEADERS, END_STREAM, 1, never.subarray(0, 10)));
      let at = 10;
      return await trickle(peer, () => {
        at += 1;
        return at % 10 === 0
          ? frame(CONTINUATION, 0, 1, never.subarray(at, at + 1))
          : Buffer.alloc(0);
      });
    },
  },
  {
    name: "a message a byte at a time",
    kind: "slow-request",
    want: "bounded",
    run: async (where) => {
      const peer = await open(where);
      peer.write(frame(HEADERS, END_HEADERS, 1, never));
      peer.write(frame(DATA, 0, 1, grpcMessage(Buffer.alloc(1_000)).subarray(0, 5)));
      return await untilReset(peer, () => frame(DATA, 0, 1, Buffer.alloc(1)));
    },
  },
  {
    name: "streams that are opened and never used",
    kind: "slow-request",
    want: "bounded",
    run: async (where) => {
      const peer = await open(where);
      for (let i = 0; i < 100; i++) peer.write(frame(HEADERS, END_HEADERS, idOf(i), never));
      return await untilReset(peer, () => Buffer.alloc(0));
    },
  },
];

/** Trickles until a stream is reset or the connection closed. */
async function untilReset(peer: Peer, make: () => Uint8Array): Promise<AttackEnd> {
  const isOver = (): boolean =>
    peer.closed || peer.frames.some(({ type }) => type === frameType.RST_STREAM);
  for (const end = performance.now() + patienceMs; !isOver() && performance.now() < end; ) {
    peer.write(make());
    await sleep(50);
  }
  const over = isOver();
  peer.destroy();
  return over ? "bounded" : neverEnded("the stream was kept");
}

/** Resolves once the connection's window has room for so many bytes in all, or the connection is gone. */
async function untilAllowed(peer: Peer, bytes: number): Promise<void> {
  let allowed = 65_535;
  await peer.until(({ type, stream, payload }) => {
    if (type === frameType.WINDOW_UPDATE && stream === 0) allowed += payload.readUInt32BE(0);
    return allowed >= bytes;
  });
}

/** A whole request that stays open for as long as the server likes. */
const neverAnswered = (i: number): Buffer => grpcRequest(idOf(i), "/test.Service/Never");

const greed: readonly Attack[] = [
  {
    name: "more streams at once than are allowed",
    kind: "too-many-streams",
    want: "cut off",
    run: async (where) => {
      const peer = await open(where);
      const end = await flood(peer, neverAnswered, 5_000);
      // Each is refused, and more than a thousand refusals are too many.
      assert.deepEqual(resetCodes(peer), ["REFUSED_STREAM"]);
      assert.equal(peer.goaway() ?? "ENHANCE_YOUR_CALM", "ENHANCE_YOUR_CALM");
      return end;
    },
  },
  {
    name: "messages that never end",
    kind: "unfinished-requests",
    want: "bounded",
    run: async (where) => {
      const peer = await open(where);
      const announced = Buffer.from([0, 0, 0x3f, 0xff, 0xff]);
      const streams = 100;
      const heads = Array.from({ length: streams }, (_, i) =>
        Buffer.concat([
          frame(HEADERS, END_HEADERS, idOf(i), never),
          frame(DATA, 0, idOf(i), announced),
        ]),
      );
      const part = Buffer.alloc(16_000);
      const parts = Array.from({ length: streams }, (_, i) => frame(DATA, 0, idOf(i), part));
      peer.write(Buffer.concat(heads));
      // As fast as the connection's window lets it: 80 MB.
      for (let sent = 5 * streams, round = 0; round < 50 && !peer.closed; round++) {
        sent += streams * part.length;
        await untilAllowed(peer, sent);
        await peer.push(Buffer.concat(parts));
      }
      await peer.until(({ type }) => type === frameType.RST_STREAM, patienceMs);
      assert.deepEqual([resetCodes(peer), peer.goaway()], [["CANCEL"], undefined]);
      return await close(peer, 0);
    },
  },
  {
    name: "small messages that inflate large",
    kind: "inflating-messages",
    want: "bounded",
    run: async (where) => {
      const peer = await open(where);
      // 4 MB out of 4 KB.
      const inflated = 4_194_304;
      const packed = grpcMessage(gzipSync(Buffer.alloc(inflated)));
      packed[0] = 1;
      const block = headerBlock(grpcFields("/test.Service/Size", [["grpc-encoding", "gzip"]]));
      const calls = 500;
      const make = (i: number): Buffer =>
        Buffer.concat([
          frame(HEADERS, END_HEADERS, idOf(i), block),
          frame(DATA, END_STREAM, idOf(i), packed),
        ]);
      await send(peer, make, calls);
      let answers = 0;
      await peer.until(({ type, flags }) => {
        if (type === HEADERS && (flags & END_STREAM) !== 0) answers++;
        return answers === calls;
      });
      const data = peer.frames.filter(({ type }) => type === DATA);
      const texts = new Set(data.map(({ payload }) => payload.subarray(5).toString()));
      assert.deepEqual([answers, texts], [calls, new Set([String(inflated), "too large"])]);
      assert.deepEqual([resetCodes(peer), peer.goaway()], [[], undefined]);
      return await close(peer, 0);
    },
  },
];

/** Every attack, in the order of the limits. */
export const attacks: readonly Attack[] = [
  ...floods,
  ...headers,
  ...slowness,
  ...windows,
  ...greed,
];
