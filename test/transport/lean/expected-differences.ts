import { flag, frameType, headerBlock } from "../../support/h2-wire.ts";
import type { FrameParts, StreamState } from "./random-frame.ts";

/** A fault that Node's server (nghttp2) and the lean transport answer differently, and what the RFC says. */
export interface ExpectedDifference {
  /** The fault's name in `frame-faults.ts`. */
  readonly fault: string;
  /** What Node makes of it; several where that depends on when the frame comes. */
  readonly node: readonly string[];
  readonly lean: string;
  /** Why the lean transport's answer is right. */
  readonly clause: string;
}

const accepted = ["accepted"];
const protocolError = ["connection PROTOCOL_ERROR"];
const notAName =
  "RFC 9113 §8.2.1: a name with any other character than those of a token is malformed";
const notAValue = "RFC 9113 §8.2.1: a value with NUL, CR or LF is malformed";
const paddingMissing =
  "RFC 9113 §4.2: a frame too small for its mandatory data is FRAME_SIZE_ERROR";
const afterReset =
  "RFC 9113 §5.1: a frame after the peer's RST_STREAM is a stream error STREAM_CLOSED";
const afterEnd = "RFC 9113 §5.1: a frame after END_STREAM on a closed stream is STREAM_CLOSED";
const onItself = "RFC 7540 §5.3.1: a stream that depends on itself is a stream error";

export const expectedDifferences: readonly ExpectedDifference[] = [
  {
    fault: "SETTINGS acknowledged that were never sent",
    node: protocolError,
    lean: "accepted",
    clause: "RFC 9113 §6.5.3: an acknowledgement of nothing is no error",
  },
  {
    fault: "PING acknowledged that was never sent",
    node: ["connection INTERNAL_ERROR"],
    lean: "accepted",
    clause: "RFC 9113 §6.7: an acknowledgement of nothing is no error",
  },
  {
    fault: "WINDOW_UPDATE by 0 on a stream",
    node: protocolError,
    lean: "stream PROTOCOL_ERROR",
    clause: "RFC 9113 §6.9: by 0 on a stream is an error of the stream",
  },
  {
    fault: "WINDOW_UPDATE that overflows a stream's window",
    node: ["connection FLOW_CONTROL_ERROR"],
    lean: "stream FLOW_CONTROL_ERROR",
    clause: "RFC 9113 §6.9.1: a stream's window over 2^31-1 is an error of the stream",
  },
  {
    fault: "PRIORITY of 4 bytes",
    node: ["connection FRAME_SIZE_ERROR"],
    lean: "stream FRAME_SIZE_ERROR",
    clause: "RFC 9113 §6.3: a length other than 5 is an error of the stream",
  },
  {
    fault: "PRIORITY on the connection",
    node: accepted,
    lean: "connection PROTOCOL_ERROR",
    clause: "RFC 9113 §6.3: on stream 0 it is a connection error",
  },
  { fault: "PRIORITY on itself", node: accepted, lean: "stream PROTOCOL_ERROR", clause: onItself },
  {
    fault: "HEADERS that depend on themselves",
    node: protocolError,
    lean: "stream PROTOCOL_ERROR",
    clause: onItself,
  },
  {
    fault: "HEADERS on a finished stream",
    node: ["accepted", "connection STREAM_CLOSED"],
    lean: "connection STREAM_CLOSED",
    clause: afterEnd,
  },
  {
    fault: "DATA on a finished stream",
    node: ["accepted", "connection STREAM_CLOSED"],
    lean: "connection STREAM_CLOSED",
    clause: afterEnd,
  },
  {
    fault: "HEADERS on a cancelled stream",
    node: accepted,
    lean: "stream STREAM_CLOSED",
    clause: afterReset,
  },
  {
    fault: "DATA on a cancelled stream",
    node: accepted,
    lean: "stream STREAM_CLOSED",
    clause: afterReset,
  },
  {
    fault: "HEADERS on a stream that was skipped",
    node: accepted,
    lean: "connection PROTOCOL_ERROR",
    clause: "RFC 9113 §5.1.1: a new stream lower than one that was opened is a connection error",
  },
  {
    fault: "HEADERS with padding and no payload",
    node: protocolError,
    lean: "connection FRAME_SIZE_ERROR",
    clause: paddingMissing,
  },
  {
    fault: "DATA with padding and no payload",
    node: protocolError,
    lean: "connection FRAME_SIZE_ERROR",
    clause: paddingMissing,
  },
  {
    fault: "a name with a space",
    node: accepted,
    lean: "stream PROTOCOL_ERROR",
    clause: notAName,
  },
  {
    fault: "a name with a colon",
    node: accepted,
    lean: "stream PROTOCOL_ERROR",
    clause: notAName,
  },
  { fault: "an empty name", node: accepted, lean: "stream PROTOCOL_ERROR", clause: notAName },
  { fault: "a value with LF", node: accepted, lean: "stream PROTOCOL_ERROR", clause: notAValue },
  { fault: "a value with NUL", node: accepted, lean: "stream PROTOCOL_ERROR", clause: notAValue },
  {
    fault: "no :authority",
    node: ["stream PROTOCOL_ERROR"],
    lean: "accepted",
    clause: "RFC 9113 §8.3.1: a request need not have an :authority",
  },
  {
    fault: "a content-length that is too small",
    node: ["connection INTERNAL_ERROR"],
    lean: "stream PROTOCOL_ERROR",
    clause: "RFC 9113 §8.1.1: a content-length that differs makes a request malformed",
  },
  {
    fault: "a host that differs from :authority",
    node: accepted,
    lean: "stream PROTOCOL_ERROR",
    clause: "RFC 9113 §8.3.1: a Host that differs from :authority makes a request malformed",
  },
];

/** A frame that shows a difference, somewhere in a sequence of others. */
export interface FrameExample extends FrameParts {
  /** The seed of the sequence; any does, if not given. */
  readonly seed?: number;
}

/** A kind of random frame that one of the two servers refuses and the other does not. */
export interface OneSidedRefusal {
  /** The frame's type and the state of its stream, as `random-frame.ts` has them. */
  readonly type: number;
  readonly states: readonly StreamState[];
  readonly refusedBy: "node" | "lean";
  /** Flags that such a frame has; any, if not given. */
  readonly flags?: number;
  /** What the one that refuses says; anything, if not given. */
  readonly verdict?: string;
  readonly example: FrameExample;
  readonly clause: string;
}

const { DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE } = frameType;
const over: readonly StreamState[] = ["ended", "cancelled"];
/** A GOAWAY that names a stream of the client's own, which Node takes amiss. */
const clientsStream = Buffer.from([0, 0, 0, 1, 0, 0, 0, 0]);
const trailers = flag.END_HEADERS | flag.END_STREAM;

export const oneSidedRefusals: readonly OneSidedRefusal[] = [
  {
    type: DATA,
    states: over,
    refusedBy: "lean",
    example: { state: "cancelled" },
    clause: `${afterEnd}; ${afterReset}`,
  },
  {
    type: HEADERS,
    states: over,
    refusedBy: "lean",
    example: { state: "cancelled", flags: trailers },
    clause: `${afterEnd}; ${afterReset}`,
  },
  {
    type: HEADERS,
    states: ["open"],
    refusedBy: "lean",
    flags: trailers,
    verdict: "stream PROTOCOL_ERROR",
    example: { state: "open", flags: trailers, payload: headerBlock([["", "x"]]) },
    clause: `${notAName}, nor is it empty; of trailers too (§8.1)`,
  },
  {
    type: HEADERS,
    states: ["open"],
    refusedBy: "node",
    flags: trailers,
    verdict: "stream PROTOCOL_ERROR",
    example: { state: "open", flags: trailers, payload: headerBlock([["content-length", "six"]]) },
    clause:
      "RFC 9110 §6.5.1: trailers are not merged into the head, so a content-length or host among them is not checked",
  },
  {
    type: PRIORITY,
    states: ["connection", "open", "ended", "cancelled", "idle", "even"],
    refusedBy: "lean",
    example: { state: "connection", payload: Buffer.alloc(5) },
    clause: "RFC 9113 §6.3 and RFC 7540 §5.3.1: neither on stream 0 nor on itself",
  },
  {
    type: RST_STREAM,
    states: ["ended"],
    refusedBy: "node",
    example: { seed: 8, state: "ended", payload: Buffer.alloc(4) },
    clause: "RFC 9113 §5.1: the answer may or may not be on its way already",
  },
  {
    type: SETTINGS,
    states: ["connection"],
    refusedBy: "node",
    example: { state: "connection", flags: flag.ACK },
    clause: "RFC 9113 §6.5.3: an acknowledgement of nothing is no error",
  },
  {
    type: PING,
    states: ["connection"],
    refusedBy: "node",
    example: { state: "connection", flags: flag.ACK, payload: Buffer.alloc(8) },
    clause: "RFC 9113 §6.7: an acknowledgement of nothing is no error",
  },
  {
    type: WINDOW_UPDATE,
    states: over,
    refusedBy: "node",
    example: { seed: 8, state: "ended", payload: Buffer.alloc(4) },
    clause: "RFC 9113 §5.1: on a closed stream it is ignored, whatever it says",
  },
  {
    type: GOAWAY,
    states: ["connection"],
    refusedBy: "node",
    example: { seed: 0, state: "connection", payload: clientsStream },
    clause: "RFC 9113 §6.8: what the peer began before it said goodbye is answered",
  },
];

/** Errors of a kind of random frame that both servers refuse, and not for the same reason. */
export interface TwoReasons {
  readonly type: number;
  readonly node: readonly string[];
  readonly lean: readonly string[];
  readonly example: FrameExample;
  readonly clause: string;
}

const sizeError = "connection FRAME_SIZE_ERROR";
const anyOfBlock = [
  sizeError,
  "connection PROTOCOL_ERROR",
  "connection COMPRESSION_ERROR",
  "connection STREAM_CLOSED",
];

/** A frame whose length and whose stream are wrong breaks two rules, each of which is a connection error. */
function lengthAndStream(type: number, state: StreamState, section: string): TwoReasons {
  const clause = `RFC 9113 §4.2 and §${section}: of two broken rules either may be told`;
  const example = { state, payload: Buffer.alloc(1) };
  return { type, node: [sizeError], lean: protocolError, example, clause };
}

export const twoReasons: readonly TwoReasons[] = [
  lengthAndStream(PRIORITY, "connection", "6.3"),
  lengthAndStream(frameType.PUSH_PROMISE, "open", "8.4"),
  lengthAndStream(SETTINGS, "open", "6.5"),
  lengthAndStream(PING, "open", "6.7"),
  lengthAndStream(GOAWAY, "open", "6.8"),
  {
    type: PRIORITY,
    node: [sizeError],
    lean: ["stream FRAME_SIZE_ERROR"],
    example: { state: "open", payload: Buffer.alloc(4) },
    clause: "RFC 9113 §6.3: a length other than 5 is an error of the stream",
  },
  {
    type: WINDOW_UPDATE,
    node: protocolError,
    lean: ["stream PROTOCOL_ERROR"],
    example: { state: "open", payload: Buffer.alloc(4) },
    clause: "RFC 9113 §6.9: by 0 on a stream is an error of the stream",
  },
  {
    type: DATA,
    node: ["connection STREAM_CLOSED", ...protocolError],
    lean: [sizeError, ...protocolError, "connection STREAM_CLOSED"],
    example: { state: "idle", flags: flag.PADDED },
    clause: `${paddingMissing}, and on a wrong stream it breaks two rules`,
  },
  {
    type: HEADERS,
    node: anyOfBlock,
    lean: anyOfBlock,
    example: { state: "idle", flags: 0x29, payload: Buffer.from("903ff7", "hex") },
    clause:
      "RFC 9113 §4.2, §4.3, §5.1, §6.2: a block of random bytes on a wrong stream breaks several rules, each a connection error",
  },
  {
    type: GOAWAY,
    node: protocolError,
    lean: ["no answer"],
    example: { seed: 1, state: "connection", payload: clientsStream },
    clause:
      "RFC 9113 §6.8: whoever has said goodbye is told which streams are served; no later one",
  },
];
