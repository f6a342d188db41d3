import { FRAME_HEAD_BYTES, MAX_FRAME_BYTES } from "../transport/http2/codes.ts";

/** Takes frames as they are found; the bytes are valid only during the call. */
export interface FrameSink {
  /** A whole frame, its payload at `[start, end)`; returns whether to go on. */
  frame(
    type: number,
    flags: number,
    streamId: number,
    bytes: Buffer,
    start: number,
    end: number,
  ): boolean;
  /** A frame that is larger than a server may send; nothing follows. */
  oversizedFrame(): void;
}

/** Cuts the bytes of a connection into frames (RFC 9113 section 4.1); only what is split between reads is copied. */
export class FrameReader {
  readonly #sink: FrameSink;
  /** The beginning of a frame whose end has not come. */
  #rest: Buffer | undefined;

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  /** Reads on; the chunk may be used again afterwards. */
  read(chunk: Buffer): void {
    const bytes = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#rest = undefined;
    let at = 0;
    while (bytes.length - at >= FRAME_HEAD_BYTES) {
      const word = bytes.readUInt32BE(at);
      const start = at + FRAME_HEAD_BYTES;
      const end = start + (word >>> 8);
      if (end - start > MAX_FRAME_BYTES) {
        this.#sink.oversizedFrame();
        return;
      }
      if (end > bytes.length) break;
      const streamId = bytes.readUInt32BE(at + 5) & 0x7fff_ffff;
      if (!this.#sink.frame(word & 0xff, bytes[at + 4] ?? 0, streamId, bytes, start, end)) return;
      at = end;
    }
    if (at < bytes.length) this.#rest = Buffer.from(bytes.subarray(at));
  }
}
