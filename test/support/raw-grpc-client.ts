import { Client, credentials, Metadata, type ServiceError } from "@grpc/grpc-js";

/** The result of a raw call: message bytes, or the status code. */
export interface RawAnswer {
  readonly message?: Buffer;
  readonly code: number;
  readonly details: string;
}

export interface RawCallOptions {
  readonly deadlineMs?: number;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** A real gRPC client that sends and receives bytes. */
export interface RawGrpcClient {
  call(path: string, message: Uint8Array, options?: RawCallOptions): Promise<RawAnswer>;
  /** Starts a call and returns a function that cancels it. */
  start(path: string, message: Uint8Array): () => void;
  close(): void;
}

/** Returns a client for the target, `host:port` or `unix:path`. */
export function createRawGrpcClient(target: string): RawGrpcClient {
  const client = new Client(target, credentials.createInsecure(), {
    "grpc.max_send_message_length": -1,
    "grpc.enable_http_proxy": 0,
    "grpc.use_local_subchannel_pool": 1,
  });
  return {
    call(path, message, { deadlineMs, metadata } = {}) {
      return new Promise((resolve) => {
        client.makeUnaryRequest(
          path,
          identity,
          identity,
          Buffer.from(message),
          toMetadata(metadata ?? {}),
          deadlineMs === undefined ? {} : { deadline: Date.now() + deadlineMs },
          (error: ServiceError | null, answer?: Buffer) => {
            resolve({
              ...(answer !== undefined && { message: answer }),
              code: error?.code ?? 0,
              details: error?.details ?? "",
            });
          },
        );
      });
    },
    start(path, message) {
      const call = client.makeUnaryRequest(
        path,
        identity,
        identity,
        Buffer.from(message),
        () => {},
      );
      return () => {
        call.cancel();
      };
    },
    close() {
      client.close();
    },
  };
}

function toMetadata(entries: Readonly<Record<string, string>>): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(entries)) metadata.set(name, value);
  return metadata;
}

function identity(bytes: Buffer): Buffer {
  return bytes;
}
