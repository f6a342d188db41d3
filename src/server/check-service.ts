import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { buildAllowResponse, buildDenyResponse } from "../envoy/build-check-response.ts";
import { normalizeCheckRequest } from "../envoy/normalize-check-request.ts";
import type { NormalizeOptions } from "../envoy/normalize-options.ts";
import { RequestError } from "../envoy/request-error.ts";
import { Authorization } from "../gen/envoy/service/auth/v3/external_auth_pb.ts";
import {
  Health,
  HealthCheckRequestSchema,
  HealthCheckResponseSchema,
  HealthCheckResponse_ServingStatus as ServingStatus,
} from "../gen/grpc/health/v1/health_pb.ts";
import { grpcStatus, type UnaryAnswer, type UnaryHandler } from "../transport/port.ts";
import type { Answer } from "./grpc-status.ts";
import { type JudgeOptions, judge } from "./judge.ts";

/** What the gRPC door takes. */
export interface CheckServiceOptions extends JudgeOptions {
  readonly normalize: NormalizeOptions;
  /** Whether deny bodies are declared as text; false with `--compat`, since the original declares nothing. */
  readonly denyContentType: boolean;
  /** Whether requests should be sent here: what `grpc.health.v1` answers. */
  isReady(): boolean;
}

/** Returns the handlers of `Authorization/Check` and `Health/Check` by path, for a transport. */
export function createCheckHandlers(
  options: CheckServiceOptions,
): ReadonlyMap<string, UnaryHandler> {
  return new Map([
    [`/${Authorization.typeName}/${Authorization.method.check.name}`, createCheckHandler(options)],
    [`/${Health.typeName}/${Health.method.check.name}`, createHealthHandler(options)],
  ]);
}

function createCheckHandler(options: CheckServiceOptions): UnaryHandler {
  return (call, reply) => {
    const { message, deadlineMs } = call;
    judge(
      {
        door: "grpc",
        deadlineMs,
        normalize: () =>
          message === undefined
            ? new RequestError("REQUEST_TOO_LARGE")
            : normalizeCheckRequest(message, options.normalize),
        isGone: () => call.cancelled,
        send: (answer) => {
          reply(buildAnswer(answer, options.denyContentType));
        },
      },
      options,
    );
  };
}

function buildAnswer(answer: Answer, contentType: boolean): UnaryAnswer {
  switch (answer.kind) {
    case "allow":
      return { message: buildAllowResponse() };
    case "error":
      return { status: answer.grpc, details: answer.details };
    case "forbidden":
    case "bad-request":
      return { message: buildDenyResponse({ kind: answer.kind, body: answer.body, contentType }) };
  }
}

const serving = encodeHealth(ServingStatus.SERVING);
const notServing = encodeHealth(ServingStatus.NOT_SERVING);

/** Answers for the whole server and for the one service it has (the gRPC "Health checking protocol"). */
function createHealthHandler(options: CheckServiceOptions): UnaryHandler {
  return (call, reply) => {
    const service = readHealthService(call.message);
    if (service === undefined) {
      reply({ status: grpcStatus.INVALID_ARGUMENT, details: "not a HealthCheckRequest" });
    } else if (service !== "" && service !== Authorization.typeName) {
      reply({ status: grpcStatus.NOT_FOUND, details: "unknown service" });
    } else {
      reply({ message: options.isReady() ? serving : notServing });
    }
  };
}

function readHealthService(message: Uint8Array | undefined): string | undefined {
  try {
    return message && fromBinary(HealthCheckRequestSchema, message).service;
  } catch {
    return undefined;
  }
}

function encodeHealth(status: ServingStatus): Uint8Array {
  return toBinary(HealthCheckResponseSchema, create(HealthCheckResponseSchema, { status }));
}
