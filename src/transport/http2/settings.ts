import { DEFAULT_TABLE_BYTES } from "../hpack/dynamic-table.ts";
import { DEFAULT_WINDOW_BYTES, type ErrorCode, errorCode, MAX_31_BITS, setting } from "./codes.ts";

const SETTING_BYTES = 6;
const SMALLEST_MAX_FRAME = 16_384;
const LARGEST_MAX_FRAME = 16_777_215;

/** The meaning of a peer's settings to a server that pushes nothing and sends frames of at most 16,384 bytes. */
export interface PeerSettings {
  /** The window that the peer gives each stream, in bytes. */
  initialWindow: number;
  /** The smallest dynamic table that the peer has asked for, in bytes. */
  smallestTableBytes: number;
}

/** Returns what a peer's settings are before it has sent any. */
export function defaultPeerSettings(): PeerSettings {
  return { initialWindow: DEFAULT_WINDOW_BYTES, smallestTableBytes: DEFAULT_TABLE_BYTES };
}

/**
 * Reads a SETTINGS payload into `settings`; returns `NO_ERROR`, or the connection error that it is (RFC 9113 section 6.5.2).
 * Settings that are unknown, or that do not matter here, are passed over.
 */
export function readSettings(
  bytes: Buffer,
  start: number,
  end: number,
  settings: PeerSettings,
): ErrorCode {
  for (let at = start; at + SETTING_BYTES <= end; at += SETTING_BYTES) {
    const error = readSetting(bytes.readUInt16BE(at), bytes.readUInt32BE(at + 2), settings);
    if (error !== errorCode.NO_ERROR) return error;
  }
  return errorCode.NO_ERROR;
}

function readSetting(id: number, value: number, settings: PeerSettings): ErrorCode {
  switch (id) {
    case setting.HEADER_TABLE_SIZE:
      settings.smallestTableBytes = Math.min(settings.smallestTableBytes, value);
      return errorCode.NO_ERROR;
    case setting.ENABLE_PUSH:
      return value > 1 ? errorCode.PROTOCOL_ERROR : errorCode.NO_ERROR;
    case setting.INITIAL_WINDOW_SIZE:
      settings.initialWindow = value;
      return value > MAX_31_BITS ? errorCode.FLOW_CONTROL_ERROR : errorCode.NO_ERROR;
    case setting.MAX_FRAME_SIZE:
      return value < SMALLEST_MAX_FRAME || value > LARGEST_MAX_FRAME
        ? errorCode.PROTOCOL_ERROR
        : errorCode.NO_ERROR;
    default:
      return errorCode.NO_ERROR;
  }
}

/** The settings that the server tells its peers. */
export interface ServerSettings {
  readonly maxConcurrentStreams: number;
  readonly initialWindow: number;
  readonly maxHeaderListBytes: number;
}

/** Returns the payload of the server's SETTINGS frame. */
export function buildSettings(settings: ServerSettings): Uint8Array {
  const entries = [
    [setting.MAX_CONCURRENT_STREAMS, settings.maxConcurrentStreams],
    [setting.INITIAL_WINDOW_SIZE, settings.initialWindow],
    [setting.MAX_HEADER_LIST_SIZE, settings.maxHeaderListBytes],
  ] as const;
  const payload = Buffer.alloc(entries.length * SETTING_BYTES);
  for (const [index, [id, value]] of entries.entries()) {
    payload.writeUInt16BE(id, index * SETTING_BYTES);
    payload.writeUInt32BE(value, index * SETTING_BYTES + 2);
  }
  return payload;
}
