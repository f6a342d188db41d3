import { RequestError } from "../envoy/request-error.ts";
import type { PoolErrorCode, RequestErrorCode } from "../model/error-codes.ts";
import { type Outcome, PoolError } from "../pool/dispatcher.ts";
import type { CheckReason, Verdict } from "../telemetry/metrics.ts";
import { type GrpcStatusCode, grpcStatus } from "../transport/port.ts";

/**
 * What a request is answered, whatever the door. `allow` is the one answer that lets it pass; `error` is the one that
 * Envoy's `failure_mode_allow` turns into a pass, so nothing that a request's content can cause may end there.
 */
export type Answer =
  | { readonly kind: "allow"; readonly reason: CheckReason }
  | {
      readonly kind: "forbidden" | "bad-request";
      readonly reason: CheckReason;
      readonly body: string;
    }
  | ErrorAnswer;

/** No decision. */
export interface ErrorAnswer {
  readonly kind: "error";
  readonly reason: CheckReason;
  readonly grpc: Exclude<GrpcStatusCode, 0>;
  readonly http: 500 | 503 | 504;
  readonly details: string;
}

/** What is answered when something of our own went wrong. */
export const internalError: ErrorAnswer = {
  kind: "error",
  reason: "POOL_INTERNAL",
  grpc: grpcStatus.INTERNAL,
  http: 500,
  details: "internal error",
};

const poolErrors: { readonly [Code in PoolErrorCode]: ErrorAnswer } = {
  POOL_QUEUE_FULL: {
    kind: "error",
    reason: "POOL_QUEUE_FULL",
    grpc: grpcStatus.RESOURCE_EXHAUSTED,
    http: 503,
    details: "too many requests are waiting",
  },
  POOL_DEADLINE: {
    kind: "error",
    reason: "POOL_DEADLINE",
    grpc: grpcStatus.DEADLINE_EXCEEDED,
    http: 504,
    details: "no decision before the deadline",
  },
  POOL_WORKER_LOST: {
    kind: "error",
    reason: "POOL_WORKER_LOST",
    grpc: grpcStatus.UNAVAILABLE,
    http: 503,
    details: "a worker was lost",
  },
  POOL_NOT_READY: {
    kind: "error",
    reason: "POOL_NOT_READY",
    grpc: grpcStatus.UNAVAILABLE,
    http: 503,
    details: "policies are not loaded yet",
  },
  POOL_CLOSED: {
    kind: "error",
    reason: "POOL_CLOSED",
    grpc: grpcStatus.UNAVAILABLE,
    http: 503,
    details: "the server is shutting down",
  },
  POOL_INTERNAL: internalError,
};

const requestErrors: { readonly [Code in RequestErrorCode]: string } = {
  REQUEST_MALFORMED: "the request cannot be read",
  REQUEST_WITHOUT_HTTP: "the request has no http attributes",
  REQUEST_INVALID_UTF8: "the request is not valid UTF-8",
  REQUEST_TOO_LARGE: "the request is too large",
  REQUEST_TOO_MANY_HEADERS: "the request has too many headers",
  REQUEST_TOO_DEEP: "the request is nested too deep",
  REQUEST_AMBIGUOUS_PATH: "the path is ambiguous",
};

/** The answer to a request that cannot be judged. */
export function answerBadRequest(error: RequestError, showBody: boolean): Answer {
  const body = showBody ? requestErrors[error.code] : "";
  const reason = error.code === "REQUEST_AMBIGUOUS_PATH" ? "ambiguous-path" : "bad-request";
  return { kind: "bad-request", reason, body };
}

/**
 * The answer that goes with an outcome: the table in docs/architecture.md, and the only place it stands. Whatever is
 * neither an explicit allow nor a known error is a deny.
 */
export function answerOutcome(outcome: Outcome): Answer {
  if (outcome instanceof PoolError) {
    return Object.hasOwn(poolErrors, outcome.code) ? poolErrors[outcome.code] : internalError;
  }
  const { allowed, reason, body } = outcome;
  if (Object.is(allowed, true) && (reason === "passed" || reason === "no-rule-applies")) {
    return { kind: "allow", reason };
  }
  const text = typeof body === "string" ? body : "";
  return { kind: reason === "bad-request" ? "bad-request" : "forbidden", reason, body: text };
}

/** How metrics call the answer. */
export function verdictOf(answer: Answer): Verdict {
  switch (answer.kind) {
    case "allow":
      return "allow";
    case "error":
      return "error";
    case "forbidden":
    case "bad-request":
      return "deny";
  }
}
