import type { Socket } from "node:net";
import { DEFAULT_TABLE_BYTES } from "../transport/hpack/dynamic-table.ts";
import {
  CLIENT_PREFACE,
  DEFAULT_WINDOW_BYTES,
  errorCode,
  frameFlag,
  frameType,
  MAX_31_BITS,
  setting,
} from "../transport/http2/codes.ts";
import { CallSender, type SentCall } from "./call-sender.ts";
import type { PreparedCheck } from "./check-template.ts";
import { FrameReader } from "./frame-reader.ts";
import { grpcStatusName } from "./grpc-status-name.ts";
import { buildFrame, buildNumber, buildSettings } from "./http2-wire.ts";
import { OutputBuffer } from "./output-buffer.ts";
import type { RequestBlocks } from "./request-block.ts";
import { ResponseHead } from "./response-head.ts";

/**
 * Told once how a call ended.
 *
 * @param status a gRPC status name, `http NNN`, or what broke (`ECONNRESET`, `reset by code 7`)
 * @param message the `CheckResponse`, with `OK` only; undefined when it is not whole
 */
export type CallEnd = (status: string, message: Uint8Array | undefined) => void;

/** A call that has not been sent. */
export interface WaitingCall {
  readonly check: PreparedCheck;
  readonly end: CallEnd;
}

/** Told what becomes of a session. */
export interface SessionEvents {
  /** The server's settings have arrived. */
  readonly ready: () => void;
  /** The server takes no more calls, and has not looked at these. */
  readonly draining: (calls: readonly WaitingCall[]) => void;
  /** It is over; its calls have been told. */
  readonly closed: (fault: string) => void;
}

interface OpenCall extends WaitingCall, SentCall {
  /** Prefix and message, as far as they have arrived. */
  data: Buffer | undefined;
}

const FRAME_PREFIX_BYTES = 5;
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
const MAX_BLOCK_BYTES = 65_536;
/** What the server may send without waiting: more than any answer has, and than all together are likely to. */
const RECEIVE_WINDOW_BYTES = 16 * 1024 * 1024;
/** How many calls may be open before the server has said it (RFC 9113 section 6.5.2 advises no less). */
const ASSUMED_CONCURRENCY = 100;

const opening = Buffer.concat([
  Buffer.from(CLIENT_PREFACE),
  buildFrame(
    frameType.SETTINGS,
    0,
    0,
    buildSettings([
      [setting.HEADER_TABLE_SIZE, 0],
      [setting.ENABLE_PUSH, 0],
      [setting.INITIAL_WINDOW_SIZE, RECEIVE_WINDOW_BYTES],
    ]),
  ),
  buildFrame(
    frameType.WINDOW_UPDATE,
    0,
    0,
    buildNumber(RECEIVE_WINDOW_BYTES - DEFAULT_WINDOW_BYTES),
  ),
]);

const settingsAck = buildFrame(frameType.SETTINGS, frameFlag.ACK, 0, Buffer.alloc(0));

/** The client's side of one HTTP/2 connection (RFC 9113), as far as unary calls to a gRPC server need it. */
export class CallSession {
  readonly #socket: Socket;
  readonly #events: SessionEvents;
  readonly #output: OutputBuffer;
  readonly #sender: CallSender;
  readonly #reader = new FrameReader(this);
  readonly #head = new ResponseHead();
  readonly #open = new Map<number, OpenCall>();
  #waiting: WaitingCall[] = [];
  /** A header block that goes on in the next frame. */
  #partialBlock: { readonly flags: number; readonly bytes: Buffer } | undefined;
  #nextStreamId = 1;
  #maxOpen = ASSUMED_CONCURRENCY;
  #hasSettings = false;
  #unreportedBytes = 0;
  #draining = false;
  #closed = false;

  /**
   * @param socket may still be connecting; its `data` events go to {@link CallSession.read}, whoever makes it sees to that
   */
  constructor(socket: Socket, blocks: RequestBlocks, events: SessionEvents) {
    this.#socket = socket;
    this.#events = events;
    this.#output = new OutputBuffer(socket);
    this.#sender = new CallSender(this.#output, blocks);
    this.#output.add(opening);
    socket.on("error", (error) => {
      this.#fail("code" in error ? String(error.code) : error.message);
    });
    socket.on("close", () => {
      this.#fail("connection closed");
    });
  }

  /** Returns whether it takes calls. */
  get isUsable(): boolean {
    return !this.#draining && !this.#closed;
  }

  /** Starts a call, at once or as soon as the server takes one more. */
  call(call: WaitingCall): void {
    if (this.#open.size < this.#maxOpen) this.#start(call);
    else this.#waiting.push(call);
  }

  /** Breaks off what is open. */
  close(): void {
    this.#fail("connection closed");
  }

  /** Takes what has arrived; the chunk may be used again afterwards. */
  read(chunk: Buffer): void {
    this.#output.corked = true;
    this.#reader.read(chunk);
    this.#output.corked = false;
    this.#output.flush();
  }

  /** Takes a frame from the reader; returns whether the connection goes on. */
  frame(
    type: number,
    flags: number,
    streamId: number,
    bytes: Buffer,
    start: number,
    end: number,
  ): boolean {
    const inBlock = this.#partialBlock !== undefined;
    if (inBlock !== (type === frameType.CONTINUATION)) return this.#fail("frame out of order");
    switch (type) {
      case frameType.DATA:
        return this.#onData(flags, streamId, bytes, start, end);
      case frameType.HEADERS:
        return this.#onHeaders(flags, streamId, bytes, start, end);
      case frameType.CONTINUATION:
        return this.#onContinuation(flags, streamId, bytes, start, end);
      default:
        return this.#onControl(type, flags, streamId, bytes.subarray(start, end));
    }
  }

  /** Told by the reader that the server does not keep to the protocol. */
  oversizedFrame(): void {
    this.#fail("frame too large");
  }

  #start({ check, end }: WaitingCall): void {
    const streamId = this.#nextStreamId;
    this.#nextStreamId += 2;
    const call = { check, end, streamId, sentBytes: 0, windowBytes: 0, data: undefined };
    this.#open.set(streamId, call);
    this.#sender.start(call);
    if (this.#nextStreamId > MAX_31_BITS) this.#drain(MAX_31_BITS);
  }

  #onData(flags: number, streamId: number, bytes: Buffer, start: number, end: number): boolean {
    this.#unreportedBytes += end - start;
    if (this.#unreportedBytes > RECEIVE_WINDOW_BYTES / 2) {
      const update = buildNumber(this.#unreportedBytes);
      this.#output.add(buildFrame(frameType.WINDOW_UPDATE, 0, 0, update));
      this.#unreportedBytes = 0;
    }
    const call = this.#open.get(streamId);
    if (call === undefined) return true;
    const padded = (flags & frameFlag.PADDED) !== 0;
    const dataStart = padded ? start + 1 : start;
    const dataEnd = padded ? end - (bytes[start] ?? 0) : end;
    if (dataEnd < dataStart) return this.#fail("broken padding");
    const part = bytes.subarray(dataStart, dataEnd);
    call.data = call.data === undefined ? Buffer.from(part) : Buffer.concat([call.data, part]);
    const ended = (flags & frameFlag.END_STREAM) !== 0;
    if (call.data.length > MAX_MESSAGE_BYTES) this.#end(call, "message too large", ended);
    else if (ended) this.#end(call, "ended without a status", true);
    return true;
  }

  #onHeaders(flags: number, streamId: number, bytes: Buffer, start: number, end: number): boolean {
    const padded = (flags & frameFlag.PADDED) !== 0;
    const skipped = (padded ? 1 : 0) + ((flags & frameFlag.PRIORITY) === 0 ? 0 : 5);
    const blockEnd = padded ? end - (bytes[start] ?? 0) : end;
    if (blockEnd < start + skipped) return this.#fail("broken padding");
    if ((flags & frameFlag.END_HEADERS) !== 0) {
      return this.#onBlock(flags, streamId, bytes, start + skipped, blockEnd);
    }
    this.#partialBlock = { flags, bytes: Buffer.from(bytes.subarray(start + skipped, blockEnd)) };
    return true;
  }

  #onContinuation(
    flags: number,
    streamId: number,
    bytes: Buffer,
    start: number,
    end: number,
  ): boolean {
    const before = this.#partialBlock;
    if (before === undefined) return true;
    const block = Buffer.concat([before.bytes, bytes.subarray(start, end)]);
    if (block.length > MAX_BLOCK_BYTES) return this.#fail("headers too large");
    const ended = (flags & frameFlag.END_HEADERS) !== 0;
    this.#partialBlock = ended ? undefined : { flags: before.flags, bytes: block };
    return !ended || this.#onBlock(before.flags, streamId, block, 0, block.length);
  }

  /** Headers and trailers alike: whichever bears `grpc-status` ends the call. */
  #onBlock(flags: number, streamId: number, bytes: Buffer, start: number, end: number): boolean {
    const head = this.#head;
    if (!head.read(bytes, start, end)) return this.#fail("broken headers");
    const call = this.#open.get(streamId);
    if (call === undefined) return true;
    const ended = (flags & frameFlag.END_STREAM) !== 0;
    const { grpcStatus, httpStatus = 200 } = head;
    if (grpcStatus !== undefined) this.#end(call, grpcStatusName(grpcStatus), ended);
    else if (httpStatus > 200) this.#end(call, `http ${httpStatus}`, ended);
    else if (ended) this.#end(call, "ended without a status", true);
    return true;
  }

  #onControl(type: number, flags: number, streamId: number, payload: Buffer): boolean {
    switch (type) {
      case frameType.SETTINGS:
        return (flags & frameFlag.ACK) !== 0 || this.#onSettings(payload);
      case frameType.PING:
        if ((flags & frameFlag.ACK) === 0) {
          this.#output.add(buildFrame(frameType.PING, frameFlag.ACK, 0, payload));
        }
        return true;
      case frameType.RST_STREAM: {
        const call = this.#open.get(streamId);
        if (call !== undefined) this.#end(call, `reset by code ${readNumber(payload, 0)}`, true);
        return true;
      }
      case frameType.WINDOW_UPDATE:
        return this.#onWindowUpdate(streamId, readNumber(payload, 0) & MAX_31_BITS);
      case frameType.GOAWAY:
        this.#drain(readNumber(payload, 0) & MAX_31_BITS);
        return true;
      case frameType.PUSH_PROMISE:
        return this.#fail("pushed stream");
      default:
        return true;
    }
  }

  #onSettings(payload: Buffer): boolean {
    if (!this.#hasSettings) this.#maxOpen = MAX_31_BITS;
    this.#hasSettings = true;
    for (let at = 0; at + 6 <= payload.length; at += 6) {
      const id = payload.readUInt16BE(at);
      const value = payload.readUInt32BE(at + 2);
      if (id === setting.HEADER_TABLE_SIZE && value < DEFAULT_TABLE_BYTES) {
        this.#sender.leaveTable();
      }
      if (id === setting.MAX_CONCURRENT_STREAMS) this.#maxOpen = value;
      if (id === setting.INITIAL_WINDOW_SIZE) {
        this.#sender.resizeStreams(value, this.#open.values());
      }
    }
    this.#output.add(settingsAck);
    this.#events.ready();
    this.#startWaiting();
    return true;
  }

  #onWindowUpdate(streamId: number, bytes: number): boolean {
    if (streamId === 0) return this.#sender.widen(bytes) || this.#fail("window too large");
    const call = this.#open.get(streamId);
    if (call !== undefined) this.#sender.widenStream(call, bytes);
    return true;
  }

  /** Takes no more calls; those beyond the last stream that the server will answer are given back. */
  #drain(lastStreamId: number): void {
    this.#draining = true;
    const refused = [...this.#open.values()].filter(({ streamId }) => streamId > lastStreamId);
    for (const call of refused) {
      this.#open.delete(call.streamId);
      this.#sender.forget(call);
    }
    const calls = [...refused, ...this.#waiting];
    this.#waiting = [];
    this.#events.draining(calls);
    if (this.#open.size === 0) this.#fail("connection closed");
  }

  /** @param ended whether the server's half of the stream is over */
  #end(call: OpenCall, status: string, ended: boolean): void {
    this.#open.delete(call.streamId);
    if (this.#sender.forget(call) || !ended) {
      this.#output.add(
        buildFrame(frameType.RST_STREAM, 0, call.streamId, buildNumber(errorCode.CANCEL)),
      );
    }
    call.end(status, status === "OK" ? messageOf(call.data) : undefined);
    if (this.#waiting.length > 0) this.#startWaiting();
    if (this.#draining && this.#open.size === 0) this.#fail("connection closed");
  }

  #startWaiting(): void {
    while (this.#waiting.length > 0 && this.#open.size < this.#maxOpen && this.isUsable) {
      const call = this.#waiting.shift();
      if (call !== undefined) this.#start(call);
    }
  }

  /** Ends the connection and all its calls, the first time only. */
  #fail(fault: string): false {
    if (this.#closed) return false;
    this.#closed = true;
    this.#socket.destroy();
    const calls = [...this.#open.values(), ...this.#waiting];
    this.#open.clear();
    this.#waiting = [];
    for (const { end } of calls) end(fault, undefined);
    this.#events.closed(fault);
    return false;
  }
}

/** The message of a response that has exactly one, not compressed. */
function messageOf(data: Buffer | undefined): Uint8Array | undefined {
  if (data === undefined || data.length < FRAME_PREFIX_BYTES || data[0] !== 0) return undefined;
  const length = data.readUInt32BE(1);
  return data.length === FRAME_PREFIX_BYTES + length
    ? data.subarray(FRAME_PREFIX_BYTES)
    : undefined;
}

function readNumber(payload: Buffer, at: number): number {
  return payload.length < at + 4 ? 0 : payload.readUInt32BE(at);
}
