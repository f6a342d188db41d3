import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBinary, toJson } from "@bufbuild/protobuf";
import { buildAllowResponse, buildDenyResponse } from "../../src/envoy/build-check-response.ts";
import { CheckResponseSchema } from "../../src/gen/envoy/service/auth/v3/external_auth_pb.ts";

function decode(message: Uint8Array): unknown {
  return toJson(CheckResponseSchema, fromBinary(CheckResponseSchema, message));
}

const contentTypeHeader = {
  header: { key: "content-type", value: "text/plain; charset=utf-8" },
  append: false,
  appendAction: "OVERWRITE_IF_EXISTS_OR_ADD",
};

const retryAfterHeader = { ...contentTypeHeader, header: { key: "retry-after", value: "1" } };

test("an allow is status 0 and nothing else", () => {
  assert.deepEqual(decode(buildAllowResponse()), { status: {} });
});

const cases = [
  {
    name: "forbidden with a body",
    denial: { kind: "forbidden", body: "no", contentType: true },
    want: {
      status: { code: 7 },
      deniedResponse: { status: { code: "Forbidden" }, headers: [contentTypeHeader], body: "no" },
    },
  },
  {
    name: "forbidden as the original engine says it",
    denial: { kind: "forbidden", body: "no", contentType: false },
    want: {
      status: { code: 7 },
      deniedResponse: { status: { code: "Forbidden" }, body: "no" },
    },
  },
  {
    name: "forbidden without a body",
    denial: { kind: "forbidden", body: "", contentType: true },
    want: { status: { code: 7 }, deniedResponse: { status: { code: "Forbidden" } } },
  },
  {
    name: "bad request",
    denial: { kind: "bad-request", body: "é", contentType: true },
    want: {
      status: { code: 3 },
      deniedResponse: { status: { code: "BadRequest" }, headers: [contentTypeHeader], body: "é" },
    },
  },
  {
    name: "for want of time or room, with a body",
    denial: { kind: "unavailable", body: "no", contentType: true },
    want: {
      status: { code: 7 },
      deniedResponse: {
        status: { code: "ServiceUnavailable" },
        headers: [retryAfterHeader, contentTypeHeader],
        body: "no",
      },
    },
  },
  {
    name: "for want of time or room, without",
    denial: { kind: "unavailable", body: "", contentType: true },
    want: {
      status: { code: 7 },
      deniedResponse: { status: { code: "ServiceUnavailable" }, headers: [retryAfterHeader] },
    },
  },
  {
    name: "bytes that are not UTF-8",
    denial: { kind: "forbidden", body: "a\udcff\udc80b", contentType: false },
    want: {
      status: { code: 7 },
      deniedResponse: { status: { code: "Forbidden" }, body: "a\ufffd\ufffdb" },
    },
  },
] as const;

for (const { name, denial, want } of cases) {
  test(name, () => {
    assert.deepEqual(decode(buildDenyResponse(denial)), want);
  });
}

test("bodies of any length are framed right", () => {
  for (const length of [1, 10, 80, 127, 128, 129, 16_383, 16_384, 70_000]) {
    const body = "x".repeat(length);
    const message = buildDenyResponse({ kind: "forbidden", body, contentType: true });
    const { httpResponse } = fromBinary(CheckResponseSchema, message);
    assert.equal(httpResponse.case === "deniedResponse" && httpResponse.value.body, body);
  }
});
