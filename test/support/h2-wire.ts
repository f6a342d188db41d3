/**
 * HTTP/2 as bytes (RFC 9113 §4, §6), written on purpose without the transport's own code: what a test sends has to be
 * right, or wrong, whatever the transport thinks.
 */

export const frameType = {
  DATA: 0,
  HEADERS: 1,
  PRIORITY: 2,
  RST_STREAM: 3,
  SETTINGS: 4,
  PUSH_PROMISE: 5,
  PING: 6,
  GOAWAY: 7,
  WINDOW_UPDATE: 8,
  CONTINUATION: 9,
} as const;

export const flag = {
  END_STREAM: 0x1,
  ACK: 0x1,
  END_HEADERS: 0x4,
  PADDED: 0x8,
  PRIORITY: 0x20,
} as const;

export const setting = {
  HEADER_TABLE_SIZE: 1,
  ENABLE_PUSH: 2,
  MAX_CONCURRENT_STREAMS: 3,
  INITIAL_WINDOW_SIZE: 4,
  MAX_FRAME_SIZE: 5,
  MAX_HEADER_LIST_SIZE: 6,
} as const;

/** The names of the error codes by number (RFC 9113 §7). */
export const errorNames = [
  "NO_ERROR",
  "PROTOCOL_ERROR",
  "INTERNAL_ERROR",
  "FLOW_CONTROL_ERROR",
  "SETTINGS_TIMEOUT",
  "STREAM_CLOSED",
  "FRAME_SIZE_ERROR",
  "REFUSED_STREAM",
  "CANCEL",
  "COMPRESSION_ERROR",
  "CONNECT_ERROR",
  "ENHANCE_YOUR_CALM",
  "INADEQUATE_SECURITY",
  "HTTP_1_1_REQUIRED",
] as const;

export const clientPreface: Buffer = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

/** One frame as it came in. */
export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

/** Returns the bytes of a frame; nothing is checked. */
export function frame(
  type: number,
  flags = 0,
  stream = 0,
  payload: Uint8Array = Buffer.alloc(0),
): Buffer {
  const bytes = Buffer.alloc(9 + payload.length);
  bytes.writeUIntBE(payload.length, 0, 3);
  bytes[3] = type;
  bytes[4] = flags;
  bytes.writeUInt32BE(stream, 5);
  bytes.set(payload, 9);
  return bytes;
}

/** Returns 32 bits, most significant first. */
export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function settings(...pairs: readonly (readonly [id: number, value: number])[]): Buffer {
  const payload = pairs.map(([id, value]) => Buffer.concat([Buffer.from([0, id]), uint32(value)]));
  return frame(frameType.SETTINGS, 0, 0, Buffer.concat(payload));
}

export const settingsAck: Buffer = frame(frameType.SETTINGS, flag.ACK);

export function rstStream(stream: number, code = 8): Buffer {
  return frame(frameType.RST_STREAM, 0, stream, uint32(code));
}

export function windowUpdate(stream: number, increment: number): Buffer {
  return frame(frameType.WINDOW_UPDATE, 0, stream, uint32(increment));
}

export function ping(text = "abcdefgh", flags = 0): Buffer {
  return frame(frameType.PING, flags, 0, Buffer.from(text));
}

/** Returns an HPACK integer with a prefix of so many bits, the bits before it given by `first` (RFC 7541 §5.1). */
export function hpackInteger(first: number, prefixBits: number, value: number): Buffer {
  const most = 2 ** prefixBits - 1;
  if (value < most) return Buffer.from([first | value]);
  const bytes = [first | most];
  let rest = value - most;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Buffer.from([...bytes, rest]);
}

/** Returns an HPACK string without Huffman coding. */
export function hpackString(text: string): Buffer {
  const bytes = Buffer.from(text, "latin1");
  return Buffer.concat([hpackInteger(0, 7, bytes.length), bytes]);
}

/** The ways to write a header field: first byte's bits, and with how many bits its index goes on (RFC 7541 §6.2). */
export const literal = { plain: 0x00, never: 0x10, indexed: 0x40 } as const;

export type Field = readonly [name: string, value: string];

/** Returns one field as a literal with a literal name. */
export function hpackField([name, value]: Field, how: number = literal.plain): Buffer {
  return Buffer.concat([Buffer.from([how]), hpackString(name), hpackString(value)]);
}

export function headerBlock(fields: readonly Field[]): Buffer {
  return Buffer.concat(fields.map((field) => hpackField(field)));
}

/** Returns the fields of a gRPC request as every client sends them. */
export function grpcFields(path: string, more: readonly Field[] = []): readonly Field[] {
  return [
    [":method", "POST"],
    [":scheme", "http"],
    [":path", path],
    [":authority", "test"],
    ["content-type", "application/grpc"],
    ["te", "trailers"],
    ...more,
  ];
}

/** Returns a message with gRPC's prefix of five bytes. */
export function grpcMessage(message: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([0]), uint32(message.length), message]);
}

/** Returns a whole unary request: HEADERS, then DATA that ends the stream. */
export function grpcRequest(
  stream: number,
  path: string,
  message: Uint8Array = Buffer.alloc(0),
  more: readonly Field[] = [],
): Buffer {
  return Buffer.concat([
    frame(frameType.HEADERS, flag.END_HEADERS, stream, headerBlock(grpcFields(path, more))),
    frame(frameType.DATA, flag.END_STREAM, stream, grpcMessage(message)),
  ]);
}

/** Returns the whole frames at the front of the bytes, and what is left. */
export function parseFrames(bytes: Buffer): { readonly frames: Frame[]; readonly rest: Buffer } {
  const frames: Frame[] = [];
  let at = 0;
  for (;;) {
    const end = at + 9 + (bytes.length >= at + 9 ? bytes.readUIntBE(at, 3) : 0);
    if (bytes.length < at + 9 || bytes.length < end) break;
    frames.push({
      type: bytes[at + 3] ?? 0,
      flags: bytes[at + 4] ?? 0,
      stream: bytes.readUInt32BE(at + 5) & 0x7fffffff,
      payload: bytes.subarray(at + 9, end),
    });
    at = end;
  }
  return { frames, rest: bytes.subarray(at) };
}
