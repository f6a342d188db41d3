import assert from "node:assert/strict";
import { test } from "node:test";
import type { PoolErrorCode } from "../../../src/model/error-codes.ts";
import { RequestError } from "../../../src/payload/request-error.ts";
import { PoolError } from "../../../src/pool/dispatcher.ts";
import {
  type AnswerOptions,
  answerBadRequest,
  answerFault,
  answerOutcome,
  verdictOf,
} from "../../../src/server/check/answer.ts";

const options: AnswerOptions = { shed: "deny", showReason: true };
const asError: AnswerOptions = { shed: "error", showReason: true };

const poolErrors: readonly {
  code: PoolErrorCode;
  grpc: number;
  http: number;
  only?: AnswerOptions;
}[] = [
  { code: "POOL_QUEUE_FULL", grpc: 8, http: 503, only: asError },
  { code: "POOL_DEADLINE", grpc: 4, http: 504, only: asError },
  { code: "POOL_WORKER_LOST", grpc: 14, http: 503 },
  { code: "POOL_NOT_READY", grpc: 14, http: 503 },
  { code: "POOL_CLOSED", grpc: 14, http: 503 },
];

for (const { code, grpc, http, only } of poolErrors) {
  test(`${code} is gRPC ${grpc} and HTTP ${http}`, () => {
    const answer = answerOutcome(new PoolError(code), only ?? options);
    assert.deepEqual(
      answer.kind === "error" && [answer.grpc, answer.http, answer.reason, verdictOf(answer)],
      [grpc, http, code, "error"],
    );
  });
}

const denials = [
  { code: "POOL_QUEUE_FULL", kind: "unavailable", body: "too many requests are waiting" },
  { code: "POOL_DEADLINE", kind: "unavailable", body: "no decision before the deadline" },
  { code: "POOL_INTERNAL", kind: "forbidden", body: "internal error" },
] as const;

for (const { code, kind, body } of denials) {
  test(`${code} is a denial, and says why unless bodies are off`, () => {
    const answer = answerOutcome(new PoolError(code), options);
    assert.deepEqual(answer, { kind, reason: code, body });
    assert.equal(verdictOf(answer), "deny");
    const silent = answerOutcome(new PoolError(code), { ...options, showReason: false });
    assert.deepEqual(silent, { kind, reason: code, body: "" });
  });
}

test("POOL_INTERNAL is a denial where what is shed is an error, too", () => {
  assert.equal(answerOutcome(new PoolError("POOL_INTERNAL"), asError).kind, "forbidden");
});

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
    assert.deepEqual(Reflect.apply(answerOutcome, undefined, [outcome, options]), want);
  });
}

test("a pool error nobody knows is a fault of ours", () => {
  const error = new PoolError("POOL_INTERNAL");
  for (const code of ["constructor", "POOL_NEW", undefined]) {
    assert.deepEqual(answerOutcome(Object.assign(error, { code }), options), answerFault(options));
  }
});

test("a bad request is told why, unless bodies are off", () => {
  const error = new RequestError("REQUEST_TOO_LARGE");
  assert.deepEqual(answerBadRequest(error, options), {
    kind: "bad-request",
    reason: "bad-request",
    body: "the request is too large",
  });
  assert.deepEqual(answerBadRequest(error, { ...options, showReason: false }), {
    kind: "bad-request",
    reason: "bad-request",
    body: "",
  });
});

test("every reason for which a request cannot be read has a text of its own", () => {
  const codes = [
    "REQUEST_MALFORMED",
    "REQUEST_WITHOUT_HTTP",
    "REQUEST_INVALID_UTF8",
    "REQUEST_TOO_LARGE",
    "REQUEST_TOO_MANY_HEADERS",
    "REQUEST_TOO_DEEP",
    "REQUEST_AMBIGUOUS_PATH",
  ] as const;
  const answers = codes.map((code) => answerBadRequest(new RequestError(code), options));
  assert.deepEqual(
    answers.map((answer) => ("body" in answer ? answer.body : undefined)),
    [
      "the request cannot be read",
      "the request has no http attributes",
      "the request is not valid UTF-8",
      "the request is too large",
      "the request has too many headers",
      "the request is nested too deep",
      "the path is ambiguous",
    ],
  );
});
