import {
  DEFAULT_WINDOW_BYTES,
  FRAME_HEAD_BYTES,
  frameFlag,
  frameType,
  MAX_31_BITS,
  MAX_FRAME_BYTES,
} from "../transport/http2/codes.ts";
import type { PreparedCheck } from "./check-template.ts";
import { buildFrame, putNumber } from "./http2-wire.ts";
import type { OutputBuffer } from "./output-buffer.ts";
import { emptyTableUpdate, type RequestBlocks } from "./request-block.ts";

/** A call that is being sent, or has been. */
export interface SentCall {
  readonly check: PreparedCheck;
  streamId: number;
  /** Bytes of the frame that have been written. */
  sentBytes: number;
  /** What the server will take on this stream before it says more. */
  windowBytes: number;
}

/** Writes requests on one connection, no faster than the server's windows allow (RFC 9113 section 5.2). */
export class CallSender {
  readonly #output: OutputBuffer;
  readonly #blocks: RequestBlocks;
  /** The frames in front of the next message, and of all that follow: its HEADERS, and the head of its DATA. */
  #nextPrefix: Buffer;
  #prefix: Buffer;
  /** Calls that wait for a window, with their frames, in the order in which they began. */
  readonly #blocked = new Map<SentCall, Buffer>();
  #windowBytes = DEFAULT_WINDOW_BYTES;
  #streamWindowBytes = DEFAULT_WINDOW_BYTES;

  constructor(output: OutputBuffer, blocks: RequestBlocks) {
    this.#output = output;
    this.#blocks = blocks;
    this.#nextPrefix = buildPrefix(blocks.first);
    this.#prefix = buildPrefix(blocks.indexed);
  }

  /** Uses the server's header table no more, as is due when it makes that smaller. */
  leaveTable(): void {
    this.#prefix = buildPrefix(this.#blocks.plain);
    this.#nextPrefix = buildPrefix(Buffer.concat([emptyTableUpdate, this.#blocks.plain]));
  }

  /** Begins a call on its stream; what the windows have no room for follows by itself. */
  start(call: SentCall): void {
    call.windowBytes = this.#streamWindowBytes;
    const prefix = this.#nextPrefix;
    this.#nextPrefix = this.#prefix;
    const { check } = call;
    const { frameBytes } = check;
    const fits = frameBytes <= Math.min(MAX_FRAME_BYTES, this.#windowBytes, call.windowBytes);
    const headBytes = fits ? prefix.length : prefix.length - FRAME_HEAD_BYTES;
    const out = this.#output.reserve(headBytes + (fits ? frameBytes : 0));
    const at = this.#output.used;
    out.set(fits ? prefix : prefix.subarray(0, headBytes), at);
    putNumber(out, at + 5, call.streamId);
    this.#output.used += headBytes;
    if (!fits) {
      const frame = Buffer.allocUnsafe(frameBytes);
      check.writeFrame(frame, 0);
      this.#blocked.set(call, frame);
      this.#sendMore(call, frame);
      return;
    }
    const dataAt = at + headBytes - FRAME_HEAD_BYTES;
    putNumber(out, dataAt, frameBytes << 8);
    out[dataAt + 4] = frameFlag.END_STREAM;
    putNumber(out, dataAt + 5, call.streamId);
    check.writeFrame(out, at + headBytes);
    this.#output.used += frameBytes;
    this.#count(call, frameBytes);
  }

  /** Forgets a call; true when the server still waits for the rest of it. */
  forget(call: SentCall): boolean {
    return this.#blocked.delete(call);
  }

  /** Gives the connection more room; false when that is more than a window can be. */
  widen(bytes: number): boolean {
    this.#windowBytes += bytes;
    for (const [call, frame] of this.#blocked) this.#sendMore(call, frame);
    return this.#windowBytes <= MAX_31_BITS;
  }

  /** Gives a stream more room. */
  widenStream(call: SentCall, bytes: number): void {
    call.windowBytes += bytes;
    const frame = this.#blocked.get(call);
    if (frame !== undefined) this.#sendMore(call, frame);
  }

  /** Applies SETTINGS_INITIAL_WINDOW_SIZE to new calls and to those that are open. */
  resizeStreams(bytes: number, open: Iterable<SentCall>): void {
    const more = bytes - this.#streamWindowBytes;
    this.#streamWindowBytes = bytes;
    for (const call of open) this.widenStream(call, more);
  }

  #sendMore(call: SentCall, frame: Buffer): void {
    while (call.sentBytes < frame.length) {
      const room = Math.min(MAX_FRAME_BYTES, this.#windowBytes, call.windowBytes);
      if (room <= 0) return;
      const end = Math.min(call.sentBytes + room, frame.length);
      const flags = end === frame.length ? frameFlag.END_STREAM : 0;
      const payload = frame.subarray(call.sentBytes, end);
      this.#output.add(buildFrame(frameType.DATA, flags, call.streamId, payload));
      this.#count(call, payload.length);
    }
    this.#blocked.delete(call);
  }

  #count(call: SentCall, bytes: number): void {
    call.sentBytes += bytes;
    call.windowBytes -= bytes;
    this.#windowBytes -= bytes;
  }
}

function buildPrefix(block: Buffer): Buffer {
  return Buffer.concat([
    buildFrame(frameType.HEADERS, frameFlag.END_HEADERS, 0, block),
    buildFrame(frameType.DATA, frameFlag.END_STREAM, 0, Buffer.alloc(0)),
  ]);
}
