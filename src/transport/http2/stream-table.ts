import type { HeaderList } from "../hpack/header-list.ts";
import type { AttackKind } from "./attack-limits.ts";
import { ByteBudget } from "./byte-budget.ts";
import { ClosedStreams, type StreamEnd, streamEnd } from "./closed-streams.ts";
import { DEFAULT_WINDOW_BYTES, type ErrorCode, errorCode, frameType } from "./codes.ts";
import type { ConnectionOptions } from "./connection-options.ts";
import type { FloodCount, FloodKind } from "./flood-count.ts";
import { OpenStreams } from "./open-streams.ts";
import type { SlabPool } from "./output-buffer.ts";
import { areTrailers, type RequestHead, readRequestHead } from "./request-head.ts";
import type { Http2Sender } from "./sender.ts";
import { Http2Stream, type Route, type StreamCarrier } from "./stream.ts";

/** The window that every stream gets, in bytes. */
export const streamWindowBytes = 262_144;

/** The connection as a table of streams sees it. */
export interface StreamTableHost {
  readonly floods: FloodCount;
  /** Whether the peer has been told that no more streams are served. */
  readonly isClosing: boolean;
  /** Ends the connection with an error. */
  fail(code: ErrorCode): void;
  /** Ends the connection because of an attack. */
  attacked(kind: AttackKind): void;
  /** One frame too many of a kind has come. */
  flooded(kind: FloodKind): void;
  /** See `StreamCarrier`. */
  charge(units: number): void;
  /** The last stream has been closed. */
  becameIdle(): void;
}

const noBytes = Buffer.alloc(0);
/** Header lists up to this size count for nothing; those of real calls are a fraction of it. */
const maxFreeHeadBytes = 16_384;

/** The streams of a connection: opens them, feeds them, ends them (RFC 9113 section 5). */
export class StreamTable implements StreamCarrier {
  readAtMs: number;
  waitedMs = 0;
  readonly unfinished: ByteBudget;
  readonly slabs: SlabPool;
  bytesKept = false;
  /** The highest stream that was opened. */
  lastId = 0;
  /** Whether the peer has taken note of our SETTINGS. */
  settingsAcknowledged = false;
  readonly #host: StreamTableHost;
  readonly #sender: Http2Sender;
  readonly #options: ConnectionOptions;
  readonly #open = new OpenStreams<Http2Stream>();
  readonly #closed = new ClosedStreams();
  #initialWindow = DEFAULT_WINDOW_BYTES;
  #lastFields: HeaderList | undefined;
  #lastHead: RequestHead | undefined;
  #lastRoute: Route | undefined;

  constructor(
    host: StreamTableHost,
    sender: Http2Sender,
    options: ConnectionOptions,
    nowMs: number,
  ) {
    this.#host = host;
    this.#sender = sender;
    this.#options = options;
    this.readAtMs = nowMs;
    const { limits, unfinished, slabs, counters } = options;
    this.slabs = slabs;
    this.unfinished = new ByteBudget(limits.maxUnfinishedBytes, unfinished, () => {
      counters.attacks["unfinished-requests"]++;
    });
  }

  /** How many streams are open. */
  get size(): number {
    return this.#open.size;
  }

  /**
   * Takes a header list: a new stream, or trailers of an open one.
   *
   * @param isCut whether fields were left out that are too large
   * @param isBroken whether its frame broke a rule
   */
  headers(
    id: number,
    fields: HeaderList,
    isCut: boolean,
    endStream: boolean,
    isBroken: boolean,
  ): void {
    if (isCut) this.#options.counters.attacks["header-list"]++;
    const stream = this.#open.get(id);
    if (stream !== undefined) {
      this.#trailers(stream, fields, endStream, isBroken);
    } else if (id <= this.lastId) {
      this.#strayHeaders(id);
    } else {
      this.lastId = id;
      this.#admit(id, fields, isCut, endStream, isBroken);
    }
  }

  /**
   * Takes a DATA frame whose body is `[start, end)`; the connection's window is not its business.
   *
   * @param frameBytes the frame's payload with padding, which is what the stream's window counts
   */
  data(
    id: number,
    frameBytes: number,
    bytes: Buffer,
    start: number,
    end: number,
    ended: boolean,
  ): void {
    const stream = this.#open.get(id);
    if (stream === undefined || stream.remoteEnded) {
      this.#strayData(id, stream);
      return;
    }
    stream.receiveWindow -= frameBytes;
    if (stream.receiveWindow < 0) {
      this.#error(id, errorCode.FLOW_CONTROL_ERROR);
      return;
    }
    if (stream.bodyLeft !== undefined) {
      stream.bodyLeft -= end - start;
      if (stream.bodyLeft < 0 || (ended && stream.bodyLeft > 0)) {
        this.#error(id, errorCode.PROTOCOL_ERROR);
        return;
      }
    }
    if (ended) {
      stream.remoteEnded = true;
    } else if (stream.receiveWindow < streamWindowBytes / 2) {
      const size = streamWindowBytes - stream.receiveWindow;
      this.#sender.sendNumber(frameType.WINDOW_UPDATE, id, size);
      stream.receiveWindow = streamWindowBytes;
    }
    stream.receiver?.data(bytes, start, end, ended);
  }

  /** Takes RST_STREAM. */
  resetByPeer(id: number): void {
    const stream = this.#open.get(id);
    if (stream !== undefined) {
      this.#options.counters.streamsReset++;
      this.#drop(stream, streamEnd.peerReset);
    }
  }

  /** Takes a stream's WINDOW_UPDATE. */
  addWindow(id: number, size: number): void {
    const stream = this.#open.get(id);
    if (stream === undefined) return;
    if (size === 0) {
      this.#error(id, errorCode.PROTOCOL_ERROR);
    } else if (!this.#sender.addStreamWindow(stream, size)) {
      this.#error(id, errorCode.FLOW_CONTROL_ERROR);
    }
  }

  /** Takes a new initial window, which changes all open ones too; returns whether none becomes too large. */
  setInitialWindow(size: number): boolean {
    const change = size - this.#initialWindow;
    this.#initialWindow = size;
    if (change === 0) return true;
    let fits = true;
    for (const stream of this.#open.all()) {
      fits = this.#sender.addStreamWindow(stream, change) && fits;
    }
    return fits;
  }

  /** Takes an error of the peer's that concerns one stream, open or not. */
  streamError(id: number, code: ErrorCode): void {
    this.#error(id, code);
  }

  /** Gives up a stream whose response is more than may wait: the peer does not read what it asks for. */
  unsentOver(stream: Http2Stream): void {
    this.#options.counters.attacks["unsent-responses"]++;
    this.#error(stream.id, errorCode.ENHANCE_YOUR_CALM);
  }

  /** Gives up streams whose peer is too slow. */
  check(nowMs: number): void {
    const { requestTimeoutMs, stallTimeoutMs } = this.#options.limits;
    for (const stream of this.#open.all()) {
      if (stream.receiver?.isWaiting === true && nowMs - stream.openedMs > requestTimeoutMs) {
        this.#giveUp(stream, "slow-request");
      } else if (stream.unsent && nowMs - stream.unsent.progressMs > stallTimeoutMs) {
        this.#giveUp(stream, "stalled-window");
      }
    }
  }

  /** Ends the streams for which more would have to be read: of their requests, or of windows for their responses. */
  loseUnfinished(): void {
    for (const stream of this.#open.all()) {
      if (!stream.remoteEnded || this.#sender.needsWindow(stream)) {
        this.#drop(stream, streamEnd.ownReset);
      }
    }
  }

  /** Ends all streams: the connection is lost. */
  loseAll(): void {
    for (const stream of this.#open.all()) this.#drop(stream, streamEnd.ownReset);
  }

  charge(units: number): void {
    this.#host.charge(units);
  }

  sendHeaders(stream: Http2Stream, frame: Uint8Array, ended: boolean): void {
    this.#sender.sendHeaders(stream, frame, ended);
  }

  sendData(stream: Http2Stream, bytes: Uint8Array): void {
    this.#sender.sendData(stream, bytes);
  }

  sendMessage(stream: Http2Stream, message: Uint8Array): void {
    this.#sender.sendMessage(stream, message);
  }

  sendEnd(stream: Http2Stream, trailers: Uint8Array | undefined): void {
    this.#sender.sendEnd(stream, trailers);
  }

  sendWhole(
    stream: Http2Stream,
    head: Uint8Array,
    message: Uint8Array,
    trailers: Uint8Array,
    brief?: Uint8Array,
  ): void {
    this.#sender.sendWhole(stream, head, message, trailers, brief);
  }

  reset(stream: Http2Stream, code: ErrorCode): void {
    this.#sender.sendNumber(frameType.RST_STREAM, stream.id, code);
    this.#drop(stream, streamEnd.ownReset);
  }

  /** Closes a stream whose response has been sent to its end. */
  ended(stream: Http2Stream): void {
    if (stream.remoteEnded) {
      this.#close(stream, streamEnd.ended);
      return;
    }
    // The answer does not depend on the rest of the request (RFC 9113 section 8.1).
    this.#sender.sendNumber(frameType.RST_STREAM, stream.id, errorCode.NO_ERROR);
    this.#close(stream, streamEnd.ownReset);
  }

  #admit(
    id: number,
    fields: HeaderList,
    isCut: boolean,
    endStream: boolean,
    isBroken: boolean,
  ): void {
    const { counters, maxConcurrentStreams, service } = this.#options;
    if (this.#host.isClosing) {
      this.#closed.add(id, streamEnd.ownReset);
      return;
    }
    if (this.#open.size >= maxConcurrentStreams) {
      counters.attacks["too-many-streams"]++;
      this.#error(id, errorCode.REFUSED_STREAM);
      return;
    }
    if (fields !== this.#lastFields || isCut) this.#readHead(fields, isCut);
    const head = this.#lastHead;
    const isLengthWrong = endStream && (head?.contentLength ?? 0) > 0;
    const route = this.#lastRoute ?? (isCut ? service.headTooLarge : undefined);
    if (isBroken || isLengthWrong || route === undefined) {
      this.#error(id, errorCode.PROTOCOL_ERROR);
      return;
    }
    const stream = new Http2Stream(id, this, endStream, this.#initialWindow, streamWindowBytes);
    stream.bodyLeft = head?.contentLength;
    if (fields.sizeBytes <= maxFreeHeadBytes) {
      this.#start(stream, route);
    } else {
      this.#lastFields = undefined;
      this.#startLarge(stream, route, fields.sizeBytes);
    }
  }

  /** Starts a stream whose header list is so large that open calls may not keep any number of such. */
  #startLarge(stream: Http2Stream, route: Route, headBytes: number): void {
    const head = this.#lastHead;
    this.#lastHead = undefined;
    this.#lastRoute = undefined;
    if (this.unfinished.take(headBytes)) {
      stream.headBytes = headBytes;
      this.#start(stream, route);
      return;
    }
    const { service } = this.#options;
    const refusal = head && service.refuse(head, "too-large");
    this.#start(stream, refusal ?? service.headTooLarge);
  }

  #start(stream: Http2Stream, route: Route): void {
    this.#options.counters.streams++;
    this.#options.counters.openStreams++;
    this.#open.add(stream);
    const receiver = route.open(stream);
    stream.receiver = receiver;
    if (stream.remoteEnded && !stream.closed) receiver.data(noBytes, 0, 0, true);
  }

  /** Reads a list's head and finds its route, which hold as long as the same list comes. */
  #readHead(fields: HeaderList, isCut: boolean): void {
    const { service } = this.#options;
    const head = readRequestHead(fields);
    this.#lastFields = isCut ? undefined : fields;
    this.#lastHead = head;
    if (head === undefined) {
      this.#lastRoute = undefined;
    } else if (isCut || head.hasBlankEnds) {
      this.#lastRoute = service.refuse(head, isCut ? "too-large" : "malformed");
    } else {
      this.#lastRoute = service.route(head);
    }
  }

  #trailers(stream: Http2Stream, fields: HeaderList, endStream: boolean, isBroken: boolean): void {
    if (stream.remoteEnded) {
      this.#error(stream.id, errorCode.STREAM_CLOSED);
    } else if (isBroken || !endStream || !areTrailers(fields)) {
      this.#error(stream.id, errorCode.PROTOCOL_ERROR);
    } else if ((stream.bodyLeft ?? 0) > 0) {
      this.#error(stream.id, errorCode.PROTOCOL_ERROR);
    } else {
      stream.remoteEnded = true;
      stream.receiver?.data(noBytes, 0, 0, true);
    }
  }

  #strayHeaders(id: number): void {
    switch (this.#closed.endOf(id)) {
      case streamEnd.ownReset:
        return;
      case streamEnd.peerReset:
        this.#error(id, errorCode.STREAM_CLOSED);
        return;
      case streamEnd.ended:
        this.#host.fail(errorCode.STREAM_CLOSED);
        return;
      case streamEnd.unknown:
        this.#host.fail(errorCode.PROTOCOL_ERROR);
    }
  }

  #strayData(id: number, stream: Http2Stream | undefined): void {
    if (id > this.lastId || id % 2 === 0) {
      this.#host.fail(errorCode.PROTOCOL_ERROR);
      return;
    }
    const end = stream === undefined ? this.#closed.endOf(id) : streamEnd.peerReset;
    if (end === streamEnd.ended) {
      this.#host.fail(errorCode.STREAM_CLOSED);
    } else if (end === streamEnd.unknown) {
      // It may be what was under way when we answered early and gave the stream up: nothing that costs the connection.
      this.#sender.sendNumber(frameType.RST_STREAM, id, errorCode.STREAM_CLOSED);
      this.#closed.add(id, streamEnd.ownReset);
      if (this.#host.floods.isOver("rapid-reset", this.readAtMs)) this.#host.flooded("rapid-reset");
    } else if (end === streamEnd.peerReset) {
      this.#error(id, errorCode.STREAM_CLOSED);
    }
  }

  /** Resets a stream because of an error of the peer's, which costs us as much as a reset by the peer. */
  #error(id: number, code: ErrorCode): void {
    this.#sender.sendNumber(frameType.RST_STREAM, id, code);
    const stream = this.#open.get(id);
    if (stream === undefined) this.#closed.add(id, streamEnd.ownReset);
    else this.#drop(stream, streamEnd.ownReset);
    if (this.#host.floods.isOver("rapid-reset", this.readAtMs)) this.#host.attacked("rapid-reset");
  }

  #giveUp(stream: Http2Stream, kind: AttackKind): void {
    this.#options.counters.attacks[kind]++;
    this.reset(stream, errorCode.CANCEL);
  }

  #drop(stream: Http2Stream, end: StreamEnd): void {
    this.#close(stream, end);
    stream.receiver?.gone();
  }

  #close(stream: Http2Stream, end: StreamEnd): void {
    stream.closed = true;
    this.#sender.forget(stream);
    this.#open.delete(stream);
    this.#closed.add(stream.id, end);
    if (stream.headBytes > 0) {
      this.unfinished.give(stream.headBytes);
      stream.headBytes = 0;
    }
    this.#options.counters.openStreams--;
    if (this.#open.size === 0) this.#host.becameIdle();
  }
}
