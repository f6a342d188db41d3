import {
  type GrpcStatusCode,
  grpcStatus,
  type StreamingCall,
  type StreamingHandler,
  type StreamingReceiver,
  type StreamingReply,
} from "../grpc-transport.ts";
import { unitsATurn } from "../http2/frame-reader.ts";
import type { Http2Stream, StreamReceiver } from "../http2/stream.ts";
import { buildTrailers, headFrame } from "./answers.ts";
import { type CallHead, GrpcCall, inflateCostUnits } from "./call.ts";
import { type Inflated, inflateMessage } from "./inflate-message.ts";
import { MessageReader } from "./message-reader.ts";

/** A streaming call on a stream: hands over messages as they come, and sends what the handler sends. */
export class StreamingCallOnStream
  extends GrpcCall
  implements StreamingCall, StreamingReply, StreamReceiver
{
  readonly #reader: MessageReader;
  readonly #receiver: StreamingReceiver;
  #hasHead = false;
  #messages = 0;
  /** What may still be inflated of the frame that is being read. */
  #inflateUnits = 0;
  #halfClosed = false;
  #over = false;

  constructor(stream: Http2Stream, head: CallHead, handler: StreamingHandler) {
    super(stream, head);
    const { unfinished, slabs } = stream.carrier;
    this.#reader = new MessageReader(head.maxMessageBytes, unfinished, slabs);
    this.#receiver = this.#begin(handler);
    if (!this.#over) this.startTimer();
  }

  /** Between messages the caller may take its time. */
  get isWaiting(): boolean {
    return !this.#halfClosed && (this.#messages === 0 || !this.#reader.isEmpty);
  }

  data(bytes: Buffer, start: number, end: number, ended: boolean): void {
    let at = start;
    this.#inflateUnits = inflateCostUnits + unitsATurn;
    while (at < end && !this.#over) {
      at = this.#reader.read(bytes, at, end);
      this.#handOver();
    }
    if (!ended || this.#over) return;
    this.#halfClosed = true;
    if (!this.#reader.isEmpty) {
      this.end(grpcStatus.INTERNAL, "the message is shorter than announced");
    } else {
      this.#tell(() => {
        this.#receiver.halfClosed();
      });
    }
  }

  gone(): void {
    this.cancelled = true;
    if (!this.#over) {
      this.#end();
      this.#tell(() => {
        this.#receiver.gone();
      });
    }
  }

  expired(): void {
    if (!this.#over) {
      this.cancelled = true;
      this.end(grpcStatus.DEADLINE_EXCEEDED, "deadline exceeded");
      this.#tell(() => {
        this.#receiver.gone();
      });
    }
  }

  send(message: Uint8Array): void {
    if (this.#over) return;
    const { carrier } = this.stream;
    if (!this.#hasHead) {
      this.#hasHead = true;
      carrier.sendHeaders(this.stream, headFrame, false);
    }
    carrier.sendMessage(this.stream, message);
  }

  end(status: GrpcStatusCode, details: string): void {
    if (this.#over) return;
    this.#end();
    const { carrier } = this.stream;
    if (this.#hasHead) carrier.sendEnd(this.stream, buildTrailers(status, details));
    else carrier.sendHeaders(this.stream, this.head.statusFrame(status, details), true);
  }

  #begin(handler: StreamingHandler): StreamingReceiver {
    try {
      return handler(this, this);
    } catch (error) {
      this.head.onFault(error);
      this.end(grpcStatus.INTERNAL, "internal error");
      return { message: () => {}, halfClosed: () => {}, gone: () => {} };
    }
  }

  #handOver(): void {
    const reader = this.#reader;
    if (reader.state === "partial") return;
    const message = reader.state === "whole" ? this.#unpack() : undefined;
    this.#messages++;
    if (message === "broken") {
      this.end(grpcStatus.INTERNAL, "the message cannot be decompressed");
      return;
    }
    this.#tell(() => {
      this.#receiver.message(message);
    });
    if (message === undefined && !this.#over) {
      // Where the next message begins is not known.
      this.end(grpcStatus.RESOURCE_EXHAUSTED, "a message is too large");
    }
    reader.release();
  }

  #unpack(): Uint8Array | "broken" | undefined {
    const { message, isCompressed } = this.#reader;
    if (!isCompressed) return message;
    const inflated = this.head.isGzip ? this.#inflate(message) : "broken";
    return inflated === "too-large" ? undefined : inflated;
  }

  /** Inflates as much as a frame may have us: these calls have short messages, and seldom two in a frame. */
  #inflate(message: Uint8Array): Inflated {
    const room = this.#inflateUnits - inflateCostUnits;
    if (room < 0) return "too-large";
    const inflated = inflateMessage(message, Math.min(room, this.head.maxMessageBytes));
    const units = inflateCostUnits + (typeof inflated === "string" ? room : inflated.length);
    this.#inflateUnits -= units;
    this.stream.carrier.charge(units);
    return inflated;
  }

  /** Runs the handler's code; when it throws the call ends. */
  #tell(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.head.onFault(error);
      this.end(grpcStatus.INTERNAL, "internal error");
    }
  }

  #end(): void {
    this.#over = true;
    this.stopTimer();
    this.#reader.release();
  }
}
