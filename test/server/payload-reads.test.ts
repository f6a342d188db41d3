import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { suite, test } from "node:test";
import { createEvaluator } from "../../src/evaluator/evaluator.ts";
import type { CheckInput } from "../../src/model/check-input.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { defaultPolicyOptions } from "../../src/model/limits.ts";
import type { PayloadReads } from "../../src/model/payload-reads.ts";
import { defaultNormalizeOptions } from "../../src/payload/normalize-options.ts";
import { createInlinePool } from "../../src/pool/create-pool.ts";
import { createCurrentPool } from "../../src/pool/current-pool.ts";
import { type DoorRequest, type JudgeOptions, judge } from "../../src/server/check/answer-check.ts";
import { createCheckHandlers } from "../../src/server/grpc/check-service.ts";
import { createMetrics } from "../../src/telemetry/metrics.ts";
import type { UnaryCall } from "../../src/transport/grpc-transport.ts";
import { answerOptions } from "../support/answer-options.ts";
import { encodeCheckRequest } from "../support/check-request-bytes.ts";
import { createFakeDispatcher, denied } from "../support/fake-dispatcher.ts";
import { createFakeRecorder } from "../support/fake-recorder.ts";
import { mintToken } from "../support/tokens.ts";

const book = new URL("../../policies/book.yaml", import.meta.url);

function judging(dispatcher: JudgeOptions["dispatcher"]): JudgeOptions {
  return {
    dispatcher,
    observer: createFakeRecorder(),
    defaultDeadlineMs: 5_000,
    ...answerOptions,
  };
}

/** A pool that denies; `seen` lists what it was given. */
function poolWith(reads: PayloadReads) {
  return { ...createFakeDispatcher((done) => done(denied)), reads: () => reads };
}

function requestThat(normalize: DoorRequest["normalize"]): DoorRequest {
  return { door: "grpc", deadline: undefined, normalize, isGone: () => false, send() {} };
}

suite("a request is read for the policies that judge it", () => {
  test("even when others come into service in between", () => {
    const before = poolWith([["before"]]);
    const after = poolWith([["after"]]);
    const current = createCurrentPool();
    current.replace(before);
    const read = (reads: PayloadReads): CheckInput => {
      current.replace(after);
      return { payload: { reads: reads.map((path) => path.join(".")) }, sizeBytes: 0 };
    };
    judge(requestThat(read), judging(current));
    judge(requestThat(read), judging(current));
    assert.deepEqual(
      [before, after].map(({ seen }) => seen.map(({ input }) => input.payload)),
      [[{ reads: ["before"] }], [{ reads: ["after"] }]],
    );
  });

  test("with none in service nothing is read, and nothing allowed", () => {
    const seen: PayloadReads[] = [];
    const answers: string[] = [];
    const read = (reads: PayloadReads): CheckInput => {
      seen.push(reads);
      return { payload: {}, sizeBytes: 0 };
    };
    const request = {
      ...requestThat(read),
      send: ({ reason }: { readonly reason: string }) => answers.push(reason),
    };
    judge(request, judging(createCurrentPool()));
    assert.deepEqual([seen, answers], [[[]], ["POOL_NOT_READY"]]);
  });

  test("by the gRPC door, which hands over what the seed's policy reads", () => {
    const snapshot = {
      revision: "r",
      files: [{ path: "book.yaml", text: readFileSync(book, "utf8") }],
    };
    const { evaluator } = createEvaluator(snapshot, defaultPolicyOptions);
    assert.ok(evaluator !== undefined);
    const inputs: JsonObject[] = [];
    const watched = {
      ...evaluator,
      decide: (input: CheckInput) => {
        inputs.push(input.payload);
        return evaluator.decide(input);
      },
    };
    const pool = createInlinePool(watched, createMetrics({ processMetrics: false }).poolEvents);
    const current = createCurrentPool();
    current.replace(pool);
    const handlers = createCheckHandlers({
      ...judging(current),
      normalize: defaultNormalizeOptions,
      denyContentType: true,
      isReady: () => true,
    });
    const authorization = `Bearer ${mintToken({ claims: { role: "admin" } })}`;
    const http = { method: "POST", path: "/book", host: "h", id: "1", body: "x" };
    const attributes = {
      source: { address: { socketAddress: { address: "10.0.0.1", portValue: 1 } } },
      request: { http: { ...http, headers: { authorization, "x-request-id": "1" } } },
    };
    const answers: unknown[] = [];
    handlers.get("/envoy.service.auth.v3.Authorization/Check")?.(
      callOf(encodeCheckRequest({ attributes })),
      (answer) => answers.push("message" in answer),
    );
    assert.deepEqual(answers, [true]);
    assert.deepEqual(inputs, [
      { request: { http: { method: "POST", path: "/book", headers: { authorization } } } },
    ]);
  });
});

function callOf(message: Uint8Array): UnaryCall {
  return {
    path: "",
    message,
    deadline: undefined,
    metadata: () => undefined,
    binaryMetadata: () => [],
    missing: "too-large",
    cancelled: false,
  };
}
