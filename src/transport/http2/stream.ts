import type { ByteBudget } from "./byte-budget.ts";
import type { ErrorCode } from "./codes.ts";
import type { SlabPool } from "./output-buffer.ts";
import type { RequestHead } from "./request-head.ts";

/** The receiver of a request, one for each stream. */
export interface StreamReceiver {
  /** Whether the peer owes us more, so that it may be called slow. */
  readonly isWaiting: boolean;
  /**
   * A part of the body, `[start, end)`: a view that is valid only during the call.
   *
   * @param ended whether it is the last; it may be empty
   */
  data(bytes: Buffer, start: number, end: number, ended: boolean): void;
  /** The stream is gone before its answer was sent: reset by either side, or its connection lost. */
  gone(): void;
}

/** The treatment of requests that have one and the same head. */
export interface Route {
  /** The receiver of a request with this head; it may answer at once. */
  open(stream: Http2Stream): StreamReceiver;
}

/** The faults of a header list that an honest proxy sends because its own client would have it so. */
export type HeadFault = "too-large" | "malformed";

/** The service behind a connection: it says what is to be done with a request. */
export interface Service {
  /** The route of a head; it may be kept for requests with the same head. */
  route(head: RequestHead): Route;
  /**
   * The route of a request that is refused for its header list, in the way its callers understand; undefined where they have none
   * of their own.
   */
  refuse(head: RequestHead, fault: HeadFault): Route | undefined;
  /** The route of all other requests whose header list is too large. */
  readonly headTooLarge: Route;
}

/** The abilities of a stream, carried out by its connection. Nothing may be called once the stream is closed. */
export interface StreamCarrier {
  /** When the bytes that are being read came, on the clock of `performance.now()`. */
  readonly readAtMs: number;
  /** How long they may have lain unread by then, in milliseconds. */
  readonly waitedMs: number;
  /** What unfinished requests may take of memory. */
  readonly unfinished: ByteBudget;
  /** Notes work that the bytes of frames do not tell, in units of `unitsATurn`. */
  charge(units: number): void;
  /** To be set by whoever hands a view of a stream's data on, so that its memory is left alone. */
  bytesKept: boolean;
  /** Where large buffers come from. */
  readonly slabs: SlabPool;
  /**
   * Sends response headers.
   *
   * @param frame as `buildHeadersFrame` makes it
   * @param ended whether the frame ends the stream
   */
  sendHeaders(stream: Http2Stream, frame: Uint8Array, ended: boolean): void;
  /** Sends a part of a body as the windows allow; it must not be changed afterwards. */
  sendData(stream: Http2Stream, bytes: Uint8Array): void;
  /** Sends a gRPC message with its prefix, in the same way. */
  sendMessage(stream: Http2Stream, message: Uint8Array): void;
  /** Ends the response, once all its data has been sent; with a frame that ends the stream, or with the last of the data. */
  sendEnd(stream: Http2Stream, trailers: Uint8Array | undefined): void;
  /**
   * Sends headers, one gRPC message with its prefix, and trailers: all of it in one. Where there is no room for the message
   * the brief one goes instead; without one the stream is given up.
   */
  sendWhole(
    stream: Http2Stream,
    head: Uint8Array,
    message: Uint8Array,
    trailers: Uint8Array,
    brief?: Uint8Array,
  ): void;
  /** Gives the stream up. */
  reset(stream: Http2Stream, code: ErrorCode): void;
}

/** The part of a response that waits for the windows. */
export interface UnsentBody {
  readonly parts: Uint8Array[];
  /** How much of the first part is sent. */
  at: number;
  /** What comes after the parts: nothing yet, nothing more, or trailers. */
  end: "open" | "ended" | Uint8Array;
  /** When something could be sent last. */
  progressMs: number;
}

/** A stream between its HEADERS and its end (RFC 9113 section 5.1); kept up to date by its connection. */
export class Http2Stream {
  readonly id: number;
  readonly carrier: StreamCarrier;
  readonly openedMs: number;
  receiver: StreamReceiver | undefined;
  /** Whether the peer has ended its side. */
  remoteEnded: boolean;
  /** Whether it is over for both sides. */
  closed = false;
  /** Bytes that the peer allows us; below zero when it has taken some back. */
  sendWindow: number;
  /** Bytes that we still allow the peer. */
  receiveWindow: number;
  /** Bytes of the body that are still to come, if the head said how many. */
  bodyLeft: number | undefined;
  unsent: UnsentBody | undefined;
  /** What its header list takes of the budget for unfinished requests. */
  headBytes = 0;

  constructor(
    id: number,
    carrier: StreamCarrier,
    remoteEnded: boolean,
    sendWindow: number,
    receiveWindow: number,
  ) {
    this.id = id;
    this.carrier = carrier;
    this.openedMs = carrier.readAtMs;
    this.remoteEnded = remoteEnded;
    this.sendWindow = sendWindow;
    this.receiveWindow = receiveWindow;
    this.bodyLeft = undefined;
    this.unsent = undefined;
  }
}
