import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeBase64 } from "../../src/values/decode-base64.ts";

const cases = [
  { input: "", want: "" },
  { input: "aGk=", want: "hi" },
  { input: "aGl=", want: "hi" },
  { input: "aA==", want: "h" },
  { input: "aGVs", want: "hel" },
  { input: "a\nG\r\nk\n=\n", want: "hi" },
  { input: "aA=\n=\n", want: "h" },
  { input: "\n", want: "" },
  { input: "+/+/", want: "\u00fb\u00ff\u00bf" },
];

test("base64 is decoded", async (t) => {
  for (const { input, want } of cases) {
    await t.test(JSON.stringify(input), () => {
      const bytes = decodeBase64(input);
      assert.ok(bytes instanceof Uint8Array);
      assert.equal(Buffer.from(bytes).toString("latin1"), want);
    });
  }
});

const faultyCases = [
  { input: "a", want: 0 },
  { input: "aGk", want: 0 },
  { input: "aGkx12", want: 4 },
  { input: "aG\nk", want: 1 },
  { input: "aGk=aGk=", want: 4 },
  { input: "aGk==", want: 4 },
  { input: "aA=", want: 3 },
  { input: "aA=\n", want: 4 },
  { input: "aA=x", want: 2 },
  { input: "aA==x", want: 4 },
  { input: "=", want: 0 },
  { input: "a=", want: 1 },
  { input: "====", want: 0 },
  { input: "a,b,c", want: 1 },
  { input: "-_-_", want: 0 },
  { input: "aGVsé", want: 4 },
  { input: "é", want: 0 },
  { input: "\udcff", want: 0 },
];

test("the offset of what is not base64", async (t) => {
  for (const { input, want } of faultyCases) {
    await t.test(JSON.stringify(input), () => {
      assert.equal(decodeBase64(input), want);
    });
  }
});

test("a long text is no matter", () => {
  const bytes = decodeBase64("A".repeat(20_000_000));
  assert.ok(bytes instanceof Uint8Array);
  assert.equal(bytes.length, 15_000_000);
});
