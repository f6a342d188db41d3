import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  byteLength,
  bytesToGoString,
  compareByCodePoint,
  goStringToBytes,
  hasInvalidBytes,
  isAscii,
  normalizeBytes,
  runeCount,
  sortedKeys,
  toByteString,
  toCodePoints,
} from "../../src/go-values/go-string.ts";
import { runProperty } from "../fuzz/run-property.ts";

test("strings are measured in code points and in bytes", () => {
  const cases = [
    { text: "", runes: 0, bytes: 0 },
    { text: "abc", runes: 3, bytes: 3 },
    { text: "hé", runes: 2, bytes: 3 },
    { text: "日本", runes: 2, bytes: 6 },
    { text: "a😀b", runes: 3, bytes: 6 },
    { text: "\udcff\udc80", runes: 2, bytes: 2 },
  ];
  for (const { text, runes, bytes } of cases) {
    assert.equal(runeCount(text), runes, text);
    assert.equal(byteLength(text), bytes, text);
    assert.equal(goStringToBytes(text).length, bytes, text);
    assert.equal(toCodePoints(text).length, runes, text);
  }
});

test("bytes survive the way to a string and back", () => {
  const cases = [
    { name: "ASCII", bytes: [0x61, 0x00], text: "a\u0000" },
    {
      name: "two, three and four bytes",
      bytes: [0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x98, 0x80],
      text: "é€😀",
    },
    { name: "a byte order mark", bytes: [0xef, 0xbb, 0xbf, 0x61], text: "\ufeffa" },
    { name: "a lone continuation byte", bytes: [0x61, 0x80], text: "a\udc80" },
    { name: "a truncated sequence, byte by byte", bytes: [0xe2, 0x82], text: "\udce2\udc82" },
    { name: "an overlong form", bytes: [0xc0, 0xaf], text: "\udcc0\udcaf" },
    { name: "an encoded surrogate", bytes: [0xed, 0xa0, 0x80], text: "\udced\udca0\udc80" },
    { name: "beyond Unicode", bytes: [0xf4, 0x90, 0x80, 0x80], text: "\udcf4\udc90\udc80\udc80" },
    { name: "valid after invalid", bytes: [0xff, 0xc3, 0xa9], text: "\udcffé" },
  ];
  for (const { name, bytes, text } of cases) {
    assert.equal(bytesToGoString(Uint8Array.from(bytes)), text, name);
    assert.deepEqual([...goStringToBytes(text)], bytes, name);
  }
});

test("halves of a character join to the character", () => {
  assert.equal(normalizeBytes(["\udcc3", "\udca9"].join("")), "é");
  assert.equal(normalizeBytes("\udca9\udcc3"), "\udca9\udcc3");
  assert.equal(normalizeBytes("plain"), "plain");
});

test("order is that of the bytes", () => {
  const cases = [
    { left: "a", right: "b", want: -1 },
    { left: "a", right: "ab", want: -1 },
    { left: "A", right: "a", want: -1 },
    { left: "z", right: "é", want: -1 },
    { left: "\uffff", right: "😀", want: -1 },
    { left: "😀", right: "😁", want: -1 },
    { left: "\udc80", right: "é", want: -1 },
    { left: "\udcff", right: "😀", want: 1 },
    { left: "same", right: "same", want: 0 },
  ];
  for (const { left, right, want } of cases) {
    assert.equal(Math.sign(compareByCodePoint(left, right)), want, `${left} ${right}`);
    assert.equal(Math.sign(compareByCodePoint(right, left)), want === 0 ? 0 : -want);
  }
  assert.deepEqual(sortedKeys({ "😀": 1, "\uffff": 1, b: 1, a: 1 }), ["a", "b", "\uffff", "😀"]);
});

test("what is not plain text is recognised", () => {
  assert.equal(isAscii("abc\u007f"), true);
  assert.equal(isAscii("é"), false);
  assert.equal(hasInvalidBytes("😀"), false);
  assert.equal(hasInvalidBytes("a\udc80"), true);
  assert.equal(toByteString("é"), "\u00c3\u00a9");
});

const pieces = ["a", "b", "é", "中", "\uffff", "😀", "😁", "\udc80", "\udc9f", "\udcc3", "\udcf0"];
const anyText = fc
  .array(fc.constantFrom(...pieces), { maxLength: 12 })
  .map((parts) => normalizeBytes(parts.join("")));

test("any two texts are in the order of their bytes, and any text survives as bytes", () => {
  runProperty(
    fc.property(anyText, anyText, anyText, (start, left, right) => {
      const [a, b] = [normalizeBytes(start + left), normalizeBytes(start + right)];
      const want = Buffer.compare(goStringToBytes(a), goStringToBytes(b));
      assert.equal(Math.sign(compareByCodePoint(a, b)), want);
      assert.equal(bytesToGoString(goStringToBytes(a)), a);
      assert.equal(Buffer.from(toByteString(a), "latin1").compare(goStringToBytes(a)), 0);
    }),
    2_000,
  );
});

test("texts of millions of invalid bytes become bytes and text again without a list of numbers", () => {
  const text = "\udcff".repeat(2_000_000);
  assert.equal(bytesToGoString(goStringToBytes(text)), text);
});
