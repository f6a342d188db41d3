import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { HpackDecoder, HpackFault } from "../../../src/transport/hpack/decoder.ts";
import type { HeaderList } from "../../../src/transport/hpack/header-list.ts";
import { encodeHuffman } from "../../../src/transport/hpack/huffman-encode.ts";

const limits = { maxHeaderListBytes: 16_384, maxHeaders: 100 };

type Pairs = readonly (readonly [string, string])[];

function decode(decoder: HpackDecoder, hex: string): Pairs | string {
  const block = Buffer.from(hex.replaceAll(" ", ""), "hex");
  return outcomeOf(decoder.decode(block, 0, block.length));
}

function outcomeOf(result: HeaderList | HpackFault): Pairs | string {
  return result instanceof HpackFault
    ? result.code
    : result.names.map((name, index) => [name, result.values[index] ?? ""] as const);
}

function literal(text: string): string {
  return `${text.length.toString(16).padStart(2, "0")} ${Buffer.from(text, "latin1").toString("hex")}`;
}

const requests: readonly Pairs[] = [
  [
    [":method", "GET"],
    [":scheme", "http"],
    [":path", "/"],
    [":authority", "www.example.com"],
  ],
  [
    [":method", "GET"],
    [":scheme", "http"],
    [":path", "/"],
    [":authority", "www.example.com"],
    ["cache-control", "no-cache"],
  ],
  [
    [":method", "GET"],
    [":scheme", "https"],
    [":path", "/index.html"],
    [":authority", "www.example.com"],
    ["custom-key", "custom-value"],
  ],
];

const responses: readonly Pairs[] = [
  [
    [":status", "302"],
    ["cache-control", "private"],
    ["date", "Mon, 21 Oct 2013 20:13:21 GMT"],
    ["location", "https://www.example.com"],
  ],
  [
    [":status", "307"],
    ["cache-control", "private"],
    ["date", "Mon, 21 Oct 2013 20:13:21 GMT"],
    ["location", "https://www.example.com"],
  ],
  [
    [":status", "200"],
    ["cache-control", "private"],
    ["date", "Mon, 21 Oct 2013 20:13:22 GMT"],
    ["location", "https://www.example.com"],
    ["content-encoding", "gzip"],
    ["set-cookie", "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1"],
  ],
];

suite("the examples of RFC 7541, Appendix C", () => {
  const cases: readonly { name: string; blocks: readonly string[]; want: readonly Pairs[] }[] = [
    {
      name: "C.2.1 literal with indexing",
      blocks: ["400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572"],
      want: [[["custom-key", "custom-header"]]],
    },
    {
      name: "C.2.2 literal without indexing",
      blocks: ["040c 2f73 616d 706c 652f 7061 7468"],
      want: [[[":path", "/sample/path"]]],
    },
    {
      name: "C.2.3 literal never indexed",
      blocks: ["1008 7061 7373 776f 7264 0673 6563 7265 74"],
      want: [[["password", "secret"]]],
    },
    { name: "C.2.4 indexed", blocks: ["82"], want: [[[":method", "GET"]]] },
    {
      name: "C.3 requests without Huffman code",
      blocks: [
        "8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
        "8286 84be 5808 6e6f 2d63 6163 6865",
        "8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65",
      ],
      want: requests,
    },
    {
      name: "C.4 requests with Huffman code",
      blocks: [
        "8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff",
        "8286 84be 5886 a8eb 1064 9cbf",
        "8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf",
      ],
      want: requests,
    },
    {
      name: "C.5 responses without Huffman code, table of 256 bytes",
      blocks: [
        "3fe101 4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3120 474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
        "4803 3330 37c1 c0bf",
        "88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d 54c0 5a04 677a 6970 7738 666f 6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049 5541 5851 5745 4f49 553b 206d 6178 2d61 6765 3d33 3630 303b 2076 6572 7369 6f6e 3d31",
      ],
      want: responses,
    },
    {
      name: "C.6 responses with Huffman code, table of 256 bytes",
      blocks: [
        "3fe101 4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3",
        "4883 640e ffc1 c0bf",
        "88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07",
      ],
      want: responses,
    },
  ];
  for (const { name, blocks, want } of cases) {
    test(name, () => {
      const decoder = new HpackDecoder(limits);
      assert.deepEqual(
        blocks.map((block) => decode(decoder, block)),
        want,
      );
    });
  }
});

suite("what is broken", () => {
  const cases: readonly { name: string; block: string }[] = [
    { name: "index 0", block: "80" },
    { name: "an index past the static table, the dynamic one empty", block: "be" },
    { name: "an index far past the tables", block: "ff ff ff 7f" },
    { name: "a name index past the tables", block: "7e 01 61" },
    { name: "an integer that is cut off", block: "ff" },
    { name: "an integer that is cut off within", block: "ff 80" },
    { name: "an integer with five continuation bytes", block: "ff 80 80 80 80 00" },
    { name: "an integer over 32 bits", block: "ff ff ff ff ff ff ff ff ff 7f" },
    { name: "a name that is missing", block: "40" },
    { name: "a value that is missing", block: "40 01 61" },
    { name: "a name that is cut off", block: "40 0a 61 61" },
    { name: "a value that is cut off", block: "40 01 61 05 61" },
    { name: "a length over the block's end", block: "04 7f ff ff ff 7f 61" },
    { name: "a Huffman string with EOS", block: "04 84 ff ff ff ff" },
    { name: "a Huffman string with EOS and more", block: "04 85 ff ff ff fc 1f" },
    { name: "Huffman padding of eight ones", block: "04 82 1f ff" },
    { name: "Huffman padding of zeros", block: "04 81 18" },
    { name: "a Huffman string of padding alone, eight bits", block: "04 81 ff" },
    { name: "a Huffman name with broken padding", block: "40 81 18 01 61" },
    { name: "a size update behind a field", block: "82 20" },
    { name: "three size updates", block: "20 3f e1 01 20 82" },
    { name: "a size update over the setting", block: "3f e2 1f" },
    { name: "a size update that is cut off", block: "3f" },
  ];
  for (const { name, block } of cases) {
    test(name, () => {
      assert.equal(decode(new HpackDecoder(limits), block), "COMPRESSION_ERROR");
    });
  }

  test("nothing is read past the end, or before the start", () => {
    const block = Buffer.from("82 86 84 41 0f".replaceAll(" ", ""), "hex");
    const decoder = new HpackDecoder(limits);
    assert.deepEqual(outcomeOf(decoder.decode(block, 1, 3)), [
      [":scheme", "http"],
      [":path", "/"],
    ]);
    assert.equal(outcomeOf(decoder.decode(block, 1, 4)), "COMPRESSION_ERROR");
  });

  test("every cut of a block and every flipped bit ends", () => {
    const block = Buffer.from(
      "3fe1014882640258 85aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3".replaceAll(
        " ",
        "",
      ),
      "hex",
    );
    for (let bit = 0; bit < block.length * 8; bit++) {
      const broken = Buffer.from(block);
      broken[bit >> 3] = (broken[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      assert.doesNotThrow(() => new HpackDecoder(limits).decode(broken, 0, broken.length));
      assert.doesNotThrow(() => new HpackDecoder(limits).decode(block, 0, bit >> 3));
    }
  });
});

suite("size updates", () => {
  test("to the size that the setting allows are taken, to a byte more are not", () => {
    const entry = `40 ${literal("a")} ${literal("1")}`;
    assert.deepEqual(decode(new HpackDecoder(limits), `20 3f e1 1f ${entry} be`), [
      ["a", "1"],
      ["a", "1"],
    ]);
    assert.equal(decode(new HpackDecoder(limits), `20 3f e2 1f ${entry}`), "COMPRESSION_ERROR");
  });

  test("drop what does not fit any more", () => {
    const decoder = new HpackDecoder(limits);
    const entry = `40 ${literal("a")} ${literal("1")}`;
    assert.deepEqual(decode(decoder, `${entry} be`), [
      ["a", "1"],
      ["a", "1"],
    ]);
    assert.equal(decode(decoder, "20 be"), "COMPRESSION_ERROR");
  });

  test("two are taken, the last one holds", () => {
    const decoder = new HpackDecoder(limits);
    assert.deepEqual(decode(decoder, `20 3f 03 40 ${literal("a")} ${literal("1")} be`), [
      ["a", "1"],
      ["a", "1"],
    ]);
    // 34 bytes hold one entry of 34.
    assert.deepEqual(decode(decoder, `40 ${literal("b")} ${literal("2")} be`), [
      ["b", "2"],
      ["b", "2"],
    ]);
    assert.equal(decode(decoder, "bf"), "COMPRESSION_ERROR");
  });

  test("an entry larger than the table empties it", () => {
    const decoder = new HpackDecoder(limits);
    assert.deepEqual(
      decode(
        decoder,
        `3f 03 40 ${literal("a")} ${literal("1")} 40 ${literal("a")} ${literal("12")}`,
      ),
      [
        ["a", "1"],
        ["a", "12"],
      ],
    );
    assert.equal(decode(decoder, "be"), "COMPRESSION_ERROR");
  });
});

suite("the dynamic table", () => {
  test("an entry that fills it exactly stays, and drops all before it; a byte more drops itself too", () => {
    // 32 bytes and one of the name: a value of 4,063 makes 4,096.
    const decoder = new HpackDecoder(limits);
    decode(decoder, `40 ${literal("a")} ${literal("1")}`);
    const full = longEntry("n", 4_063);
    decoder.decode(full, 0, full.length);
    assert.deepEqual(decode(decoder, "be"), [["n", "n".repeat(4_063)]]);
    assert.equal(decode(new HpackDecoder(limits), "bf"), "COMPRESSION_ERROR");
    const over = longEntry("n", 4_064);
    decoder.decode(over, 0, over.length);
    assert.equal(decode(decoder, "be"), "COMPRESSION_ERROR");
  });

  test("two entries that fill it exactly both stay, and one that is added drops only the older", () => {
    const decoder = new HpackDecoder(limits);
    for (const name of ["a", "b"]) {
      const half = longEntry(name, 2_015);
      decoder.decode(half, 0, half.length);
    }
    assert.deepEqual(decode(decoder, "bf be"), [
      ["a", "a".repeat(2_015)],
      ["b", "b".repeat(2_015)],
    ]);
    decode(decoder, `40 ${literal("c")} ${literal("1")}`);
    assert.deepEqual(decode(decoder, "be bf"), [
      ["c", "1"],
      ["b", "b".repeat(2_015)],
    ]);
    assert.equal(decode(decoder, "c0"), "COMPRESSION_ERROR");
  });
});

/** A literal for the table whose value is the name so many times: 127 or more. */
function longEntry(name: string, length: number): Buffer {
  const rest = length - 127;
  const head = Buffer.from(`40${literal(name)}`.replaceAll(" ", ""), "hex");
  return Buffer.concat([
    head,
    Buffer.from([127, (rest & 127) | 128, rest >> 7]),
    Buffer.alloc(length, name),
  ]);
}

/** How far a part of a block can be read. */
function readUpTo(hex: string): number {
  const decoder = new HpackDecoder(limits);
  decoder.begin();
  const block = Buffer.from(hex, "hex");
  return decoder.readFields(block, 0, block.length);
}

suite("integers", () => {
  // An index of so many: the prefix of seven bits, and what goes beyond 127 behind it.
  const cases = [
    { name: "in the prefix", hex: "be", want: "COMPRESSION_ERROR" },
    { name: "61, the last of the static table", hex: "bd", want: [["www-authenticate", ""]] },
    { name: "61 in a longer form than it needs", hex: "ff00", want: "COMPRESSION_ERROR" },
    {
      name: "of 2 ** 28 + 126, the largest that is read",
      hex: "ffffffff7f",
      want: "COMPRESSION_ERROR",
    },
    { name: "with a fifth byte behind the prefix", hex: "ffffffffff01", want: "COMPRESSION_ERROR" },
    {
      name: "whose sum would be 2 ** 32 + 1, index 1",
      hex: "ff82ffffff0f",
      want: "COMPRESSION_ERROR",
    },
  ];
  for (const { name, hex, want } of cases) {
    test(name, () => {
      assert.deepEqual(decode(new HpackDecoder(limits), hex), want);
    });
  }

  test("a string of 2 ** 28 bytes is not whole, one of a byte more is broken", () => {
    // A value that is passed over, of which nothing is here yet; and one whose length is out of bounds.
    assert.equal(readUpTo("0001617fffffff7f"), 8);
    assert.equal(readUpTo("0001617fffffffff00"), -1);
  });
});

suite("limits on the list", () => {
  test("what there is room for is kept, whatever is left out before it", () => {
    const decoder = new HpackDecoder({ ...limits, maxHeaderListBytes: 100 });
    const text = "v".repeat(80);
    const block = Buffer.concat([
      Buffer.from(`82 00 ${literal("a")} 50`.replaceAll(" ", ""), "hex"),
      Buffer.from(text),
      Buffer.from("87", "hex"),
    ]);
    const result = decoder.decode(block, 0, block.length);
    assert.ok(result instanceof HpackFault);
    assert.deepEqual(result.kept.names, [":method", ":scheme"]);
    const small = new HpackDecoder({ ...limits, maxHeaderListBytes: 80 });
    const smaller = small.decode(block, 0, block.length);
    assert.ok(smaller instanceof HpackFault);
    assert.deepEqual(smaller.kept, { names: [":method"], values: ["GET"], sizeBytes: 42 });
  });

  test("exactly at the size is taken, a byte more is not, and the table is right", () => {
    const decoder = new HpackDecoder({ ...limits, maxHeaderListBytes: 40 });
    assert.deepEqual(decode(decoder, entryOfA("1234567")), [["a", "1234567"]]);
    assert.equal(decode(decoder, entryOfA("12345678")), "HEADER_LIST_TOO_LARGE");
    assert.deepEqual(decode(decoder, "bf"), [["a", "1234567"]]);
  });

  test("too many entries, and the table is right", () => {
    const decoder = new HpackDecoder({ ...limits, maxHeaders: 3 });
    assert.equal(
      decode(decoder, `82 82 82 40 ${literal("a")} ${literal("1")}`),
      "HEADER_LIST_TOO_LARGE",
    );
    assert.deepEqual(decode(decoder, "82 82 be"), [
      [":method", "GET"],
      [":method", "GET"],
      ["a", "1"],
    ]);
  });

  test("a bomb of indexes to one large entry", () => {
    const decoder = new HpackDecoder(limits);
    const name = Buffer.alloc(1, "n").toString();
    const value = Buffer.alloc(4_000, "v");
    const entry = Buffer.concat([
      Buffer.from(`40${literal(name)}7fa11e`.replaceAll(" ", ""), "hex"),
      value,
    ]);
    assert.equal(outcomeOf(decoder.decode(entry, 0, entry.length)).length, 1);
    const bomb = Buffer.alloc(16_384, 0xbe);
    assert.equal(outcomeOf(decoder.decode(bomb, 0, bomb.length)), "HEADER_LIST_TOO_LARGE");
  });
});

suite("what is remembered", () => {
  test("a block that changes no table gives the same list until the table changes", () => {
    const decoder = new HpackDecoder(limits);
    const block = Buffer.from(`8286 84 04 ${literal("/x")}`.replaceAll(" ", ""), "hex");
    const first = decoder.decode(block, 0, block.length);
    assert.equal(decoder.decode(block, 0, block.length), first);
    const moved = Buffer.concat([Buffer.alloc(7, 0x82), block]);
    assert.equal(decoder.decode(moved, 7, moved.length), first);
  });

  test("an index means the new entry once the table has changed", () => {
    const decoder = new HpackDecoder(limits);
    for (const value of ["1", "2", "3"]) {
      decode(decoder, `40 ${literal("a")} ${literal(value)}`);
      assert.deepEqual(decode(decoder, "be"), [["a", value]]);
      assert.deepEqual(decode(decoder, "be"), [["a", value]]);
    }
  });

  test("long blocks and strings are read right, again and again", () => {
    const decoder = new HpackDecoder({
      ...limits,
      maxHeaderListBytes: 1_000_000,
      maxHeaders: 1_000,
    });
    for (let round = 0; round < 3; round++) {
      for (const length of [0, 1, 63, 64, 65, 126, 127, 500, 20_000]) {
        const text = "é".repeat(length);
        const encoded = encodeHuffman(text);
        const block = Buffer.concat([Buffer.from([0x04]), lengthOf(encoded.length), encoded]);
        assert.deepEqual(outcomeOf(decoder.decode(block, 0, block.length)), [[":path", text]]);
      }
    }
  });

  test("the ring goes round many times", () => {
    const decoder = new HpackDecoder(limits);
    for (let index = 0; index < 1_000; index++) {
      const text = String(index);
      decode(decoder, `40 ${literal(text)} ${literal(text)}`);
      const count = Math.min(index + 1, 20);
      for (let back = 0; back < count; back += 7) {
        assert.deepEqual(decode(decoder, (0xbe + back).toString(16)), [
          [String(index - back), String(index - back)],
        ]);
      }
    }
  });
});

/** A literal with indexing named `a`. */
function entryOfA(value: string): string {
  return `40 ${literal("a")} ${literal(value)}`;
}

/** A Huffman string's length. */
function lengthOf(length: number): Uint8Array {
  const bytes = [Math.min(length, 0x7f) | 0x80];
  for (let rest = length - 0x7f; rest >= 0; rest = rest < 0x80 ? -1 : rest >>> 7) {
    bytes.push(rest < 0x80 ? rest : (rest & 0x7f) | 0x80);
  }
  return Uint8Array.from(bytes);
}
