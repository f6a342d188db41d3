import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameReader } from "../../../src/transport/http2/frame-reader.ts";
import { frame } from "../../support/h2-wire.ts";

/** A reader that writes down what it finds, and stops after a frame of type 255. */
function createRecorder(): { readonly reader: FrameReader; readonly found: string[] } {
  const found: string[] = [];
  const reader = new FrameReader({
    bytesKept: true,
    frame(type, flags, streamId, bytes, start, end) {
      found.push(`${type} ${flags} ${streamId} ${bytes.toString("latin1", start, end)}`);
      return type !== 255;
    },
    oversizedFrame() {
      found.push("too large");
    },
  });
  return { reader, found };
}

const bytes = Buffer.concat([
  frame(0, 1, 1, Buffer.from("hello")),
  frame(4),
  frame(9, 4, 0xffff_ffff, Buffer.from("x")),
  frame(1, 5, 3, Buffer.alloc(16_384, "y")),
  frame(6, 0, 0, Buffer.from("12345678")),
]);
const want = [
  "0 1 1 hello",
  "4 0 0 ",
  "9 4 2147483647 x",
  `1 5 3 ${"y".repeat(16_384)}`,
  "6 0 0 12345678",
];

test("frames are found wherever reads are cut", () => {
  const cuts = [...Array.from({ length: 60 }, (_, index) => index + 1), 5_000, bytes.length];
  for (const size of cuts) {
    const { reader, found } = createRecorder();
    for (let at = 0; at < bytes.length; at += size) {
      reader.read(bytes.subarray(at, at + size), 0, 0);
    }
    assert.deepEqual(found, want, `${size} bytes a read`);
    assert.equal(reader.partialSinceMs, undefined);
  }
});

test("a read may begin behind something else", () => {
  const { reader, found } = createRecorder();
  reader.read(Buffer.concat([Buffer.from("preface"), bytes]), 7, 0);
  assert.deepEqual(found, want);
});

test("a frame that is not whole is known by the time it began", () => {
  const { reader } = createRecorder();
  reader.read(bytes.subarray(0, 3), 0, 10);
  reader.read(bytes.subarray(3, 12), 0, 20);
  assert.equal(reader.partialSinceMs, 10);
  reader.read(bytes.subarray(12, 14), 0, 30);
  assert.equal(reader.partialSinceMs, undefined);
});

test("a frame that is too large is told, whether its head came in one piece or not", () => {
  const large = frame(0, 0, 1, Buffer.alloc(16_385));
  for (const size of [4, 9, large.length]) {
    const { reader, found } = createRecorder();
    reader.read(large.subarray(0, size), 0, 0);
    reader.read(large.subarray(size, 20), 0, 0);
    assert.deepEqual(found.slice(0, 1), ["too large"], `${size} bytes first`);
  }
});

test("nothing is read after the sink has had enough", () => {
  const { reader, found } = createRecorder();
  const end = frame(255);
  reader.read(Buffer.concat([end, end]), 0, 0);
  assert.deepEqual(found, ["255 0 0 "]);
});
