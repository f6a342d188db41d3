import assert from "node:assert/strict";
import { test } from "node:test";
import { parseGrpcTimeout } from "../../../src/transport/grpc/timeout.ts";

const cases: readonly { readonly text: string; readonly want: number | undefined }[] = [
  { text: "1H", want: 3_600_000 },
  { text: "2M", want: 120_000 },
  { text: "3S", want: 3_000 },
  { text: "200m", want: 200 },
  { text: "1500u", want: 1.5 },
  { text: "1000000n", want: 1 },
  { text: "0m", want: 0 },
  { text: "99999999S", want: 99_999_999_000 },
  { text: "", want: undefined },
  { text: "m", want: undefined },
  { text: "1", want: undefined },
  { text: "1s", want: undefined },
  { text: "-1S", want: undefined },
  { text: "1.5S", want: undefined },
  { text: " 1S", want: undefined },
  { text: "100000000S", want: undefined },
  { text: "1S,1S", want: undefined },
];

for (const { text, want } of cases) {
  test(`grpc-timeout \`${text}\` is ${want} ms`, () => {
    assert.equal(parseGrpcTimeout(text), want);
  });
}
