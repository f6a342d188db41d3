import {
  status as code,
  Metadata,
  type ServerInterceptingCall,
  type ServerListener,
} from "@grpc/grpc-js";
import { Deadline } from "../../model/deadline.ts";
import {
  type GrpcStatusCode,
  grpcStatus,
  type TransportOptions,
  type UnaryAnswer,
  type UnaryCall,
  type UnaryHandler,
} from "../grpc-transport.ts";

const statusCodes: { readonly [Code in Exclude<GrpcStatusCode, 0>]: code } = {
  [grpcStatus.CANCELLED]: code.CANCELLED,
  [grpcStatus.INVALID_ARGUMENT]: code.INVALID_ARGUMENT,
  [grpcStatus.DEADLINE_EXCEEDED]: code.DEADLINE_EXCEEDED,
  [grpcStatus.NOT_FOUND]: code.NOT_FOUND,
  [grpcStatus.RESOURCE_EXHAUSTED]: code.RESOURCE_EXHAUSTED,
  [grpcStatus.UNIMPLEMENTED]: code.UNIMPLEMENTED,
  [grpcStatus.INTERNAL]: code.INTERNAL,
  [grpcStatus.UNAVAILABLE]: code.UNAVAILABLE,
};

type OnFault = NonNullable<TransportOptions["onFault"]>;

/** What grpc-js hands to interceptors. */
type BaseCall = Pick<
  ServerInterceptingCall,
  "start" | "startRead" | "sendMessage" | "sendStatus" | "getDeadline"
>;

/**
 * One call, taken over from grpc-js below its own handling of unary calls. That is one set of objects less a call, and
 * the only place where a message over the limit can be caught: grpc-js itself would answer RESOURCE_EXHAUSTED, which
 * is an error, so with `failure_mode_allow` a large request would be let in.
 */
export class GrpcJsCall implements UnaryCall, ServerListener {
  readonly path: string;
  message: Buffer | undefined;
  readonly missing = "too-large";
  deadline: Deadline | undefined;
  cancelled = false;
  readonly #base: BaseCall;
  readonly #handler: UnaryHandler;
  readonly #onFault: OnFault;
  readonly #sendStatus: BaseCall["sendStatus"];
  #metadata: Metadata | undefined;
  #handedOver = false;
  #replied = false;

  private constructor(path: string, handler: UnaryHandler, base: BaseCall, onFault: OnFault) {
    this.path = path;
    this.#handler = handler;
    this.#onFault = onFault;
    this.#base = base;
    this.#sendStatus = base.sendStatus.bind(base);
  }

  /** Makes `base` run the handler instead of what grpc-js has registered for the method. */
  static takeOver(path: string, handler: UnaryHandler, base: BaseCall, onFault: OnFault): void {
    const call = new GrpcJsCall(path, handler, base, onFault);
    const start = base.start.bind(base);
    base.start = () => {
      start(call);
    };
    // grpc-js reports a message that is too large through this method of the same object, once for each frame of it.
    base.sendStatus = (status) => {
      if (status.code !== code.RESOURCE_EXHAUSTED) {
        call.#sendStatus(status);
      } else if (!call.#handedOver) {
        call.message = undefined;
        call.#handOver();
      }
    };
  }

  metadata(name: string): string | undefined {
    const values = this.#metadata?.get(name).filter((value) => typeof value === "string") ?? [];
    return values.length === 0 ? undefined : values.join(",");
  }

  binaryMetadata(name: string): readonly Uint8Array[] {
    return this.#metadata?.get(name).filter((value) => typeof value !== "string") ?? [];
  }

  onReceiveMetadata(metadata: Metadata): void {
    this.#metadata = metadata;
    this.#base.startRead();
  }

  onReceiveMessage(message: Buffer): void {
    if (this.message !== undefined) {
      this.#replied = true;
      this.#sendStatus({ code: code.INTERNAL, details: "more than one message in a unary call" });
      return;
    }
    this.message = message;
    this.#base.startRead();
  }

  onReceiveHalfClose(): void {
    if (this.#replied || this.#handedOver) return;
    if (this.message === undefined) {
      this.#sendStatus({ code: code.INTERNAL, details: "no message in a unary call" });
      return;
    }
    this.#handOver();
  }

  onCancel(): void {
    this.cancelled = true;
  }

  #handOver(): void {
    this.#handedOver = true;
    const deadline = this.#base.getDeadline();
    if (typeof deadline === "number" && Number.isFinite(deadline)) {
      this.deadline = new Deadline(performance.now() + deadline - Date.now());
    }
    try {
      this.#handler(this, (answer) => {
        this.#reply(answer);
      });
    } catch (error) {
      this.#onFault(error);
      this.#reply({ status: grpcStatus.INTERNAL, details: "internal error" });
    }
  }

  #reply(answer: UnaryAnswer): void {
    if (this.#replied) return;
    this.#replied = true;
    if ("status" in answer) {
      this.#sendStatus({ code: statusCodes[answer.status], details: answer.details });
      return;
    }
    const { buffer, byteOffset, byteLength } = answer.message;
    this.#base.sendMessage(Buffer.from(buffer, byteOffset, byteLength), () => {
      this.#sendStatus({ code: code.OK, details: "" });
    });
  }
}
