import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeBase64Standard, decodeBase64Url } from "../../src/tokens/base64.ts";

const urlCases = [
  { name: "empty", input: "", want: "" },
  { name: "two characters", input: "YQ", want: "a" },
  { name: "three characters", input: "YWI", want: "ab" },
  { name: "four characters", input: "YWJj", want: "abc" },
  { name: "stray low bits", input: "YR", want: "a" },
  { name: "the alphabet's own characters", input: "-_-_", want: "\u00fb\u00ff\u00bf" },
  { name: "line ends anywhere", input: "Y\r\nW\nI\n", want: "ab" },
];

test("base64url is decoded as Go does", async (t) => {
  for (const { name, input, want } of urlCases) {
    await t.test(name, () => {
      const got = decodeBase64Url(input);
      assert.ok(Buffer.isBuffer(got));
      assert.equal(got.toString("latin1"), want);
    });
  }
});

const faultyCases = [
  { name: "one character", input: "Y", want: 0 },
  { name: "one character too many", input: "YWJjZ", want: 4 },
  { name: "one character and a line end", input: "YWJjZ\n", want: 5 },
  { name: "padding", input: "YQ==", want: 2 },
  { name: "standard alphabet", input: "YWJj+/", want: 4 },
  { name: "blank", input: "YW Jj", want: 2 },
  { name: "line end before the fault", input: "YW\n*", want: 3 },
  { name: "not ASCII", input: "YWJjé", want: 4 },
  { name: "NUL", input: "\u0000", want: 0 },
];

test("faulty base64url gives the offset", async (t) => {
  for (const { name, input, want } of faultyCases) {
    await t.test(name, () => {
      assert.equal(decodeBase64Url(input), want);
    });
  }
});

const standardCases = [
  { name: "empty", input: "", want: "" },
  { name: "padded twice", input: "YQ==", want: "a" },
  { name: "padded once", input: "YWI=", want: "ab" },
  { name: "eight letters", input: "password", want: "\u00a5\u00ab\u002c\u00c2\u008a\u00dd" },
  { name: "stray low bits", input: "YR==", want: "a" },
  { name: "line ends", input: "c2Vj\r\ncmV0\n", want: "secret" },
  { name: "unpadded", input: "YQ", want: undefined },
  { name: "only padding", input: "====", want: undefined },
  { name: "padding inside", input: "YQ==YQ==", want: undefined },
  { name: "a blank", input: "Y Q==", want: undefined },
  { name: "url alphabet", input: "-_-_", want: undefined },
  { name: "too much padding", input: "YWJj====", want: undefined },
];

test("standard base64 is all or nothing", async (t) => {
  for (const { name, input, want } of standardCases) {
    await t.test(name, () => {
      assert.equal(decodeBase64Standard(input)?.toString("latin1"), want);
    });
  }
});
