import { Deadline } from "../../model/deadline.ts";
import type { GrpcStatusCode } from "../grpc-transport.ts";
import type { HeaderList } from "../hpack/header-list.ts";
import type { HeadFault, Http2Stream, StreamCarrier } from "../http2/stream.ts";
import type { Inflater } from "./inflater.ts";
import { readBinaryMetadata, readMetadata } from "./metadata.ts";

/** The head that several calls have in common. Shared between calls. */
export interface CallHead {
  readonly path: string;
  /** How long the caller waits, undefined without `grpc-timeout`. */
  readonly timeoutMs: number | undefined;
  /** Whether messages that are marked as compressed are gzip. */
  readonly isGzip: boolean;
  readonly fields: HeaderList;
  /** Why the call is refused whatever its message is; undefined for one that is served. */
  readonly fault: HeadFault | undefined;
  readonly maxMessageBytes: number;
  /** Where messages are inflated that are too long for a turn of the event loop. */
  readonly inflater: Inflater;
  /** Told of what a handler throws. */
  readonly onFault: (error: unknown) => void;
  /** The frame that is the whole answer of a call without a message. */
  statusFrame(status: GrpcStatusCode, details: string): Uint8Array;
}

/** The longest time a timer can be set to. */
const maxTimerMs = 0x7fff_ffff;

/** The cost of inflating beyond the bytes that come out, in units of `unitsATurn`. */
export const inflateCostUnits = 16_384;

/** The common part of unary and streaming calls. */
export abstract class GrpcCall {
  /** See `UnaryCall`; the same for the next two. */
  readonly path: string;
  deadline: Deadline | undefined;
  cancelled = false;
  protected readonly stream: Http2Stream;
  protected readonly head: CallHead;
  #timer: NodeJS.Timeout | undefined;

  constructor(stream: Http2Stream, head: CallHead) {
    this.path = head.path;
    this.deadline = deadlineOf(head.timeoutMs, stream.carrier);
    this.stream = stream;
    this.head = head;
  }

  /** See `UnaryCall`. */
  metadata(name: string): string | undefined {
    return readMetadata(this.head.fields, name);
  }

  /** See `UnaryCall`. */
  binaryMetadata(name: string): readonly Uint8Array[] {
    return readBinaryMetadata(this.head.fields, name);
  }

  /**
   * Has the call told when its time is up; does nothing when that is already so.
   *
   * @param marginMs how long before, but no earlier than when half of it is left
   */
  protected startTimer(marginMs: number = 0): void {
    if (this.deadline !== undefined && this.#timer === undefined) {
      const nowMs = performance.now();
      const waitMs = this.deadline.earlier(marginMs, nowMs).leftMs(nowMs);
      this.#timer = setTimeout(expire, Math.min(maxTimerMs, Math.max(0, waitMs)), this);
    }
  }

  /** Forgets the time. */
  protected stopTimer(): void {
    if (this.#timer !== undefined) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
    }
  }

  /** The time is up. */
  abstract expired(): void;
}

/** Returns when the caller stops waiting, who may have been waiting for a while already. */
function deadlineOf(
  timeoutMs: number | undefined,
  { readAtMs, waitedMs }: StreamCarrier,
): Deadline | undefined {
  return timeoutMs === undefined
    ? undefined
    : new Deadline(readAtMs + timeoutMs).earlier(waitedMs, readAtMs);
}

function expire(call: GrpcCall): void {
  call.expired();
}
