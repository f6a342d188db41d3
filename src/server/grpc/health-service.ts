import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Authorization } from "../../gen/envoy/service/auth/v3/external_auth_pb.ts";
import {
  HealthCheckRequestSchema,
  HealthCheckResponseSchema,
  HealthCheckResponse_ServingStatus as ServingStatus,
} from "../../gen/grpc/health/v1/health_pb.ts";
import {
  grpcStatus,
  type StreamingHandler,
  type StreamingReply,
  type UnaryHandler,
} from "../../transport/grpc-transport.ts";

/** The source of health. */
export interface HealthOptions {
  /** Returns whether requests should be sent here. */
  isReady(): boolean;
}

/** The source of health over time. */
export interface HealthWatchOptions extends HealthOptions {
  /** Returns whether the server is ending: watchers are then told so and let go, for they would hold up the end. */
  isDraining(): boolean;
}

const serving = encodeStatus(ServingStatus.SERVING);
const notServing = encodeStatus(ServingStatus.NOT_SERVING);
const serviceUnknown = encodeStatus(ServingStatus.SERVICE_UNKNOWN);

/** Answers `Health/Check` for the whole server and for the one service it has (the gRPC "Health checking protocol"). */
export function createHealthCheck(options: HealthOptions): UnaryHandler {
  return (call, reply) => {
    const service = readService(call.message);
    if (service === undefined) {
      reply({ status: grpcStatus.INVALID_ARGUMENT, details: "not a HealthCheckRequest" });
    } else if (!isKnown(service)) {
      reply({ status: grpcStatus.NOT_FOUND, details: "unknown service" });
    } else {
      reply({ message: options.isReady() ? serving : notServing });
    }
  };
}

interface Watcher {
  readonly reply: StreamingReply;
  /** What it was told last. */
  told: Uint8Array;
}

/**
 * Answers `Health/Watch`: the status now and every status after it, until the caller goes or the server ends. A service
 * there is not is watched too: nobody hears more of it than that it is unknown.
 *
 * @param intervalMs how often to look whether the status has changed, while somebody watches
 */
export function createHealthWatch(
  options: HealthWatchOptions,
  intervalMs: number = 100,
): StreamingHandler {
  const watchers = new Set<Watcher>();
  let timer: NodeJS.Timeout | undefined;
  const forget = (watcher: Watcher | undefined): void => {
    if (watcher !== undefined) watchers.delete(watcher);
    if (watchers.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
  const tell = (): void => {
    const status = options.isReady() ? serving : notServing;
    for (const watcher of watchers) {
      if (watcher.told !== status && watcher.told !== serviceUnknown) {
        watcher.told = status;
        watcher.reply.send(status);
      }
      if (options.isDraining()) {
        forget(watcher);
        watcher.reply.end(grpcStatus.UNAVAILABLE, "the server is shutting down");
      }
    }
  };
  return (_call, reply) => {
    let watcher: Watcher | undefined;
    return {
      message(message) {
        const service = readService(message);
        if (service === undefined || watcher !== undefined) {
          forget(watcher);
          reply.end(grpcStatus.INVALID_ARGUMENT, "not one HealthCheckRequest");
          return;
        }
        const told = !isKnown(service) ? serviceUnknown : options.isReady() ? serving : notServing;
        watcher = { reply, told };
        watchers.add(watcher);
        reply.send(told);
        timer ??= setInterval(tell, intervalMs).unref();
      },
      halfClosed() {
        if (watcher === undefined) reply.end(grpcStatus.INVALID_ARGUMENT, "no HealthCheckRequest");
      },
      gone() {
        forget(watcher);
      },
    };
  };
}

function isKnown(service: string): boolean {
  return service === "" || service === Authorization.typeName;
}

/** The service that is asked for, or undefined where the message is none. */
function readService(message: Uint8Array | undefined): string | undefined {
  try {
    return message && fromBinary(HealthCheckRequestSchema, message).service;
  } catch {
    return undefined;
  }
}

function encodeStatus(status: ServingStatus): Uint8Array {
  return toBinary(HealthCheckResponseSchema, create(HealthCheckResponseSchema, { status }));
}
