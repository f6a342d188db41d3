import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { HpackDecoder, HpackFault } from "../../../src/transport/hpack/decoder.ts";
import type { HeaderList } from "../../../src/transport/hpack/header-list.ts";
import { encodeHuffman } from "../../../src/transport/hpack/huffman-encode.ts";
import type { AttackLimits } from "../../../src/transport/http2/attack-limits.ts";
import { ByteBudget } from "../../../src/transport/http2/byte-budget.ts";
import { HeaderBlock } from "../../../src/transport/http2/header-block.ts";
import { defaultLimits } from "../../../src/transport/limit-table.ts";
import { headerBlock, hpackField, hpackInteger, literal } from "../../support/h2-wire.ts";
import { createRandom } from "../../support/random.ts";

const head = { streamId: 1, endStream: true, selfDependent: false, sinceMs: 0 };
const bounds = { maxHeaderListBytes: 2_000, maxHeaders: 20 };

/** What a block comes to that is cut at these places. */
function readInParts(
  decoder: HpackDecoder,
  block: Buffer,
  cuts: readonly number[],
  limits: AttackLimits = { ...defaultLimits.attacks, maxContinuationFrames: 10_000 },
  budget = new ByteBudget(1_000_000),
): HeaderList | HpackFault | string {
  const reader = new HeaderBlock(head, decoder, limits, budget);
  const places = [...cuts, block.length];
  let at = 0;
  for (const place of places) {
    // A view into a larger buffer, as frames are.
    const fault = reader.add(
      Buffer.concat([Buffer.alloc(3), block.subarray(at, place)]),
      3,
      3 + place - at,
    );
    if (fault !== undefined) return fault;
    at = place;
  }
  const list = reader.finish();
  reader.release();
  assert.equal(budget.taken, 0);
  return list;
}

/** A field with its value in Huffman code. */
function huffmanField(name: string, value: string, how: number): Buffer {
  const code = encodeHuffman(value);
  return Buffer.concat([
    Buffer.from([how, name.length]),
    Buffer.from(name),
    hpackInteger(0x80, 7, code.length),
    code,
  ]);
}

suite("a header block in parts", () => {
  const random = createRandom(7);
  const upTo = (count: number): number => random.below(count);

  function randomBlock(): Buffer {
    const fields = Array.from({ length: 1 + upTo(25) }, (_, i) => {
      const kind = upTo(5);
      if (kind === 0) return Buffer.from([0x80 | (1 + upTo(66))]);
      const value = String.fromCharCode(97 + upTo(26)).repeat(
        upTo(4) === 0 ? upTo(9_000) : upTo(80),
      );
      const how = kind % 2 === 0 ? literal.indexed : literal.plain;
      return kind < 3 ? hpackField([`n${i}`, value], how) : huffmanField(`n${i}`, value, how);
    });
    const sizes = upTo(3) === 0 ? [hpackInteger(0x20, 5, 0), hpackInteger(0x20, 5, 4_096)] : [];
    return Buffer.concat([...sizes, ...fields]);
  }

  test("means what it means as a whole, and leaves the same table, wherever it is cut", () => {
    for (let round = 0; round < 300; round++) {
      const whole = new HpackDecoder(bounds);
      const parts = new HpackDecoder(bounds);
      for (let i = 0; i < 4; i++) {
        const block = randomBlock();
        const wanted = whole.decode(block, 0, block.length);
        const cuts = Array.from({ length: upTo(12) }, () => upTo(block.length + 1)).toSorted(
          (a, b) => a - b,
        );
        const got = readInParts(parts, block, cuts);
        if (wanted instanceof HpackFault && wanted.code === "COMPRESSION_ERROR") {
          assert.ok(got === "broken" || (got instanceof HpackFault && got.code === wanted.code));
          break;
        }
        assert.deepEqual(got, wanted);
      }
    }
  });

  test("a byte at a time", () => {
    const block = randomBlock();
    const every = Array.from({ length: block.length }, (_, i) => i);
    const wanted = new HpackDecoder(bounds).decode(block, 0, block.length);
    const got = readInParts(new HpackDecoder(bounds), block, every);
    if (wanted instanceof HpackFault && wanted.code === "COMPRESSION_ERROR") {
      assert.ok(got === "broken");
    } else {
      assert.deepEqual(got, wanted);
    }
  });

  const broken: readonly { readonly name: string; readonly block: Buffer }[] = [
    { name: "ends inside a field", block: hpackField(["a", "bcd"]).subarray(0, 5) },
    {
      name: "ends inside a value that is passed over",
      block: hpackField(["a", "b".repeat(9_000)]).subarray(0, 8_000),
    },
    { name: "ends inside a number", block: Buffer.from([0xff]) },
    { name: "names an index that is none", block: Buffer.from([0x80 | 70]) },
    { name: "has a number without end", block: Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff]) },
    { name: "changes the table's size behind a field", block: Buffer.from([0x82, 0x20]) },
    { name: "changes the table's size three times", block: Buffer.from([0x20, 0x20, 0x20]) },
  ];
  for (const { name, block } of broken) {
    test(`is broken when it ${name}`, () => {
      const whole = new HpackDecoder(bounds).decode(block, 0, block.length);
      assert.ok(whole instanceof HpackFault && whole.code === "COMPRESSION_ERROR");
      for (let cut = 0; cut <= block.length; cut += Math.max(1, block.length >> 3)) {
        const got = readInParts(new HpackDecoder(bounds), block, [cut]);
        const isFault = got instanceof HpackFault && got.code === "COMPRESSION_ERROR";
        assert.ok(got === "broken" || isFault, `cut at ${cut}`);
      }
    });
  }

  test("keeps of a value that nobody needs nothing, and of a list what there is room for", () => {
    const budget = new ByteBudget(5_000);
    const block = headerBlock([
      [":path", "/p"],
      ["tracestate", "v".repeat(500_000)],
      ["content-type", "c"],
    ]);
    const cuts = Array.from({ length: Math.ceil(block.length / 4_000) }, (_, i) => i * 4_000);
    const got = readInParts(new HpackDecoder(bounds), block, cuts, undefined, budget);
    assert.ok(got instanceof HpackFault);
    assert.deepEqual(
      [got.code, got.kept.names],
      ["HEADER_LIST_TOO_LARGE", [":path", "content-type"]],
    );
  });

  test("an entry larger than the table empties it, kept or passed over", () => {
    for (const length of [5_000, 100_000]) {
      const decoder = new HpackDecoder(bounds);
      const small = hpackField(["a", "1"], literal.indexed);
      assert.ok(!(decoder.decode(small, 0, small.length) instanceof HpackFault));
      const large = hpackField(["b", "v".repeat(length)], literal.indexed);
      readInParts(decoder, large, [50, 4_000]);
      const index = Buffer.from([0x80 | 62]);
      const after = decoder.decode(index, 0, 1);
      assert.ok(after instanceof HpackFault && after.code === "COMPRESSION_ERROR", `${length}`);
    }
  });
});

suite("limits on a header block", () => {
  const limits = { ...defaultLimits.attacks, maxHeaderBlockBytes: 100, maxContinuationFrames: 3 };

  test("exactly at the bytes is taken, a byte more is not", () => {
    assert.equal(blockOf(100).length, 100);
    const taken = readInParts(new HpackDecoder(bounds), blockOf(100), [60], limits);
    assert.ok(typeof taken === "object" && !(taken instanceof HpackFault));
    const refused = readInParts(new HpackDecoder(bounds), blockOf(101), [60], limits);
    assert.equal(refused, "continuation-flood");
  });

  test("exactly at the frames is taken, one more is not", () => {
    const taken = readInParts(new HpackDecoder(bounds), blockOf(50), [10, 20, 30], limits);
    assert.ok(typeof taken === "object" && !(taken instanceof HpackFault));
    const refused = readInParts(new HpackDecoder(bounds), blockOf(50), [10, 20, 30, 40], limits);
    assert.equal(refused, "continuation-flood");
  });

  test("what is kept of a field counts as an unfinished request, and is given back", () => {
    const budget = new ByteBudget(60);
    const name = Buffer.concat([Buffer.from([0, 90]), Buffer.alloc(90, "n"), Buffer.from([1, 65])]);
    const list = readInParts(new HpackDecoder(bounds), name, [40, 70], limits, budget);
    assert.equal(list, "unfinished-requests");
    const roomy = new ByteBudget(100);
    const whole = readInParts(new HpackDecoder(bounds), name, [40, 70], limits, roomy);
    assert.ok(typeof whole === "object" && !(whole instanceof HpackFault));
  });
});

/** A block of so many bytes, from 5 to 130. */
function blockOf(bytes: number): Buffer {
  return headerBlock([["a", "v".repeat(bytes - 4)]]);
}
