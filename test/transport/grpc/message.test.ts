import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeGrpcMessage } from "../../../src/transport/grpc/message.ts";

const cases = [
  { text: "", want: "" },
  { text: "all is well", want: "all is well" },
  { text: "100%", want: "100%25" },
  { text: "a\nb\r\0", want: "a%0Ab%0D%00" },
  { text: "~\u007f", want: "~%7F" },
  { text: "é日", want: "%C3%A9%E6%97%A5" },
  { text: "😀", want: "%F0%9F%98%80" },
  { text: "\ud800", want: "%EF%BF%BD" },
  { text: "x".repeat(1_001), want: "x".repeat(1_000) },
];

for (const { text, want } of cases) {
  test(`${JSON.stringify(text.slice(0, 20))} is sent as ${want.slice(0, 40)}`, () => {
    assert.equal(encodeGrpcMessage(text), want);
  });
}
