import assert from "node:assert/strict";
import { test } from "node:test";
import { releaseBytes } from "../../../src/transport/http2/release-bytes.ts";

const cases = [
  { name: "a large buffer is emptied", bytes: Buffer.alloc(8_192), want: 0 },
  { name: "a small one is left alone", bytes: Buffer.alloc(8_191), want: 8_191 },
  {
    name: "so is a part of another",
    bytes: Buffer.alloc(40_000).subarray(0, 20_000),
    want: 20_000,
  },
];
for (const { name, bytes, want } of cases) {
  test(name, () => {
    releaseBytes(bytes);
    assert.equal(bytes.length, want);
  });
}
