import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { create, toBinary } from "@bufbuild/protobuf";
import { buildAllowResponse, buildDenyResponse } from "../../src/envoy/build-check-response.ts";
import { CheckResponseSchema } from "../../src/gen/envoy/service/auth/v3/external_auth_pb.ts";
import { readVerdict } from "../../src/loadgen/check-verdict.ts";

const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);

const encode = (init: Parameters<typeof create<typeof CheckResponseSchema>>[1]): Uint8Array =>
  toBinary(CheckResponseSchema, create(CheckResponseSchema, init));

suite("a verdict", () => {
  const cases: readonly { name: string; input: Uint8Array; want: boolean | undefined }[] = [
    { name: "the server's allow", input: buildAllowResponse(), want: true },
    {
      name: "the server's deny",
      input: buildDenyResponse({ kind: "forbidden", body: "x".repeat(500), contentType: true }),
      want: false,
    },
    { name: "no status is OK, as Envoy reads it", input: bytes(), want: true },
    {
      name: "allow with headers",
      input: encode({
        status: { message: "fine" },
        httpResponse: { case: "okResponse", value: { headersToRemove: ["x-a"] } },
      }),
      want: true,
    },
    { name: "any other code", input: encode({ status: { code: 16, message: "no" } }), want: false },
    { name: "a negative code", input: encode({ status: { code: -1 } }), want: false },
    {
      name: "unknown fields of all kinds",
      input: bytes(0xf8, 1, 5, 0xf9, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0xfd, 1, 0, 0, 0, 0, 10, 2, 8, 7),
      want: false,
    },
    { name: "the last status wins", input: bytes(10, 2, 8, 0, 10, 2, 8, 7), want: false },
    { name: "a length past the end", input: bytes(10, 5, 8, 0), want: undefined },
    { name: "a broken status", input: bytes(10, 1, 8), want: undefined },
    {
      name: "a varint without end",
      input: bytes(...Array<number>(12).fill(0xff)),
      want: undefined,
    },
    { name: "a wire type that is none", input: bytes(15), want: undefined },
  ];
  for (const { name, input, want } of cases) {
    test(name, () => assert.equal(readVerdict(input), want));
  }
});
