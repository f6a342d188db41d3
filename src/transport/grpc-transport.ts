import type { Deadline } from "../model/deadline.ts";
/**
 * The port between a gRPC server and whatever carries it: unary calls as bytes, nothing of authorization.
 */

/** gRPC status codes this server uses (the gRPC "Status codes" document). */
export const grpcStatus = {
  OK: 0,
  CANCELLED: 1,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  RESOURCE_EXHAUSTED: 8,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
} as const;

/** One of {@link grpcStatus}. */
export type GrpcStatusCode = (typeof grpcStatus)[keyof typeof grpcStatus];

/**
 * The reason why a call has no message: it or the header list was larger than the transport's limits, the list was malformed, or the
 * message was not whole, or not unpacked, shortly before the caller's deadline.
 */
export type MissingMessage = "too-large" | "malformed" | "late";

/** One unary call as it came in. */
export interface UnaryCall {
  /** `/package.Service/Method`. */
  readonly path: string;
  /**
   * The message's bytes, without gRPC's prefix; undefined when there is none. Valid only until the handler returns.
   */
  readonly message: Uint8Array | undefined;
  /** Why there is no message; only looked at where there is none. */
  readonly missing: MissingMessage;
  /**
   * The time when the caller stops waiting, as far as that can be known: a message that was long on its way has less
   * time. Undefined without `grpc-timeout`.
   */
  readonly deadline: Deadline | undefined;
  /**
   * The value of a text metadata entry (lower-case name), or undefined; repeated ones joined by comma. Need not be kept
   * where there is no message.
   */
  metadata(name: string): string | undefined;
  /** The values of a binary metadata entry, whose name ends in `-bin`. */
  binaryMetadata(name: string): readonly Uint8Array[];
  /** Whether the caller has gone: cancelled, reset or past its deadline. */
  readonly cancelled: boolean;
}

/** The end of a call: a message, whose bytes must not be changed afterwards, or a status other than OK. */
export type UnaryAnswer =
  | {
      readonly message: Uint8Array;
      /** A small message that goes in its place where there is no room for it; without one the call is reset then. */
      readonly brief?: Uint8Array | undefined;
    }
  | { readonly status: Exclude<GrpcStatusCode, 0>; readonly details: string };

/** Answers one call; `reply` is to be called exactly once, now or later, and does nothing once the caller has gone. */
export type UnaryHandler = (call: UnaryCall, reply: (answer: UnaryAnswer) => void) => void;

/** A call that may have many messages in either direction. */
export type StreamingCall = Omit<UnaryCall, "message" | "missing">;

/** The receiver of a streaming call's answers; all of it does nothing once the call has ended or the caller has gone. */
export interface StreamingReply {
  /** Sends a message; its bytes must not be changed afterwards. */
  send(message: Uint8Array): void;
  /** Ends the call. */
  end(status: GrpcStatusCode, details: string): void;
}

/** The events of a streaming call. */
export interface StreamingReceiver {
  /** A message; valid only until this returns, and undefined when it was larger than the transport's limit. */
  message(message: Uint8Array | undefined): void;
  /** The caller sends no more messages. */
  halfClosed(): void;
  /** The caller has gone, or its time is up: nobody waits for answers any more. */
  gone(): void;
}

/** Takes one streaming call. */
export type StreamingHandler = (call: StreamingCall, reply: StreamingReply) => StreamingReceiver;

/** The options of every adapter. */
export interface TransportOptions {
  /** Handlers by `/package.Service/Method`; any other path is UNIMPLEMENTED. */
  readonly handlers: ReadonlyMap<string, UnaryHandler>;
  /** Told of what a handler throws, and of whatever else goes wrong that never should. */
  readonly onFault?: (error: unknown) => void;
  /** Handlers of streaming calls by path; for adapters that can, others answer them UNIMPLEMENTED. */
  readonly streamingHandlers?: ReadonlyMap<string, StreamingHandler>;
  /** The largest message that is handed over, in bytes; a larger one comes as `message: undefined`. */
  readonly maxMessageBytes: number;
}

/** A server that carries unary gRPC calls. */
export interface Transport {
  /**
   * Resolves with the address it listens on, port filled in; rejects when it cannot (port in use, bad address).
   *
   * @param address `host:port`, `:port`, `unix:///path` or `unix://@abstract`
   */
  listen(address: string): Promise<string>;
  /** Stops taking connections and streams, waits for open calls up to the grace period, then closes all. */
  close(graceMs: number): Promise<void>;
}
