import { HpackDecoder, HpackFault } from "../hpack/decoder.ts";
import { DEFAULT_TABLE_BYTES } from "../hpack/dynamic-table.ts";
import type { HeaderList } from "../hpack/header-list.ts";
import type { AttackKind, AttackLimits } from "./attack-limits.ts";
import type { ByteBudget } from "./byte-budget.ts";
import { type ErrorCode, errorCode, frameFlag, frameType } from "./codes.ts";
import type { ConnectionOptions } from "./connection-options.ts";
import type { FloodCount, FloodKind } from "./flood-count.ts";
import type { FrameSink } from "./frame-reader.ts";
import { HeaderBlock } from "./header-block.ts";
import { ReceiveWindow } from "./receive-window.ts";
import type { Http2Sender } from "./sender.ts";
import { defaultPeerSettings, readSettings } from "./settings.ts";
import type { StreamTable } from "./stream-table.ts";

const PRIORITY_BYTES = 5;

/** The connection as the dispatch of frames sees it. */
export interface DispatchHost {
  readonly floods: FloodCount;
  /** Whether no more frames are wanted. */
  readonly isEnded: boolean;
  fail(code: ErrorCode): void;
  attacked(kind: AttackKind): void;
  /** One too many of a kind has come; returns whether the connection has been ended. */
  flooded(kind: FloodKind): boolean;
  /** The peer has answered a PING; its 8 bytes are at `at`. */
  pong(bytes: Buffer, at: number): void;
  /** The peer has said that it will go. */
  peerLeaves(): void;
}

/** Checks each frame of a connection and carries out what it says (RFC 9113 section 6). */
export class FrameDispatch implements FrameSink {
  /** Whether the peer's first SETTINGS have come. */
  isSettled = false;
  readonly #host: DispatchHost;
  readonly #streams: StreamTable;
  readonly #sender: Http2Sender;
  readonly #limits: AttackLimits;
  readonly #hpack: HpackDecoder;
  readonly #settings = defaultPeerSettings();
  readonly #window: ReceiveWindow;
  readonly #unfinished: ByteBudget;
  #block: HeaderBlock | undefined;
  #tableBytes = DEFAULT_TABLE_BYTES;

  constructor(
    host: DispatchHost,
    streams: StreamTable,
    sender: Http2Sender,
    { limits, unfinished }: Pick<ConnectionOptions, "limits" | "unfinished">,
  ) {
    this.#host = host;
    this.#streams = streams;
    this.#sender = sender;
    this.#limits = limits;
    this.#unfinished = unfinished;
    this.#window = new ReceiveWindow(streams.unfinished, (bytes) => {
      sender.sendNumber(frameType.WINDOW_UPDATE, 0, bytes);
    });
    const { maxHeaderListBytes, maxHeaders } = limits;
    this.#hpack = new HpackDecoder({ maxHeaderListBytes, maxHeaders });
  }

  /** When the header block began that has not ended yet, or undefined when there is none. */
  get blockSinceMs(): number | undefined {
    return this.#block?.head.sinceMs;
  }

  get bytesKept(): boolean {
    return this.#streams.bytesKept;
  }

  /** Has nothing sent any more, and keeps nothing. */
  close(): void {
    this.#window.close();
    this.#block?.release();
    this.#block = undefined;
  }

  frame(
    type: number,
    flags: number,
    id: number,
    bytes: Buffer,
    start: number,
    end: number,
  ): boolean {
    if (this.#block !== undefined) this.#continuation(type, flags, id, bytes, start, end);
    else if (!this.isSettled) this.#first(type, flags, id, bytes, start, end);
    else if (type === frameType.DATA) this.#data(flags, id, bytes, start, end);
    else if (type === frameType.HEADERS) this.#headers(flags, id, bytes, start, end);
    else this.#control(type, flags, id, bytes, start, end);
    return !this.#host.isEnded;
  }

  oversizedFrame(): void {
    this.#host.fail(errorCode.FRAME_SIZE_ERROR);
  }

  /** Counts one of a kind; returns whether it was one too many, for which the connection has been ended. */
  #isFlood(kind: FloodKind): boolean {
    return this.#host.floods.isOver(kind, this.#streams.readAtMs) && this.#host.flooded(kind);
  }

  /** The peer has to begin with SETTINGS (RFC 9113 section 3.4). */
  #first(type: number, flags: number, id: number, bytes: Buffer, start: number, end: number): void {
    if (type !== frameType.SETTINGS || (flags & frameFlag.ACK) !== 0) {
      this.#host.fail(errorCode.PROTOCOL_ERROR);
      return;
    }
    this.isSettled = true;
    this.#settingsFrame(flags, id, bytes, start, end);
  }

  #control(
    type: number,
    flags: number,
    id: number,
    bytes: Buffer,
    start: number,
    end: number,
  ): void {
    switch (type) {
      case frameType.PRIORITY:
        this.#priority(id, bytes, start, end);
        return;
      case frameType.RST_STREAM:
        this.#resetStream(id, end - start);
        return;
      case frameType.SETTINGS:
        this.#settingsFrame(flags, id, bytes, start, end);
        return;
      case frameType.PING:
        this.#ping(flags, id, bytes, start, end);
        return;
      case frameType.GOAWAY:
        this.#goaway(id, end - start);
        return;
      case frameType.WINDOW_UPDATE:
        this.#windowUpdate(id, bytes, start, end);
        return;
      case frameType.PUSH_PROMISE:
      case frameType.CONTINUATION:
        this.#host.fail(errorCode.PROTOCOL_ERROR);
        return;
      default:
        this.#isFlood("unknown-frame-flood");
    }
  }

  #data(flags: number, id: number, bytes: Buffer, start: number, end: number): void {
    const size = end - start;
    if (!this.#window.take(size, this.#streams.readAtMs)) {
      this.#host.fail(errorCode.FLOW_CONTROL_ERROR);
      return;
    }
    let from = start;
    let to = end;
    if ((flags & frameFlag.PADDED) !== 0) {
      from++;
      to -= bytes[start] ?? 0;
      if (size === 0 || to < from) {
        this.#host.fail(size === 0 ? errorCode.FRAME_SIZE_ERROR : errorCode.PROTOCOL_ERROR);
        return;
      }
    }
    const ended = (flags & frameFlag.END_STREAM) !== 0;
    if (from === to && !ended && this.#isFlood("empty-frame-flood")) return;
    this.#streams.data(id, size, bytes, from, to, ended);
  }

  #headers(flags: number, id: number, bytes: Buffer, start: number, end: number): void {
    if (id % 2 === 0) {
      this.#host.fail(errorCode.PROTOCOL_ERROR);
      return;
    }
    let from = start;
    let to = end;
    if ((flags & frameFlag.PADDED) !== 0) {
      from++;
      to -= bytes[start] ?? 0;
    }
    let selfDependent = false;
    if ((flags & frameFlag.PRIORITY) !== 0 && from + PRIORITY_BYTES <= end) {
      selfDependent = isDependentOn(bytes, from, id);
      from += PRIORITY_BYTES;
    } else if ((flags & frameFlag.PRIORITY) !== 0) {
      this.#host.fail(errorCode.FRAME_SIZE_ERROR);
      return;
    }
    if (to < from) {
      this.#host.fail(from > end ? errorCode.FRAME_SIZE_ERROR : errorCode.PROTOCOL_ERROR);
      return;
    }
    const endStream = (flags & frameFlag.END_STREAM) !== 0;
    if ((flags & frameFlag.END_HEADERS) !== 0) {
      if (!this.#isTableChurn(bytes, from, to)) {
        this.#headerList(id, this.#hpack.decode(bytes, from, to), endStream, selfDependent);
      }
      return;
    }
    if (this.#isTableChurn(bytes, from, to)) return;
    const head = { streamId: id, endStream, selfDependent, sinceMs: this.#streams.readAtMs };
    this.#block = new HeaderBlock(head, this.#hpack, this.#limits, this.#unfinished);
    this.#fragment(this.#block, bytes, from, to);
  }

  #continuation(
    type: number,
    flags: number,
    id: number,
    bytes: Buffer,
    start: number,
    end: number,
  ): void {
    const block = this.#block;
    if (block === undefined || type !== frameType.CONTINUATION || id !== block.head.streamId) {
      this.#host.fail(errorCode.PROTOCOL_ERROR);
      return;
    }
    if (!this.#fragment(block, bytes, start, end) || (flags & frameFlag.END_HEADERS) === 0) return;
    this.#block = undefined;
    const list = block.finish();
    block.release();
    this.#headerList(id, list, block.head.endStream, block.head.selfDependent);
  }

  /** Adds a fragment to the block; returns whether it may go on. */
  #fragment(block: HeaderBlock, bytes: Buffer, start: number, end: number): boolean {
    if (start === end && this.#isFlood("empty-frame-flood")) return false;
    const fault = block.add(bytes, start, end);
    if (fault === "broken") this.#host.fail(errorCode.COMPRESSION_ERROR);
    else if (fault !== undefined) this.#host.attacked(fault);
    return fault === undefined;
  }

  /** Returns whether a block changes the table's size, which stands first in it (RFC 7541 section 4.2), once too often. */
  #isTableChurn(bytes: Buffer, start: number, end: number): boolean {
    const isChange = start < end && ((bytes[start] ?? 0) & 0xe0) === 0x20;
    return isChange && this.#isFlood("table-size-churn");
  }

  #headerList(
    id: number,
    list: HeaderList | HpackFault,
    endStream: boolean,
    selfDependent: boolean,
  ): void {
    if (!(list instanceof HpackFault)) {
      this.#streams.headers(id, list, false, endStream, selfDependent);
    } else if (list.code === "COMPRESSION_ERROR") {
      this.#host.fail(errorCode.COMPRESSION_ERROR);
    } else {
      this.#streams.headers(id, list.kept, true, endStream, selfDependent);
    }
  }

  #priority(id: number, bytes: Buffer, start: number, end: number): void {
    if (id === 0) this.#host.fail(errorCode.PROTOCOL_ERROR);
    else if (end - start !== PRIORITY_BYTES) this.#streamError(id, errorCode.FRAME_SIZE_ERROR);
    else if (isDependentOn(bytes, start, id)) this.#streamError(id, errorCode.PROTOCOL_ERROR);
    else this.#isFlood("priority-flood");
  }

  /** A stream that is not open yet cannot be reset. */
  #streamError(id: number, code: ErrorCode): void {
    if (this.#isIdle(id)) this.#host.fail(code);
    else this.#streams.streamError(id, code);
  }

  #isIdle(id: number): boolean {
    return id > this.#streams.lastId || id % 2 === 0;
  }

  #resetStream(id: number, size: number): void {
    if (size !== 4) this.#host.fail(errorCode.FRAME_SIZE_ERROR);
    else if (this.#isIdle(id)) this.#host.fail(errorCode.PROTOCOL_ERROR);
    else if (!this.#isFlood("rapid-reset")) this.#streams.resetByPeer(id);
  }

  #settingsFrame(flags: number, id: number, bytes: Buffer, start: number, end: number): void {
    const size = end - start;
    const isAck = (flags & frameFlag.ACK) !== 0;
    if (id !== 0) {
      this.#host.fail(errorCode.PROTOCOL_ERROR);
    } else if (isAck ? size !== 0 : size % 6 !== 0) {
      this.#host.fail(errorCode.FRAME_SIZE_ERROR);
    } else if (isAck && !this.#streams.settingsAcknowledged) {
      this.#streams.settingsAcknowledged = true;
    } else if (!this.#isFlood("settings-flood") && !isAck) {
      this.#applySettings(bytes, start, end);
    }
  }

  #applySettings(bytes: Buffer, start: number, end: number): void {
    const settings = this.#settings;
    const error = readSettings(bytes, start, end, settings);
    if (error !== errorCode.NO_ERROR) {
      this.#host.fail(error);
      return;
    }
    if (settings.smallestTableBytes < this.#tableBytes) {
      this.#tableBytes = 0;
      this.#sender.emptyTable();
    }
    this.#sender.sendFrame(frameType.SETTINGS, frameFlag.ACK, 0, noBytes);
    if (!this.#streams.setInitialWindow(settings.initialWindow)) {
      this.#host.fail(errorCode.FLOW_CONTROL_ERROR);
    }
  }

  #ping(flags: number, id: number, bytes: Buffer, start: number, end: number): void {
    if (id !== 0) this.#host.fail(errorCode.PROTOCOL_ERROR);
    else if (end - start !== 8) this.#host.fail(errorCode.FRAME_SIZE_ERROR);
    else if (this.#isFlood("ping-flood")) return;
    else if ((flags & frameFlag.ACK) !== 0) this.#host.pong(bytes, start);
    else this.#sender.sendFrame(frameType.PING, frameFlag.ACK, 0, bytes.subarray(start, end));
  }

  #goaway(id: number, size: number): void {
    if (id !== 0) this.#host.fail(errorCode.PROTOCOL_ERROR);
    else if (size < 8) this.#host.fail(errorCode.FRAME_SIZE_ERROR);
    else this.#host.peerLeaves();
  }

  #windowUpdate(id: number, bytes: Buffer, start: number, end: number): void {
    if (end - start !== 4) {
      this.#host.fail(errorCode.FRAME_SIZE_ERROR);
      return;
    }
    if (this.#isFlood("window-update-flood")) return;
    const size = bytes.readUInt32BE(start) & 0x7fff_ffff;
    if (id === 0) {
      if (size === 0) this.#host.fail(errorCode.PROTOCOL_ERROR);
      else if (!this.#sender.addWindow(size)) this.#host.fail(errorCode.FLOW_CONTROL_ERROR);
    } else if (this.#isIdle(id)) {
      this.#host.fail(errorCode.PROTOCOL_ERROR);
    } else {
      this.#streams.addWindow(id, size);
    }
  }
}

const noBytes = new Uint8Array();

function isDependentOn(bytes: Buffer, at: number, id: number): boolean {
  return (bytes.readUInt32BE(at) & 0x7fff_ffff) === id;
}
