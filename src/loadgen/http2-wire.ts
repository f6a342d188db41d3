/** Frame types (RFC 9113 section 6). */
export const frameType = {
  DATA: 0,
  HEADERS: 1,
  RST_STREAM: 3,
  SETTINGS: 4,
  PUSH_PROMISE: 5,
  PING: 6,
  GOAWAY: 7,
  WINDOW_UPDATE: 8,
  CONTINUATION: 9,
} as const;

/** Frame flags; what a bit means depends on the frame's type. */
export const frameFlag = {
  ACK: 0x1,
  END_STREAM: 0x1,
  END_HEADERS: 0x4,
  PADDED: 0x8,
  PRIORITY: 0x20,
} as const;

/** Settings (RFC 9113 section 6.5.2). */
export const setting = {
  HEADER_TABLE_SIZE: 1,
  ENABLE_PUSH: 2,
  MAX_CONCURRENT_STREAMS: 3,
  INITIAL_WINDOW_SIZE: 4,
} as const;

/** The error code of a stream that is of no more use (RFC 9113 section 7). */
export const CANCEL = 8;

/** The length of a frame's head, in bytes. */
export const FRAME_HEAD_BYTES = 9;

/** The largest frame payload that every peer takes, in bytes; neither side of this client uses larger ones. */
export const MAX_FRAME_BYTES = 16_384;

/** The flow-control window of a connection, and of a stream until a setting says otherwise, in bytes. */
export const DEFAULT_WINDOW_BYTES = 65_535;

/** The size of a header table until a setting says otherwise, in bytes. */
export const DEFAULT_TABLE_BYTES = 4_096;

/** The largest stream identifier, and the largest window. */
export const MAX_31_BITS = 0x7fff_ffff;

/** What a client sends first (RFC 9113 section 3.4), one character a byte. */
export const CLIENT_PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/** A whole frame. */
export function buildFrame(
  type: number,
  flags: number,
  streamId: number,
  payload: Uint8Array,
): Buffer {
  const frame = Buffer.alloc(FRAME_HEAD_BYTES + payload.length);
  frame.writeUIntBE(payload.length, 0, 3);
  frame[3] = type;
  frame[4] = flags;
  frame.writeUInt32BE(streamId, 5);
  frame.set(payload, FRAME_HEAD_BYTES);
  return frame;
}

/** An unsigned 32-bit number as the whole payload of a frame. */
export function buildNumber(value: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(value);
  return payload;
}

/** The payload of a SETTINGS frame. */
export function buildSettings(settings: readonly (readonly [id: number, value: number])[]): Buffer {
  const payload = Buffer.alloc(6 * settings.length);
  for (const [index, [id, value]] of settings.entries()) {
    payload.writeUInt16BE(id, 6 * index);
    payload.writeUInt32BE(value, 6 * index + 2);
  }
  return payload;
}

/** Writes an unsigned 32-bit number at `at`: cheaper than Node's writer, which checks its arguments. */
export function putNumber(out: Buffer, at: number, value: number): void {
  out[at] = value >>> 24;
  out[at + 1] = value >>> 16;
  out[at + 2] = value >>> 8;
  out[at + 3] = value;
}
