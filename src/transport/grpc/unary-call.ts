import type { Deadline } from "../../model/deadline.ts";
import {
  grpcStatus,
  type MissingMessage,
  type UnaryAnswer,
  type UnaryCall,
  type UnaryHandler,
} from "../grpc-transport.ts";
import { unitsATurn } from "../http2/frame-reader.ts";
import { PREFIX_BYTES } from "../http2/message-prefix.ts";
import { releaseBytes } from "../http2/release-bytes.ts";
import type { Http2Stream, StreamReceiver } from "../http2/stream.ts";
import { headFrame, okFrame } from "./answers.ts";
import { type CallHead, GrpcCall, inflateCostUnits } from "./call.ts";
import { type Inflated, inflateWithinTurn } from "./inflate-message.ts";
import type { InflateJob } from "./inflater.ts";
import { MessageReader } from "./message-reader.ts";

/** How long before its caller's deadline a message has to be whole and unpacked; at most half of the time there is. */
const unreadMarginMs = 50;

/** What is taken off the time for a message that comes in parts, whatever it took. */
const partsMarginMs = 20;

/** A unary call on a stream: takes the one message, runs the handler, sends the answer. */
export class UnaryCallOnStream extends GrpcCall implements UnaryCall, StreamReceiver {
  message: Uint8Array | undefined;
  readonly #handler: UnaryHandler;
  /** Where a message is put together that does not come in one piece. */
  #reader: MessageReader | undefined;
  /** The message while it is inflated on another thread. */
  #job: InflateJob | undefined;
  #isLate = false;
  #state: "reading" | "inflating" | "handed over" | "over" = "reading";

  constructor(stream: Http2Stream, head: CallHead, handler: UnaryHandler) {
    super(stream, head);
    this.#handler = handler;
  }

  get missing(): MissingMessage {
    return this.#isLate ? "late" : (this.head.fault ?? "too-large");
  }

  get isWaiting(): boolean {
    return this.#state === "reading";
  }

  data(bytes: Buffer, start: number, end: number, ended: boolean): void {
    if (this.#state !== "reading") return;
    if (this.head.fault !== undefined) {
      // The caller is told once it has sent all it wanted to, so that it need not be cut short.
      if (ended) this.#handOver(undefined);
      return;
    }
    const isWhole =
      ended &&
      this.#reader === undefined &&
      end - start >= PREFIX_BYTES &&
      bytes[start] === 0 &&
      bytes.readUInt32BE(start + 1) === end - start - PREFIX_BYTES &&
      end - start - PREFIX_BYTES <= this.head.maxMessageBytes;
    if (isWhole) {
      this.stream.carrier.bytesKept = true;
      this.#handOver(bytes.subarray(start + PREFIX_BYTES, end));
    } else {
      this.#collect(bytes, start, end, ended);
    }
  }

  gone(): void {
    this.cancelled = true;
    this.#end();
  }

  expired(): void {
    if (this.#state === "reading" || this.#state === "inflating") {
      // Refused while the caller still waits for it.
      this.#isLate = true;
      this.#handOver(undefined);
    } else if (this.#state !== "over") {
      this.cancelled = true;
      this.#answer({ status: grpcStatus.DEADLINE_EXCEEDED, details: "deadline exceeded" });
    }
  }

  #collect(bytes: Buffer, start: number, end: number, ended: boolean): void {
    const { carrier } = this.stream;
    if (this.#reader === undefined) {
      const { maxMessageBytes } = this.head;
      this.#reader = new MessageReader(maxMessageBytes, carrier.unfinished, carrier.slabs);
      this.startTimer(unreadMarginMs);
    }
    const reader = this.#reader;
    const rest = reader.read(bytes, start, end);
    if (reader.state === "too-large") {
      this.#handOver(undefined);
    } else if (rest < end) {
      this.#refuse("more than one message in a unary call");
    } else if (ended && reader.state === "whole") {
      this.#unpack(reader);
    } else if (ended) {
      this.#refuse(
        reader.isEmpty ? "no message in a unary call" : "the message is shorter than announced",
      );
    }
  }

  #unpack({ message, isCompressed }: MessageReader): void {
    if (!isCompressed) this.#handOver(message);
    else if (this.head.isGzip) this.#inflate(message);
    else this.#refuse("a compressed message without grpc-encoding");
  }

  /** Inflates at once what is short, which counts as work of its connection, and the rest on another thread. */
  #inflate(message: Uint8Array): void {
    const { maxMessageBytes } = this.head;
    const { carrier } = this.stream;
    const inflated = inflateWithinTurn(message, maxMessageBytes);
    carrier.charge(
      inflateCostUnits + (typeof inflated === "string" ? unitsATurn : inflated.length),
    );
    if (inflated === "long") this.#inflateAside(message);
    else this.#takeInflated(inflated);
  }

  #inflateAside(message: Uint8Array): void {
    const { maxMessageBytes, inflater } = this.head;
    this.#state = "inflating";
    this.#job = {
      message,
      maxBytes: maxMessageBytes,
      done: (inflated) => {
        this.#job = undefined;
        if (this.#state !== "inflating") return;
        this.#takeInflated(inflated);
      },
    };
    if (inflater.add(this.stream.carrier.unfinished, this.#job)) {
      this.startTimer(unreadMarginMs);
    } else {
      this.#job = undefined;
      this.#handOver(undefined);
    }
  }

  #takeInflated(inflated: Inflated): void {
    if (inflated === "broken") {
      this.#refuse("the message cannot be decompressed");
    } else if (inflated === "too-large") {
      this.#handOver(undefined);
    } else {
      this.#handOver(inflated);
      releaseBytes(inflated);
    }
  }

  #handOver(message: Uint8Array | undefined): void {
    if (this.#reader !== undefined) this.deadline = this.#answerBy(this.deadline);
    // Even when its time is up: the handler may have a better answer to that than an error.
    this.message = message;
    this.stopTimer();
    this.#state = "handed over";
    try {
      this.#handler(this, (answer) => {
        this.#answer(answer);
      });
    } catch (error) {
      this.head.onFault(error);
      this.#refuse("internal error");
    }
    // Kept through a slow call, it would take all that was read with it into the old generation.
    this.message = undefined;
    this.#reader?.release();
    if (this.isPending) this.startTimer();
  }

  /**
   * Returns when a message that came in parts has to be answered. What took long to come in was long on its way out as well, while
   * the caller's time ran, and the way back is no faster; of what is left half is for judging all the same.
   */
  #answerBy(deadline: Deadline | undefined): Deadline | undefined {
    const nowMs = performance.now();
    const wayMs = (nowMs - this.stream.openedMs) / 2 + partsMarginMs;
    return deadline?.earlier(wayMs, nowMs);
  }

  /** Returns whether the handler has been called and has not answered. */
  get isPending(): boolean {
    return this.#state === "handed over";
  }

  #refuse(details: string): void {
    this.#answer({ status: grpcStatus.INTERNAL, details });
  }

  #answer(answer: UnaryAnswer): void {
    if (this.#state === "over") return;
    const { stream, head } = this;
    if ("message" in answer) {
      const { message, brief } = answer;
      this.#end();
      stream.carrier.sendWhole(stream, headFrame, message, okFrame, brief);
    } else {
      const frame = head.statusFrame(answer.status, answer.details);
      this.#end();
      stream.carrier.sendHeaders(stream, frame, true);
    }
  }

  #end(): void {
    this.#state = "over";
    this.stopTimer();
    if (this.#job !== undefined) {
      this.head.inflater.remove(this.stream.carrier.unfinished, this.#job);
    }
    this.#reader?.release();
  }
}
