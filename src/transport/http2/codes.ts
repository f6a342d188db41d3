/** Frame types (RFC 9113 section 6). */
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

/** Frame flags; what a bit means depends on the frame's type (RFC 9113 section 6). */
export const frameFlag = {
  ACK: 0x1,
  END_STREAM: 0x1,
  END_HEADERS: 0x4,
  PADDED: 0x8,
  PRIORITY: 0x20,
} as const;

/** Error codes of RST_STREAM and GOAWAY (RFC 9113 section 7). */
export const errorCode = {
  NO_ERROR: 0,
  PROTOCOL_ERROR: 1,
  INTERNAL_ERROR: 2,
  FLOW_CONTROL_ERROR: 3,
  SETTINGS_TIMEOUT: 4,
  STREAM_CLOSED: 5,
  FRAME_SIZE_ERROR: 6,
  REFUSED_STREAM: 7,
  CANCEL: 8,
  COMPRESSION_ERROR: 9,
  ENHANCE_YOUR_CALM: 11,
} as const;

/** One of {@link errorCode}. */
export type ErrorCode = (typeof errorCode)[keyof typeof errorCode];

/** Returns the name of a code. */
export function nameOfError(code: ErrorCode): string {
  return Object.entries(errorCode).find(([, value]) => value === code)?.[0] ?? String(code);
}

/** Settings (RFC 9113 section 6.5.2). */
export const setting = {
  HEADER_TABLE_SIZE: 1,
  ENABLE_PUSH: 2,
  MAX_CONCURRENT_STREAMS: 3,
  INITIAL_WINDOW_SIZE: 4,
  MAX_FRAME_SIZE: 5,
  MAX_HEADER_LIST_SIZE: 6,
} as const;

/** The flow-control window of a connection, and of a stream until a setting says otherwise, in bytes. */
export const DEFAULT_WINDOW_BYTES = 65_535;

/** The preface that a client sends first (RFC 9113 section 3.4), one character a byte. */
export const CLIENT_PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/** The length of a frame's head, in bytes. */
export const FRAME_HEAD_BYTES = 9;

/** The largest frame payload that we take, and that every peer takes: the protocol's smallest maximum, in bytes. */
export const MAX_FRAME_BYTES = 16_384;

/** The largest flow-control window, and the largest stream identifier. */
export const MAX_31_BITS = 0x7fff_ffff;
