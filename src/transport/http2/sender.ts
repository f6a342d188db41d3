import type { Duplex } from "node:stream";
import type { AttackKind } from "./attack-limits.ts";
import type { ByteBudget } from "./byte-budget.ts";
import {
  DEFAULT_WINDOW_BYTES,
  type ErrorCode,
  FRAME_HEAD_BYTES,
  frameFlag,
  frameType,
  MAX_31_BITS,
  MAX_FRAME_BYTES,
} from "./codes.ts";
import type { FloodCount } from "./flood-count.ts";
import { writeFrameHead, writeStreamId } from "./frames.ts";
import { PREFIX_BYTES } from "./message-prefix.ts";
import { OutputBuffer, type SlabPool } from "./output-buffer.ts";
import type { Http2Stream, UnsentBody } from "./stream.ts";

/** A DATA frame that is shorter because of a window costs more than it brings. */
const tinyFrameBytes = 256;
/** What a waiting part costs beyond its bytes. */
const partCostBytes = 64;
/** A header block that sets the size of the dynamic table to 0 (RFC 7541 section 6.3). */
const EMPTY_TABLE = 0x20;

/** The connection as the sender sees it. */
export interface SenderHost {
  readonly floods: FloodCount;
  /** The response has been sent to its end. */
  ended(stream: Http2Stream): void;
  /** There is no room for the response: its stream has to be given up. */
  unsentOver(stream: Http2Stream): void;
  /** The peer has to be cut off. */
  attacked(kind: AttackKind): void;
}

/** The sending side of a connection: puts frames into its output, bodies as flow control allows (RFC 9113 section 5.2). */
export class Http2Sender {
  readonly output: OutputBuffer;
  readonly #host: SenderHost;
  /** What responses that wait may take. */
  readonly #unsent: ByteBudget;
  /** Bytes that the peer allows us on the connection. */
  #window = DEFAULT_WINDOW_BYTES;
  readonly #blocked = new Set<Http2Stream>();
  #mustEmptyTable = false;

  constructor(socket: Duplex, slabs: SlabPool, unsent: ByteBudget, host: SenderHost) {
    this.#host = host;
    this.#unsent = unsent;
    this.output = new OutputBuffer(socket, slabs, () => {
      if (this.#blocked.size > 0) this.pumpAll();
    });
  }

  /** Sends any frame whose payload is short. */
  sendFrame(type: number, flags: number, streamId: number, payload: Uint8Array): void {
    const out = this.output.reserve(FRAME_HEAD_BYTES + payload.length);
    const at = this.output.used;
    writeFrameHead(out, at, payload.length, type, flags, streamId);
    out.set(payload, at + FRAME_HEAD_BYTES);
    this.output.used = at + FRAME_HEAD_BYTES + payload.length;
  }

  /** Sends RST_STREAM or WINDOW_UPDATE: frames with one number. */
  sendNumber(type: number, streamId: number, value: number): void {
    const out = this.output.reserve(FRAME_HEAD_BYTES + 4);
    const at = this.output.used;
    writeFrameHead(out, at, 4, type, 0, streamId);
    writeStreamId(out, at + FRAME_HEAD_BYTES, value);
    this.output.used = at + FRAME_HEAD_BYTES + 4;
  }

  /** Sends GOAWAY. */
  sendGoaway(lastStreamId: number, code: ErrorCode): void {
    const payload = Buffer.alloc(8);
    payload.writeUInt32BE(lastStreamId, 0);
    payload.writeUInt32BE(code, 4);
    this.sendFrame(frameType.GOAWAY, 0, 0, payload);
  }

  /**
   * Takes note that the peer's dynamic table has to be smaller than the 4,096 bytes an encoder begins with; ours uses
   * none, but has to say so once (RFC 7541 section 4.2).
   */
  emptyTable(): void {
    this.#mustEmptyTable = true;
  }

  /** See `StreamCarrier`; the same for the next three. */
  sendHeaders(stream: Http2Stream, frame: Uint8Array, ended: boolean): void {
    const out = this.output.reserve(frame.length + 1);
    const at = this.output.used;
    out.set(frame, at);
    writeStreamId(out, at + 5, stream.id);
    this.output.used = at + frame.length;
    if (this.#mustEmptyTable) {
      this.#mustEmptyTable = false;
      const block = at + FRAME_HEAD_BYTES;
      writeFrameHead(
        out,
        at,
        frame.length - FRAME_HEAD_BYTES + 1,
        frameType.HEADERS,
        frame[4] ?? 0,
        stream.id,
      );
      out[block] = EMPTY_TABLE;
      out.set(frame.subarray(FRAME_HEAD_BYTES), block + 1);
      this.output.used++;
    }
    this.#host.floods.credit++;
    if (ended) this.#host.ended(stream);
  }

  sendWhole(
    stream: Http2Stream,
    head: Uint8Array,
    message: Uint8Array,
    trailers: Uint8Array,
    brief?: Uint8Array,
  ): void {
    const size = PREFIX_BYTES + message.length;
    if (
      size > Math.min(this.#window, stream.sendWindow, MAX_FRAME_BYTES) ||
      this.#mustEmptyTable ||
      this.output.isCongested
    ) {
      this.#sendSplit(stream, head, message, trailers, brief);
      return;
    }
    const whole = head.length + FRAME_HEAD_BYTES + size + trailers.length;
    const out = this.output.reserve(whole);
    let at = this.output.used;
    this.output.used = at + whole;
    out.set(head, at);
    writeStreamId(out, at + 5, stream.id);
    at += head.length;
    writeFrameHead(out, at, size, frameType.DATA, 0, stream.id);
    at += FRAME_HEAD_BYTES;
    out[at] = 0;
    writeStreamId(out, at + 1, message.length);
    out.set(message, at + PREFIX_BYTES);
    at += size;
    out.set(trailers, at);
    writeStreamId(out, at + 5, stream.id);
    this.#window -= size;
    this.#host.floods.credit += 3;
    this.#host.ended(stream);
  }

  sendData(stream: Http2Stream, bytes: Uint8Array): void {
    this.#enqueue(stream, [bytes]);
  }

  sendMessage(stream: Http2Stream, message: Uint8Array): void {
    this.#enqueue(stream, prefixed(message));
  }

  sendEnd(stream: Http2Stream, trailers: Uint8Array | undefined): void {
    this.#unsentOf(stream).end = trailers ?? "ended";
    this.#pump(stream);
  }

  /** Sends what can be sent of all bodies that wait. */
  pumpAll(): void {
    for (const stream of this.#blocked) {
      if (this.#window <= 0 || this.output.isBusy) return;
      this.#pump(stream);
    }
  }

  /** Returns whether a stream's response needs more window than there is. */
  needsWindow({ unsent, sendWindow }: Http2Stream): boolean {
    if (unsent === undefined) return false;
    const left = unsent.parts.reduce((sum, part) => sum + part.length, -unsent.at);
    return left > Math.min(this.#window, sendWindow);
  }

  /** Forgets what a closed stream still had to send. */
  forget(stream: Http2Stream): void {
    const { unsent } = stream;
    if (unsent === undefined) return;
    stream.unsent = undefined;
    this.#blocked.delete(stream);
    for (const part of unsent.parts) this.#unsent.give(part.length + partCostBytes);
  }

  /** Adds to the connection's window; returns false when it becomes too large. */
  addWindow(size: number): boolean {
    this.#window += size;
    if (this.#window > MAX_31_BITS) return false;
    this.pumpAll();
    return true;
  }

  /** Adds to a stream's window, or takes from it; returns false when it becomes too large. */
  addStreamWindow(stream: Http2Stream, size: number): boolean {
    stream.sendWindow += size;
    if (stream.sendWindow > MAX_31_BITS) return false;
    this.#pump(stream);
    return true;
  }

  /** Sends what does not fit into one frame, or the brief message when there is no room for it. */
  #sendSplit(
    stream: Http2Stream,
    head: Uint8Array,
    message: Uint8Array,
    trailers: Uint8Array,
    brief?: Uint8Array,
  ): void {
    const parts = prefixed(message);
    if (!this.#unsent.take(sizeOf(parts))) {
      if (brief === undefined) this.#host.unsentOver(stream);
      else this.sendWhole(stream, head, brief, trailers);
      return;
    }
    this.sendHeaders(stream, head, false);
    const unsent = this.#unsentOf(stream);
    unsent.parts.push(...parts);
    unsent.end = trailers;
    this.#pump(stream);
  }

  #enqueue(stream: Http2Stream, parts: readonly Uint8Array[]): void {
    if (this.#unsent.take(sizeOf(parts))) {
      this.#unsentOf(stream).parts.push(...parts);
      this.#pump(stream);
    } else {
      this.#host.unsentOver(stream);
    }
  }

  #unsentOf(stream: Http2Stream): UnsentBody {
    stream.unsent ??= { parts: [], at: 0, end: "open", progressMs: performance.now() };
    return stream.unsent;
  }

  #pump(stream: Http2Stream): void {
    const { unsent } = stream;
    if (unsent === undefined) return;
    while (unsent.parts.length > 0) {
      if (!this.#pumpFrame(stream, unsent)) {
        this.#blocked.add(stream);
        return;
      }
      if (stream.closed) return;
    }
    this.#blocked.delete(stream);
    if (unsent.end === "open") {
      stream.unsent = undefined;
    } else if (unsent.end === "ended") {
      this.sendFrame(frameType.DATA, frameFlag.END_STREAM, stream.id, new Uint8Array());
      this.#host.ended(stream);
    } else {
      this.sendHeaders(stream, unsent.end, true);
    }
  }

  /** Sends one frame of the first part; returns false when nothing can be sent now. */
  #pumpFrame(stream: Http2Stream, unsent: UnsentBody): boolean {
    const part = unsent.parts[0] ?? new Uint8Array();
    const left = part.length - unsent.at;
    const size = Math.min(left, this.#window, stream.sendWindow, MAX_FRAME_BYTES);
    if (this.output.isBusy || (size <= 0 && left > 0)) return false;
    unsent.progressMs = performance.now();
    const isTiny = size < left && size < tinyFrameBytes;
    if (isTiny && this.#host.floods.isOver("tiny-window", unsent.progressMs)) {
      this.#host.attacked("tiny-window");
      return false;
    }
    const isLast = size === left && unsent.parts.length === 1 && unsent.end === "ended";
    const flags = isLast ? frameFlag.END_STREAM : 0;
    this.sendFrame(frameType.DATA, flags, stream.id, part.subarray(unsent.at, unsent.at + size));
    this.#window -= size;
    stream.sendWindow -= size;
    // A window that comes to its end now and then is not a small one.
    if (!isTiny) this.#host.floods.credit++;
    unsent.at += size;
    if (size === left) {
      unsent.parts.shift();
      unsent.at = 0;
      this.#unsent.give(part.length + partCostBytes);
    }
    if (isLast) this.#host.ended(stream);
    return true;
  }
}

/** A message and its prefix: what goes into the first frame is copied, the rest is a view. */
function prefixed(message: Uint8Array): readonly Uint8Array[] {
  const copied = Math.min(message.length, MAX_FRAME_BYTES - PREFIX_BYTES);
  const first = Buffer.allocUnsafe(PREFIX_BYTES + copied);
  first[0] = 0;
  writeStreamId(first, 1, message.length);
  first.set(message.subarray(0, copied), PREFIX_BYTES);
  return copied === message.length ? [first] : [first, message.subarray(copied)];
}

/** What parts take while they wait. */
function sizeOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length + partCostBytes, 0);
}
