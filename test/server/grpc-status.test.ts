import assert from "node:assert/strict";
import { test } from "node:test";
import { RequestError } from "../../src/envoy/request-error.ts";
import type { PoolErrorCode } from "../../src/model/error-codes.ts";
import { PoolError } from "../../src/pool/dispatcher.ts";
import {
  answerBadRequest,
  answerOutcome,
  internalError,
  verdictOf,
} from "../../src/server/grpc-status.ts";

const poolErrors: readonly { code: PoolErrorCode; grpc: number; http: number }[] = [
  { code: "POOL_QUEUE_FULL", grpc: 8, http: 503 },
  { code: "POOL_DEADLINE", grpc: 4, http: 504 },
  { code: "POOL_WORKER_LOST", grpc: 14, http: 503 },
  { code: "POOL_NOT_READY", grpc: 14, http: 503 },
  { code: "POOL_CLOSED", grpc: 14, http: 503 },
  { code: "POOL_INTERNAL", grpc: 13, http: 500 },
];

for (const { code, grpc, http } of poolErrors) {
  test(`${code} is gRPC ${grpc} and HTTP ${http}`, () => {
    const answer = answerOutcome(new PoolError(code));
    assert.deepEqual(
      answer.kind === "error" && [answer.grpc, answer.http, answer.reason, verdictOf(answer)],
      [grpc, http, code, "error"],
    );
  });
}

const decisions: readonly { name: string; outcome: unknown; want: unknown }[] = [
  {
    name: "passed",
    outcome: { allowed: true, reason: "passed", body: "" },
    want: { kind: "allow", reason: "passed" },
  },
  {
    name: "nothing applied, and that is allowed",
    outcome: { allowed: true, reason: "no-rule-applies", body: "" },
    want: { kind: "allow", reason: "no-rule-applies" },
  },
  {
    name: "a rule failed",
    outcome: { allowed: false, reason: "rule-failed", body: "b" },
    want: { kind: "forbidden", reason: "rule-failed", body: "b" },
  },
  {
    name: "an evaluation error",
    outcome: { allowed: false, reason: "evaluation-error", body: "b" },
    want: { kind: "forbidden", reason: "evaluation-error", body: "b" },
  },
  {
    name: "no policy",
    outcome: { allowed: false, reason: "no-policy", body: "" },
    want: { kind: "forbidden", reason: "no-policy", body: "" },
  },
  {
    name: "a bad request",
    outcome: { allowed: false, reason: "bad-request", body: "b" },
    want: { kind: "bad-request", reason: "bad-request", body: "b" },
  },
  {
    name: "allowed for a reason that denies",
    outcome: { allowed: true, reason: "rule-failed", body: "" },
    want: { kind: "forbidden", reason: "rule-failed", body: "" },
  },
  {
    name: "allowed, but not exactly",
    outcome: { allowed: "true", reason: "passed", body: 1 },
    want: { kind: "forbidden", reason: "passed", body: "" },
  },
  {
    name: "an empty object",
    outcome: {},
    want: { kind: "forbidden", reason: undefined, body: "" },
  },
];

for (const { name, outcome, want } of decisions) {
  test(name, () => {
    assert.deepEqual(Reflect.apply(answerOutcome, undefined, [outcome]), want);
  });
}

test("a pool error nobody knows is INTERNAL", () => {
  const error = new PoolError("POOL_INTERNAL");
  for (const code of ["constructor", "POOL_NEW", undefined]) {
    assert.equal(answerOutcome(Object.assign(error, { code })), internalError);
  }
});

test("a bad request is told why, unless bodies are off", () => {
  const error = new RequestError("REQUEST_TOO_LARGE");
  assert.deepEqual(answerBadRequest(error, true), {
    kind: "bad-request",
    reason: "bad-request",
    body: "the request is too large",
  });
  assert.deepEqual(answerBadRequest(error, false), {
    kind: "bad-request",
    reason: "bad-request",
    body: "",
  });
});
