import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { judgeKey } from "../../src/tokens/token-key.ts";

const cases: readonly { name: string; secret: string; want: readonly string[] }[] = [
  { name: "long enough", secret: "a-key-of-32-bytes-that-is-no-b64", want: [] },
  { name: "one byte short", secret: "a-key-of-32-bytes-that-is-no-b6", want: ["31 bytes"] },
  { name: "counted in bytes", secret: "é".repeat(16), want: [] },
  { name: "short", secret: "secret", want: ["6 bytes; with"] },
  { name: "short and base64", secret: "password", want: ["also base64", "6 bytes; with"] },
  {
    name: "base64 of 32 bytes",
    secret: Buffer.alloc(32, 7).toString("base64"),
    want: ["taken as the 32 bytes"],
  },
  {
    name: "PEM",
    secret: `-----BEGIN PUBLIC KEY-----\n${"A".repeat(64)}\n-----END PUBLIC KEY-----\n`,
    want: ["PEM text"],
  },
  { name: "empty", secret: "", want: ["is empty"] },
  { name: "only line ends, which base64 skips", secret: "\r\n", want: ["is empty"] },
];

suite("what is wrong with a key", () => {
  for (const { name, secret, want } of cases) {
    test(name, () => {
      const faults = judgeKey(secret, (text) => Buffer.from(text));
      assert.equal(faults.length, want.length, JSON.stringify(faults));
      for (const [index, { message, severity }] of faults.entries()) {
        assert.ok(message.includes(want[index] ?? "-"), message);
        assert.equal(
          severity,
          name.startsWith("empty") || name.startsWith("only") ? "error" : "warning",
        );
        assert.ok(secret.trim() === "" || !message.includes(secret));
      }
    });
  }
});
