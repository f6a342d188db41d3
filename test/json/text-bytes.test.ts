import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeText, endOfPlain, isSame, lagOf } from "../../src/json/text-bytes.ts";

test("plain characters end at just those bytes, at each place in a word and behind each kind of byte", () => {
  for (let byte = 0; byte < 256; byte++) {
    const isPlain = byte >= 0x20 && byte < 0x80 && byte !== 0x22 && byte !== 0x5c;
    for (let place = 0; place < 9; place++) {
      const bytes = new Uint8Array(32).fill(0x7f);
      bytes[place] = byte;
      bytes[place + 1] = 0x21;
      bytes[place + 5] = 0x22;
      const end = endOfPlain(new DataView(bytes.buffer), 0);
      assert.equal(end, isPlain ? place + 5 : place, `byte ${byte} at ${place}`);
    }
  }
});

test("only the same bytes are the same, whatever their number", () => {
  const letters = "abcdefghijklmnopqrs";
  for (let length = 0; length < letters.length; length++) {
    const part = letters.slice(0, length);
    const { bytes, words } = encodeText(`${part}.${part}`);
    assert.ok(isSame(bytes, words, length + 1, 0, length), part);
    for (let at = 0; at < length; at++) {
      const other = `${part.slice(0, at)}#${part.slice(at + 1)}`;
      const { bytes: theirs, words: theirWords } = encodeText(`${part}.${other}`);
      assert.ok(!isSame(theirs, theirWords, length + 1, 0, length), other);
    }
  }
});

test("bytes count as the UTF-16 units that they are, and nothing of a longer text stands behind a short one", () => {
  encodeText("x".repeat(4_000));
  for (const text of ["", "a", "é", "€", "😀", "\ud83d", "a\udc80b", "aé€😀\ud83d\u0000"]) {
    const { bytes, length } = encodeText(text);
    const lag = bytes.subarray(0, length).reduce((sum, byte) => sum + lagOf(byte), 0);
    assert.equal(length - lag, text.length, JSON.stringify(text));
    assert.deepEqual([...bytes.subarray(length, length + 4)], [0, 0, 0, 0]);
  }
});
