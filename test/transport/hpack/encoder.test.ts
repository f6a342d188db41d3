import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import { HpackDecoder, HpackFault } from "../../../src/transport/hpack/decoder.ts";
import { encodeHeaders, type HeaderEntry } from "../../../src/transport/hpack/encoder.ts";
import { decodeHuffman, maxDecodedLength } from "../../../src/transport/hpack/huffman-decode.ts";
import { encodeHuffman, huffmanLength } from "../../../src/transport/hpack/huffman-encode.ts";

const limits = { maxHeaderListBytes: 1_000_000, maxHeaders: 1_000 };

suite("blocks", () => {
  const cases: readonly { name: string; entries: readonly HeaderEntry[]; want: string }[] = [
    { name: "nothing", entries: [], want: "" },
    { name: "a static entry", entries: [[":status", "200"]], want: "88" },
    {
      name: "a static name, by its lowest index",
      entries: [[":status", "302"]],
      want: "08 82 6402",
    },
    {
      name: "a static name whose index is over the prefix",
      entries: [["content-type", "x"]],
      want: "0f10 01 78",
    },
    {
      name: "Huffman code where it is shorter",
      entries: [["custom-key", "~~~"]],
      want: "00 88 25a849e95ba97d7f 03 7e7e7e",
    },
    { name: "an empty value", entries: [["a", ""]], want: "00 01 61 00" },
  ];
  for (const { name, entries, want } of cases) {
    test(name, () => {
      assert.equal(Buffer.from(encodeHeaders(entries)).toString("hex"), want.replaceAll(" ", ""));
    });
  }
});

const text = fc
  .uint8Array({ maxLength: 300 })
  .map((bytes): string => Buffer.from(bytes).toString("latin1"));

test("what is encoded is decoded to the same", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(text, text), { maxLength: 20 }), (entries) => {
      const block = Buffer.from(encodeHeaders(entries));
      const decoder = new HpackDecoder(limits);
      for (let round = 0; round < 2; round++) {
        const list = decoder.decode(block, 0, block.length);
        assert.ok(!(list instanceof HpackFault));
        assert.deepEqual(
          list.names.map((name, index) => [name, list.values[index]]),
          entries,
        );
      }
    }),
    { seed: 7541, numRuns: 300 },
  );
});

suite("Huffman code", () => {
  test("each byte, alone and between others, comes back", () => {
    for (let byte = 0; byte < 256; byte++) {
      for (const around of ["", "a", "\xff"]) {
        const given = around + String.fromCharCode(byte) + around;
        const encoded = encodeHuffman(given);
        const target = Buffer.alloc(maxDecodedLength(encoded.length));
        const length = decodeHuffman(encoded, 0, encoded.length, target);
        assert.equal(target.toString("latin1", 0, length), given);
        assert.equal(encoded.length, huffmanLength(given));
      }
    }
  });

  test("what decodes is what its text encodes to: there is one code for each text", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), (bytes) => {
        const target = Buffer.alloc(maxDecodedLength(bytes.length));
        const length = decodeHuffman(bytes, 0, bytes.length, target);
        const again = encodeHuffman(target.toString("latin1", 0, Math.max(length, 0)));
        assert.deepEqual(again, length < 0 ? new Uint8Array() : bytes);
      }),
      { seed: 7541, numRuns: 5_000 },
    );
  });
});
