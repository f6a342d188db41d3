import {
  buildAllowResponse,
  buildDenyResponse,
  type Denial,
} from "../../envoy/build-check-response.ts";
import { normalizeCheckRequest } from "../../envoy/check-request/normalize-check-request.ts";
import { Authorization } from "../../gen/envoy/service/auth/v3/external_auth_pb.ts";
import { Health } from "../../gen/grpc/health/v1/health_pb.ts";
import { passedDeadline } from "../../model/deadline.ts";
import type { RequestErrorCode } from "../../model/error-codes.ts";
import type { NormalizeOptions } from "../../payload/normalize-options.ts";
import { RequestError } from "../../payload/request-error.ts";
import type {
  MissingMessage,
  UnaryAnswer,
  UnaryCall,
  UnaryHandler,
} from "../../transport/grpc-transport.ts";
import type { Answer } from "../check/answer.ts";
import { type JudgeOptions, judge } from "../check/answer-check.ts";
import { createHealthCheck, type HealthOptions } from "./health-service.ts";

/** The options of the gRPC door. */
export interface CheckServiceOptions extends JudgeOptions, HealthOptions {
  readonly normalize: NormalizeOptions;
  /** Whether deny bodies are declared as text; false with `--compat`, since the original declares nothing. */
  readonly denyContentType: boolean;
}

/** Returns the handlers of `Authorization/Check` and `Health/Check` by path, for a transport. */
export function createCheckHandlers(
  options: CheckServiceOptions,
): ReadonlyMap<string, UnaryHandler> {
  return new Map([
    [`/${Authorization.typeName}/${Authorization.method.check.name}`, createCheckHandler(options)],
    [`/${Health.typeName}/${Health.method.check.name}`, createHealthCheck(options)],
  ]);
}

function createCheckHandler(options: CheckServiceOptions): UnaryHandler {
  return (call, reply) => {
    judge(
      {
        door: "grpc",
        // One that is late already is late for whatever else there is to it.
        deadline: isLate(call) ? passedDeadline : call.deadline,
        // The message is the call's to hold, and not for long.
        normalize: (reads) =>
          call.message === undefined
            ? new RequestError(errorOf[call.missing])
            : normalizeCheckRequest(call.message, options.normalize, reads),
        isGone: () => call.cancelled,
        send: (answer) => {
          reply(buildAnswer(answer, options.denyContentType));
        },
      },
      options,
    );
  };
}

function isLate({ message, missing }: UnaryCall): boolean {
  return message === undefined && missing === "late";
}

const errorOf: { readonly [Why in MissingMessage]: RequestErrorCode } = {
  "too-large": "REQUEST_TOO_LARGE",
  malformed: "REQUEST_MALFORMED",
  late: "REQUEST_TOO_LARGE",
};

function buildAnswer(answer: Answer, contentType: boolean): UnaryAnswer {
  switch (answer.kind) {
    case "allow":
      return { message: buildAllowResponse(answer.response) };
    case "error":
      return { status: answer.grpc, details: answer.details };
    case "forbidden":
    case "bad-request":
    case "unavailable":
      return buildDenial({ ...answer, contentType });
  }
}

/** From this length on a denial may be too much for what waits to be sent. */
const minLongBody = 4_096;

/** A denial whose body goes where there is no room for it: without the body it is still a denial, and a reset call is an error. */
function buildDenial(denial: Denial): UnaryAnswer {
  const message = buildDenyResponse(denial);
  if (denial.body.length < minLongBody) return { message };
  return { message, brief: buildDenyResponse({ ...denial, body: "" }) };
}
