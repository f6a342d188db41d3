import { FRAME_HEAD_BYTES, frameFlag, frameType } from "./codes.ts";

/** Writes a frame's head at `at`, 9 bytes (RFC 9113 section 4.1). */
export function writeFrameHead(
  out: Buffer,
  at: number,
  length: number,
  type: number,
  flags: number,
  streamId: number,
): void {
  out[at] = length >>> 16;
  out[at + 1] = length >>> 8;
  out[at + 2] = length;
  out[at + 3] = type;
  out[at + 4] = flags;
  writeStreamId(out, at + 5, streamId);
}

/** Writes a stream identifier, or any other unsigned 32-bit number, at `at`. */
export function writeStreamId(out: Buffer, at: number, value: number): void {
  out[at] = value >>> 24;
  out[at + 1] = value >>> 16;
  out[at + 2] = value >>> 8;
  out[at + 3] = value;
}

/**
 * Returns a whole HEADERS frame for stream 0: to be copied, and given its stream's identifier by {@link writeStreamId} at byte 5.
 *
 * @param block at most 16,384 bytes
 */
export function buildHeadersFrame(block: Uint8Array, endStream: boolean): Uint8Array {
  const frame = Buffer.alloc(FRAME_HEAD_BYTES + block.length);
  const flags = endStream ? frameFlag.END_HEADERS | frameFlag.END_STREAM : frameFlag.END_HEADERS;
  writeFrameHead(frame, 0, block.length, frameType.HEADERS, flags, 0);
  frame.set(block, FRAME_HEAD_BYTES);
  return frame;
}
