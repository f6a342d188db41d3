import {
  type Field,
  flag,
  frame,
  frameType,
  grpcFields,
  grpcMessage,
  headerBlock,
  hpackInteger,
  ping,
  rstStream,
  setting,
  settings,
  uint32,
  windowUpdate,
} from "../../support/h2-wire.ts";
import type { FaultPlace } from "./frame-sequences.ts";

const { DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE } = frameType;
const { PING, GOAWAY, WINDOW_UPDATE, CONTINUATION } = frameType;
const { END_STREAM, END_HEADERS, PADDED, ACK } = flag;
const ended = END_STREAM | END_HEADERS;

const path = "/test.Service/Echo";
const block = headerBlock(grpcFields(path));

/** Something a client must not send, or hardly ever does. */
export interface Fault {
  readonly name: string;
  readonly bytes: (place: FaultPlace) => Uint8Array;
}

/** A request whose header fields are the usual ones, changed; its message follows. */
function request(change: (fields: readonly Field[]) => readonly Field[]): Fault["bytes"] {
  return ({ idle }) =>
    Buffer.concat([
      frame(HEADERS, END_HEADERS, idle, headerBlock(change(grpcFields(path)))),
      frame(DATA, END_STREAM, idle, grpcMessage(Buffer.from("x"))),
    ]);
}

const adding = (...more: Field[]): Fault["bytes"] => request((fields) => [...fields, ...more]);
const without = (name: string): Fault["bytes"] =>
  request((fields) => fields.filter(([each]) => each !== name));
const replacing = (name: string, value: string): Fault["bytes"] =>
  request((fields) => fields.map((field) => (field[0] === name ? [name, value] : field)));

/** A whole request whose block begins with these bytes. */
function withBlock(make: (place: FaultPlace) => Uint8Array): Fault["bytes"] {
  return (place) =>
    Buffer.concat([
      frame(HEADERS, END_HEADERS, place.idle, Buffer.concat([block, make(place)])),
      frame(DATA, END_STREAM, place.idle, grpcMessage(Buffer.from("x"))),
    ]);
}

const settingsFaults: readonly Fault[] = [
  { name: "SETTINGS of 5 bytes", bytes: () => frame(SETTINGS, 0, 0, Buffer.alloc(5)) },
  { name: "SETTINGS on a stream", bytes: ({ open }) => frame(SETTINGS, 0, open) },
  {
    name: "SETTINGS acknowledged with a payload",
    bytes: () => frame(SETTINGS, ACK, 0, Buffer.alloc(6)),
  },
  { name: "SETTINGS acknowledged that were never sent", bytes: () => frame(SETTINGS, ACK) },
  { name: "ENABLE_PUSH 2", bytes: () => settings([setting.ENABLE_PUSH, 2]) },
  {
    name: "INITIAL_WINDOW_SIZE 2^31",
    bytes: () => settings([setting.INITIAL_WINDOW_SIZE, 2 ** 31]),
  },
  { name: "MAX_FRAME_SIZE 16383", bytes: () => settings([setting.MAX_FRAME_SIZE, 16_383]) },
  { name: "MAX_FRAME_SIZE 2^24", bytes: () => settings([setting.MAX_FRAME_SIZE, 2 ** 24]) },
  {
    name: "INITIAL_WINDOW_SIZE that overflows an open stream's window",
    bytes: ({ open }) =>
      Buffer.concat([
        settings([setting.INITIAL_WINDOW_SIZE, 65_535]),
        windowUpdate(open, 1_000_000),
        settings([setting.INITIAL_WINDOW_SIZE, 2 ** 31 - 1]),
      ]),
  },
];

const controlFaults: readonly Fault[] = [
  { name: "PING of 7 bytes", bytes: () => frame(PING, 0, 0, Buffer.alloc(7)) },
  { name: "PING on a stream", bytes: ({ open }) => frame(PING, 0, open, Buffer.alloc(8)) },
  { name: "PING acknowledged that was never sent", bytes: () => ping("whatever", ACK) },
  { name: "GOAWAY of 7 bytes", bytes: () => frame(GOAWAY, 0, 0, Buffer.alloc(7)) },
  { name: "GOAWAY on a stream", bytes: ({ open }) => frame(GOAWAY, 0, open, Buffer.alloc(8)) },
  { name: "WINDOW_UPDATE of 3 bytes", bytes: () => frame(WINDOW_UPDATE, 0, 0, Buffer.alloc(3)) },
  {
    name: "WINDOW_UPDATE of 5 bytes on a stream",
    bytes: ({ open }) => frame(WINDOW_UPDATE, 0, open, Buffer.alloc(5)),
  },
  { name: "WINDOW_UPDATE by 0 on the connection", bytes: () => windowUpdate(0, 0) },
  { name: "WINDOW_UPDATE by 0 on a stream", bytes: ({ open }) => windowUpdate(open, 0) },
  { name: "WINDOW_UPDATE on an idle stream", bytes: ({ idle }) => windowUpdate(idle, 1) },
  {
    name: "WINDOW_UPDATE on a finished stream",
    bytes: ({ ended: stream }) => windowUpdate(stream, 1),
  },
  {
    name: "WINDOW_UPDATE that overflows the connection's window",
    bytes: () => windowUpdate(0, 2 ** 31 - 1),
  },
  {
    name: "WINDOW_UPDATE that overflows a stream's window",
    bytes: ({ open }) => windowUpdate(open, 2 ** 31 - 1),
  },
  {
    name: "RST_STREAM of 3 bytes",
    bytes: ({ open }) => frame(RST_STREAM, 0, open, Buffer.alloc(3)),
  },
  { name: "RST_STREAM on the connection", bytes: () => rstStream(0) },
  { name: "RST_STREAM on an idle stream", bytes: ({ idle }) => rstStream(idle) },
  { name: "RST_STREAM twice", bytes: ({ cancelled }) => rstStream(cancelled) },
  { name: "RST_STREAM with a code nobody knows", bytes: ({ open }) => rstStream(open, 0xbeef) },
  { name: "PRIORITY of 4 bytes", bytes: ({ open }) => frame(PRIORITY, 0, open, Buffer.alloc(4)) },
  { name: "PRIORITY on the connection", bytes: () => frame(PRIORITY, 0, 0, Buffer.alloc(5)) },
  {
    name: "PRIORITY on itself",
    bytes: ({ open }) => frame(PRIORITY, 0, open, Buffer.concat([uint32(open), Buffer.alloc(1)])),
  },
  {
    name: "PUSH_PROMISE",
    bytes: ({ open, idle }) =>
      frame(PUSH_PROMISE, END_HEADERS, open, Buffer.concat([uint32(idle + 1), block])),
  },
  {
    name: "a frame that nobody knows on a stream",
    bytes: ({ open }) => frame(0x77, 0xff, open, Buffer.alloc(50)),
  },
  {
    name: "a frame that nobody knows, larger than allowed",
    bytes: () => frame(0x77, 0, 0, Buffer.alloc(16_385)),
  },
  {
    name: "a reserved bit before the stream",
    bytes: () => frame(PING, 0, 2 ** 31, Buffer.from("reserved")),
  },
];

const streamFaults: readonly Fault[] = [
  { name: "HEADERS on the connection", bytes: () => frame(HEADERS, ended, 0, block) },
  {
    name: "HEADERS on an even stream",
    bytes: ({ idle }) => frame(HEADERS, ended, idle - 1, block),
  },
  {
    name: "HEADERS on a finished stream",
    bytes: ({ ended: stream }) => frame(HEADERS, ended, stream, block),
  },
  {
    name: "HEADERS on a cancelled stream",
    bytes: ({ cancelled }) => frame(HEADERS, ended, cancelled, block),
  },
  {
    name: "HEADERS again without END_STREAM",
    bytes: ({ open }) => frame(HEADERS, END_HEADERS, open, headerBlock([["x-a", "b"]])),
  },
  {
    name: "HEADERS on a stream that was skipped",
    bytes: ({ idle, skipped }) =>
      Buffer.concat([frame(HEADERS, ended, idle, block), frame(HEADERS, ended, skipped, block)]),
  },
  {
    name: "HEADERS with more padding than payload",
    bytes: ({ idle }) => frame(HEADERS, ended | PADDED, idle, Buffer.from([9, 0x82])),
  },
  {
    name: "HEADERS with padding and no payload",
    bytes: ({ idle }) => frame(HEADERS, ended | PADDED, idle),
  },
  {
    name: "HEADERS with a priority of 3 bytes",
    bytes: ({ idle }) => frame(HEADERS, ended | flag.PRIORITY, idle, Buffer.alloc(3)),
  },
  {
    name: "HEADERS that depend on themselves",
    bytes: ({ idle }) =>
      frame(
        HEADERS,
        ended | flag.PRIORITY,
        idle,
        Buffer.concat([uint32(idle), Buffer.alloc(1), block]),
      ),
  },
  {
    name: "HEADERS of 16385 bytes",
    bytes: ({ idle }) => frame(HEADERS, ended, idle, Buffer.alloc(16_385, 0x82)),
  },
  {
    name: "trailers with a pseudo-header",
    bytes: ({ open }) => frame(HEADERS, ended, open, headerBlock([[":path", "/"]])),
  },
  {
    name: "trailers",
    bytes: ({ open }) =>
      Buffer.concat([
        frame(DATA, 0, open, grpcMessage(Buffer.from("x"))),
        frame(HEADERS, ended, open, headerBlock([["x-a", "b"]])),
      ]),
  },
  { name: "DATA on the connection", bytes: () => frame(DATA, 0, 0, Buffer.from("x")) },
  { name: "DATA on an idle stream", bytes: ({ idle }) => frame(DATA, 0, idle, Buffer.from("x")) },
  {
    name: "DATA on a finished stream",
    bytes: ({ ended: stream }) => frame(DATA, 0, stream, Buffer.from("x")),
  },
  {
    name: "DATA on a cancelled stream",
    bytes: ({ cancelled }) => frame(DATA, 0, cancelled, Buffer.from("x")),
  },
  {
    name: "DATA with more padding than payload",
    bytes: ({ open }) => frame(DATA, PADDED, open, Buffer.from([2, 0])),
  },
  { name: "DATA with padding and no payload", bytes: ({ open }) => frame(DATA, PADDED, open) },
  { name: "DATA of 16385 bytes", bytes: ({ open }) => frame(DATA, 0, open, Buffer.alloc(16_385)) },
  {
    name: "CONTINUATION after a whole block",
    bytes: ({ open }) => frame(CONTINUATION, END_HEADERS, open, headerBlock([["x-a", "b"]])),
  },
  { name: "CONTINUATION on the connection", bytes: () => frame(CONTINUATION, END_HEADERS, 0) },
  {
    name: "CONTINUATION on another stream",
    bytes: ({ idle, open }) =>
      Buffer.concat([
        frame(HEADERS, END_STREAM, idle, block),
        frame(CONTINUATION, END_HEADERS, open),
      ]),
  },
  {
    name: "a PING within a header block",
    bytes: ({ idle }) => Buffer.concat([frame(HEADERS, END_STREAM, idle, block), ping()]),
  },
  {
    name: "an unknown frame within a header block",
    bytes: ({ idle }) =>
      Buffer.concat([frame(HEADERS, END_STREAM, idle, block), frame(0x77, 0, 0)]),
  },
  {
    name: "HEADERS within a header block",
    bytes: ({ idle }) =>
      Buffer.concat([
        frame(HEADERS, END_STREAM, idle, block),
        frame(HEADERS, ended, idle + 2, block),
      ]),
  },
];

const hpackFaults: readonly Fault[] = [
  { name: "HPACK index 0", bytes: withBlock(() => Buffer.from([0x80])) },
  {
    name: "HPACK index past the table",
    bytes: withBlock(({ pastTable }) => hpackInteger(0x80, 7, pastTable)),
  },
  {
    name: "HPACK name index past the table",
    bytes: withBlock(({ pastTable }) =>
      Buffer.concat([hpackInteger(0x40, 6, pastTable), Buffer.from([1, 0x61])]),
    ),
  },
  {
    name: "HPACK table size over the setting",
    bytes: ({ idle }) =>
      frame(HEADERS, ended, idle, Buffer.concat([hpackInteger(0x20, 5, 1_000_000), block])),
  },
  { name: "HPACK table size after a field", bytes: withBlock(() => hpackInteger(0x20, 5, 0)) },
  { name: "HPACK string cut off", bytes: withBlock(() => Buffer.from([0x00, 0x05, 0x61])) },
  { name: "HPACK integer without end", bytes: withBlock(() => Buffer.from([0xff, 0xff, 0xff])) },
  {
    name: "HPACK integer of 10 bytes",
    bytes: withBlock(() => Buffer.from([0xff, ...Array.from({ length: 9 }, () => 0xff), 0x01])),
  },
  {
    name: "Huffman padding of 8 bits",
    bytes: withBlock(() => Buffer.from([0x00, 0x01, 0x61, 0x82, 0x1f, 0xff])),
  },
  {
    name: "Huffman padding with zeros",
    bytes: withBlock(() => Buffer.from([0x00, 0x01, 0x61, 0x81, 0x18])),
  },
  {
    name: "Huffman with EOS",
    bytes: withBlock(() => Buffer.from([0x00, 0x01, 0x61, 0x84, 0xff, 0xff, 0xff, 0xff])),
  },
];

const messageFaults: readonly Fault[] = [
  { name: "a name in upper case", bytes: adding(["X-Upper", "x"]) },
  { name: "a name with a space", bytes: adding(["x y", "x"]) },
  { name: "a name with a colon", bytes: adding(["x:y", "x"]) },
  { name: "an empty name", bytes: adding(["", "x"]) },
  { name: "a value with LF", bytes: adding(["x-a", "x\ny"]) },
  { name: "a value with NUL", bytes: adding(["x-a", "x\0y"]) },
  { name: "a value with a space at its front", bytes: adding(["x-a", " x"]) },
  { name: "a value with DEL", bytes: adding(["x-a", "x\x7fy"]) },
  { name: "a value of high bytes", bytes: adding(["x-a", "\xff\xfe"]) },
  { name: "no :method", bytes: without(":method") },
  { name: "no :scheme", bytes: without(":scheme") },
  { name: "no :path", bytes: without(":path") },
  { name: "no :authority", bytes: without(":authority") },
  { name: "an empty :path", bytes: replacing(":path", "") },
  { name: "two :path", bytes: request((fields) => [[":path", "/"], ...fields]) },
  {
    name: "a pseudo-header after others",
    bytes: request((fields) => [...fields.slice(1), [":method", "POST"]]),
  },
  {
    name: "a pseudo-header nobody knows",
    bytes: request((fields) => [[":unknown", "x"], ...fields]),
  },
  { name: ":status in a request", bytes: request((fields) => [[":status", "200"], ...fields]) },
  { name: "a connection header", bytes: adding(["connection", "keep-alive"]) },
  { name: "a keep-alive header", bytes: adding(["keep-alive", "x"]) },
  { name: "a transfer-encoding header", bytes: adding(["transfer-encoding", "chunked"]) },
  { name: "an upgrade header", bytes: adding(["upgrade", "h2c"]) },
  { name: "te: gzip", bytes: replacing("te", "gzip") },
  { name: "a content-length that is too small", bytes: adding(["content-length", "1"]) },
  { name: "a content-length that is too large", bytes: adding(["content-length", "100"]) },
  { name: "a content-length that is right", bytes: adding(["content-length", "6"]) },
  { name: "a content-length that is no number", bytes: adding(["content-length", "six"]) },
  {
    name: "two content-lengths that differ",
    bytes: adding(["content-length", "6"], ["content-length", "7"]),
  },
  { name: "a host that differs from :authority", bytes: adding(["host", "other"]) },
];

/** Every fault, and things that look like one. */
export const faults: readonly Fault[] = [
  ...settingsFaults,
  ...controlFaults,
  ...streamFaults,
  ...hpackFaults,
  ...messageFaults,
];
