import type { CheckReason, Verdict } from "../../model/check-record.ts";
import type { AllowResponse, DenyResponse } from "../../model/decision-response.ts";
import type { PoolErrorCode, RequestErrorCode } from "../../model/error-codes.ts";
import { RequestError } from "../../payload/request-error.ts";
import { type Outcome, PoolError } from "../../pool/dispatcher.ts";
import { type GrpcStatusCode, grpcStatus } from "../../transport/grpc-transport.ts";

/**
 * The answer to a request, whatever the door. `allow` is the one answer that lets it pass; `error` is the one that
 * Envoy's `failure_mode_allow` turns into a pass, so nothing that a request's content can cause may end there.
 */
export type Answer =
  | { readonly kind: "allow"; readonly reason: CheckReason; readonly response?: AllowResponse }
  | {
      readonly kind: DenialKind;
      readonly reason: CheckReason;
      readonly body: string;
      /** For kind `forbidden` only. */
      readonly response?: DenyResponse;
    }
  | ErrorAnswer;

/** Kinds of denials: by a decision, for a request that cannot be read, and for want of time or room. */
type DenialKind = "forbidden" | "bad-request" | "unavailable";

/** No decision. */
interface ErrorAnswer {
  readonly kind: "error";
  readonly reason: CheckReason;
  readonly grpc: Exclude<GrpcStatusCode, 0>;
  readonly http: 503 | 504;
  readonly details: string;
}

/** The options of answers to requests that get no decision. */
export interface AnswerOptions {
  /** What those get for which there is no time or no room. */
  readonly shed: "deny" | "error";
  /** Whether a client is told why: false with `--deny-body none`. */
  readonly showReason: boolean;
}

type NoDecision = Omit<ErrorAnswer, "kind" | "reason">;

/** Requests that load alone keeps from being judged: clients bring that about, so by default it is a denial. */
const sheds: { readonly [Code in "POOL_QUEUE_FULL" | "POOL_DEADLINE"]: NoDecision } = {
  POOL_QUEUE_FULL: {
    grpc: grpcStatus.RESOURCE_EXHAUSTED,
    http: 503,
    details: "too many requests are waiting",
  },
  POOL_DEADLINE: {
    grpc: grpcStatus.DEADLINE_EXCEEDED,
    http: 504,
    details: "no decision before the deadline",
  },
};

/** What no client can bring about. */
const outages: {
  readonly [Code in "POOL_WORKER_LOST" | "POOL_NOT_READY" | "POOL_CLOSED"]: NoDecision;
} = {
  POOL_WORKER_LOST: { grpc: grpcStatus.UNAVAILABLE, http: 503, details: "a worker was lost" },
  POOL_NOT_READY: {
    grpc: grpcStatus.UNAVAILABLE,
    http: 503,
    details: "policies are not loaded yet",
  },
  POOL_CLOSED: { grpc: grpcStatus.UNAVAILABLE, http: 503, details: "the server is shutting down" },
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

/** Returns the answer to a request that cannot be judged. */
export function answerBadRequest(error: RequestError, { showReason }: AnswerOptions): Answer {
  const body = showReason ? requestErrors[error.code] : "";
  const reason = error.code === "REQUEST_AMBIGUOUS_PATH" ? "ambiguous-path" : "bad-request";
  return { kind: "bad-request", reason, body };
}

/** Returns the answer when something of our own went wrong: what a request holds may have led to it, so it is a denial. */
export function answerFault({ showReason }: AnswerOptions): Answer {
  return { kind: "forbidden", reason: "POOL_INTERNAL", body: showReason ? "internal error" : "" };
}

/**
 * Returns the answer that goes with an outcome: the table in docs/architecture.md, and the only place it stands. Whatever is
 * neither an explicit allow nor a known error is a deny.
 */
export function answerOutcome(outcome: Outcome, options: AnswerOptions): Answer {
  if (outcome instanceof PoolError) return answerPoolError(outcome.code, options);
  const { allowed, reason, body, response } = outcome;
  if (Object.is(allowed, true) && (reason === "passed" || reason === "no-rule-applies")) {
    return response?.kind === "allow"
      ? { kind: "allow", reason, response }
      : { kind: "allow", reason };
  }
  const text = typeof body === "string" ? body : "";
  if (reason === "bad-request") return { kind: "bad-request", reason, body: text };
  return response?.kind === "deny"
    ? { kind: "forbidden", reason, body: response.body ?? text, response }
    : { kind: "forbidden", reason, body: text };
}

function answerPoolError(code: PoolErrorCode, options: AnswerOptions): Answer {
  switch (code) {
    case "POOL_QUEUE_FULL":
    case "POOL_DEADLINE": {
      const shed = sheds[code];
      return options.shed === "error"
        ? { kind: "error", reason: code, ...shed }
        : { kind: "unavailable", reason: code, body: options.showReason ? shed.details : "" };
    }
    case "POOL_WORKER_LOST":
    case "POOL_NOT_READY":
    case "POOL_CLOSED":
      return { kind: "error", reason: code, ...outages[code] };
    // Nobody is left to be answered, or it is our fault.
    case "POOL_ABANDONED":
    case "POOL_INTERNAL":
    default:
      return answerFault(options);
  }
}

/** Returns how metrics call the answer. */
export function verdictOf(answer: Answer): Verdict {
  switch (answer.kind) {
    case "allow":
      return "allow";
    case "error":
      return "error";
    case "forbidden":
    case "bad-request":
    case "unavailable":
      return "deny";
  }
}
