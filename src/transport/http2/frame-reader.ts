import { FRAME_HEAD_BYTES, MAX_FRAME_BYTES } from "./codes.ts";
import { releaseBytes } from "./release-bytes.ts";

/** The work that one connection may have us do before the others get their turn; a unit is a byte of a large frame. */
export const unitsATurn = 65_536;
/** What a frame costs beyond its bytes: a turn has 128 of the smallest. */
const frameCostUnits = 503;

/** Takes frames as they are found; the bytes are a view that is valid only during the call. */
export interface FrameSink {
  /** Whether somebody may still look at bytes of this read, or of the frame that it completed. */
  readonly bytesKept: boolean;
  /** A whole frame, its payload at `[start, end)`; returns whether to go on. */
  frame(
    type: number,
    flags: number,
    streamId: number,
    bytes: Buffer,
    start: number,
    end: number,
  ): boolean;
  /** A frame that is larger than we have said we take; nothing follows. */
  oversizedFrame(): void;
}

/**
 * Cuts a connection's bytes into frames (RFC 9113 section 4.1), in one pass over each read. Only a frame that is split
 * between reads is copied, at most {@link MAX_FRAME_BYTES}.
 */
export class FrameReader {
  /** Work until a pause is due, see {@link unitsATurn}; to be set anew by whoever reads. */
  workLeft: number = unitsATurn;
  readonly #sink: FrameSink;
  /** The beginning of a frame: its head, or all of it once the head is known. */
  #partial: Buffer | undefined;
  #filled = 0;
  #nowMs = 0;
  #partialSinceMs = 0;

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  /** When the frame began that has not ended yet, or undefined when there is none. */
  get partialSinceMs(): number | undefined {
    return this.#partial === undefined ? undefined : this.#partialSinceMs;
  }

  /**
   * Reads on from `from`; returns where it stopped: at the end of the chunk, or before it when the work is used up. The
   * rest has to be given again. Nothing follows what the sink did not want: that too is the end.
   */
  read(chunk: Buffer, from: number, nowMs: number): number {
    this.#nowMs = nowMs;
    let at = from;
    while (this.#partial !== undefined && at < chunk.length) {
      at = this.#complete(this.#partial, chunk, at);
    }
    const end = chunk.length;
    while (end - at >= FRAME_HEAD_BYTES && this.workLeft > 0) {
      const word = chunk.readUInt32BE(at);
      const length = word >>> 8;
      if (length > MAX_FRAME_BYTES) {
        this.#sink.oversizedFrame();
        return end;
      }
      const next = at + FRAME_HEAD_BYTES + length;
      if (next > end) break;
      if (!this.#hand(word & 0xff, chunk, at, next)) return end;
      at = next;
    }
    if (at < end && this.workLeft > 0) {
      this.#keep(chunk, at);
      return end;
    }
    return at;
  }

  #hand(type: number, bytes: Buffer, at: number, end: number): boolean {
    this.workLeft -= frameCostUnits + end - at;
    const flags = bytes[at + 4] ?? 0;
    const streamId = bytes.readUInt32BE(at + 5) & 0x7fff_ffff;
    return this.#sink.frame(type, flags, streamId, bytes, at + FRAME_HEAD_BYTES, end);
  }

  /** Sets aside the beginning of a frame. */
  #keep(chunk: Buffer, at: number): void {
    const known = chunk.length - at;
    const length = known < FRAME_HEAD_BYTES ? 0 : chunk.readUInt32BE(at) >>> 8;
    this.#partial = Buffer.allocUnsafe(FRAME_HEAD_BYTES + length);
    this.#partialSinceMs = this.#nowMs;
    chunk.copy(this.#partial, 0, at);
    this.#filled = known;
  }

  /** Adds to the frame that was set aside and hands it on once it is whole; returns where the chunk goes on. */
  #complete(partial: Buffer, chunk: Buffer, at: number): number {
    const next = Math.min(chunk.length, at + partial.length - this.#filled);
    chunk.copy(partial, this.#filled, at, next);
    this.#filled += next - at;
    if (this.#filled < partial.length) return next;
    const word = partial.readUInt32BE(0);
    const whole = FRAME_HEAD_BYTES + (word >>> 8);
    if (whole > FRAME_HEAD_BYTES + MAX_FRAME_BYTES) {
      this.#partial = undefined;
      this.#sink.oversizedFrame();
      return chunk.length;
    }
    if (partial.length < whole) {
      this.#partial = Buffer.allocUnsafe(whole);
      partial.copy(this.#partial);
      return next;
    }
    this.#partial = undefined;
    const goesOn = this.#hand(word & 0xff, partial, 0, whole);
    if (!this.#sink.bytesKept) releaseBytes(partial);
    return goesOn ? next : chunk.length;
  }
}
