import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { ResponseHead } from "../../src/grpc-client/response-head.ts";

/** The header block of a literal field with a spelt name, both strings plain. */
function literal(name: string, value: string, kind = 0): string {
  return Buffer.concat([Buffer.of(kind), plain(name), plain(value)]).toString("hex");
}

function plain(text: string): Buffer {
  return Buffer.from([text.length, ...Buffer.from(text)]);
}

/** `grpc-status` in Huffman code, as grpc-go sends it, before a value in Huffman code. */
function coded(value: string): string {
  return `40889acac8b21234da8f${(0x80 + value.length / 2).toString(16)}${value}`;
}

suite("a header block says", () => {
  const cases: readonly {
    name: string;
    block: string;
    want: readonly [http: number | undefined, grpc: number | undefined];
  }[] = [
    { name: "nothing", block: "", want: [undefined, undefined] },
    { name: "an indexed status", block: "88", want: [200, undefined] },
    { name: "the last indexed status", block: "8e", want: [500, undefined] },
    { name: "a spelt status", block: "0803353033", want: [503, undefined] },
    { name: "a status in Huffman code", block: "48826402", want: [302, undefined] },
    {
      name: "headers of no interest",
      block: `885f106170706c69636174696f6e2f67727063${literal("x", "9")}`,
      want: [200, undefined],
    },
    { name: "a gRPC status", block: literal("grpc-status", "0"), want: [undefined, 0] },
    {
      name: "a gRPC status of two digits that is never to be indexed",
      block: literal("grpc-status", "14", 0x10),
      want: [undefined, 14],
    },
    { name: "both", block: `88${literal("grpc-status", "7", 0x40)}`, want: [200, 7] },
    { name: "0 in Huffman code", block: coded("07"), want: [undefined, 0] },
    { name: "2 in Huffman code", block: coded("17"), want: [undefined, 2] },
    { name: "8 in Huffman code", block: coded("7b"), want: [undefined, 8] },
    { name: "14 in Huffman code", block: coded("0b5f"), want: [undefined, 14] },
    {
      name: "a table that is emptied",
      block: `20${literal("grpc-status", "3")}`,
      want: [undefined, 3],
    },
    { name: "no number", block: literal("grpc-status", "1x"), want: [undefined, -1] },
    { name: "nothing for a number", block: literal("grpc-status", ""), want: [undefined, -1] },
    { name: "a huge number", block: literal("grpc-status", "123456"), want: [undefined, -1] },
    { name: "a letter in Huffman code", block: coded("1f"), want: [undefined, -1] },
    { name: "padding that is none", block: coded("00"), want: [undefined, -1] },
    {
      name: "a long value",
      block: `0001787f00${"61".repeat(127)}`,
      want: [undefined, undefined],
    },
  ];
  const head = new ResponseHead();
  for (const { name, block, want } of cases) {
    test(name, () => {
      const bytes = Buffer.from(`ffff${block}ffff`, "hex");
      assert.equal(head.read(bytes, 2, bytes.length - 2), true);
      assert.deepEqual([head.httpStatus, head.grpcStatus], want);
    });
  }
});

suite("a header block is broken", () => {
  const cases: readonly { name: string; block: string }[] = [
    { name: "the index 0", block: "80" },
    { name: "an index into a table that is not there", block: "be" },
    { name: "a name from a table that is not there", block: "7e0161" },
    { name: "a table that grows", block: "3f01" },
    { name: "an integer without end", block: "ffffffffffff" },
    { name: "a name that is cut off", block: "000361" },
    { name: "a value that is cut off", block: "0001610361" },
    { name: "no value", block: "000161" },
    { name: "no name", block: "00" },
  ];
  for (const { name, block } of cases) {
    test(name, () => {
      const bytes = Buffer.from(block, "hex");
      assert.equal(new ResponseHead().read(bytes, 0, bytes.length), false);
    });
  }
});
