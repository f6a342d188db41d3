import assert from "node:assert/strict";
import { test } from "node:test";
import { MessageReader } from "../../../src/transport/grpc/message-reader.ts";
import { ByteBudget } from "../../../src/transport/http2/byte-budget.ts";
import { SlabPool } from "../../../src/transport/http2/output-buffer.ts";
import { grpcMessage } from "../../support/h2-wire.ts";

const content = Buffer.from(Array.from({ length: 10_000 }, (_, index) => index % 251));

test("a message is put together wherever it is cut", () => {
  const bytes = grpcMessage(content);
  for (const size of [1, 2, 3, 4, 5, 6, 4_095, 4_096, 9_999, bytes.length]) {
    const reader = new MessageReader(10_000, new ByteBudget(10_000), new SlabPool());
    for (let at = 0; at < bytes.length; at += size) {
      assert.equal(reader.state, "partial");
      const part = bytes.subarray(at, at + size);
      assert.equal(reader.read(part, 0, part.length), part.length);
    }
    assert.equal(reader.state, "whole", `${size} bytes a part`);
    assert.deepEqual(reader.message, content);
    assert.equal(reader.isCompressed, false);
  }
});

test("what follows a message is left, and read after a release", () => {
  const reader = new MessageReader(100, new ByteBudget(100), new SlabPool());
  const bytes = Buffer.concat([grpcMessage(Buffer.from("one")), grpcMessage(Buffer.alloc(0))]);
  const next = reader.read(bytes, 0, bytes.length);
  assert.equal(reader.message.toString(), "one");
  reader.release();
  assert.equal(reader.isEmpty, true);
  assert.equal(reader.read(bytes, next, bytes.length), bytes.length);
  assert.equal(reader.state, "whole");
  assert.equal(reader.message.length, 0);
});

test("a message is too large by what it announces, or by what there is room for", () => {
  const cases = [
    { name: "as large as allowed", maxBytes: 10_000, room: 10_000, want: "whole" },
    { name: "one byte over", maxBytes: 9_999, room: 10_000, want: "too-large" },
    { name: "no room", maxBytes: 10_000, room: 9_999, want: "too-large" },
  ];
  for (const { name, maxBytes, room, want } of cases) {
    const reader = new MessageReader(maxBytes, new ByteBudget(room), new SlabPool());
    const bytes = grpcMessage(content);
    reader.read(bytes, 0, bytes.length);
    assert.equal(reader.state, want, name);
  }
});

test("room is taken as bytes come, and given back", () => {
  let refused = 0;
  const whole = new ByteBudget(10_000);
  const budget = new ByteBudget(100_000, whole, () => {
    refused++;
  });
  const announced = Buffer.from([0, 0, 1, 0, 0, 7]);
  const readers = [1, 2, 3].map(() => new MessageReader(100_000, budget, new SlabPool()));
  for (const reader of readers) reader.read(announced, 0, announced.length);
  assert.deepEqual(
    readers.map(({ state }) => state),
    ["partial", "partial", "too-large"],
  );
  assert.equal(refused, 1);
  for (const reader of readers) reader.release();
  assert.equal(whole.take(10_000), true);
});

test("what is held is never more than announced, nor more than twice what has come and 4 KiB", () => {
  const bytes = grpcMessage(Buffer.alloc(300_000));
  const budget = new ByteBudget(1_000_000);
  const reader = new MessageReader(1_000_000, budget, new SlabPool());
  for (let at = 0; at < bytes.length; at += 1_000) {
    reader.read(bytes.subarray(at, at + 1_000), 0, Math.min(1_000, bytes.length - at));
    assert.ok(budget.taken <= 2 * (at + 1_000) + 4_096, `${budget.taken} bytes after ${at}`);
  }
  assert.equal(reader.state, "whole");
  assert.equal(budget.taken, 300_000);
  reader.release();
  assert.equal(budget.taken, 0);
});

test("a message that is refused is let go at once", () => {
  const budget = new ByteBudget(10_000);
  const reader = new MessageReader(1_000_000, budget, new SlabPool());
  const bytes = grpcMessage(Buffer.alloc(300_000));
  reader.read(bytes, 0, bytes.length);
  assert.deepEqual([reader.state, budget.taken], ["too-large", 0]);
});

test("a message is its own memory, not that of the next", () => {
  const slabs = new SlabPool();
  const read = (fill: string): Buffer => {
    const reader = new MessageReader(1_000_000, new ByteBudget(1_000_000), slabs);
    const bytes = grpcMessage(Buffer.alloc(300_000, fill));
    reader.read(bytes, 0, bytes.length);
    const { message } = reader;
    reader.release();
    return message;
  };
  const [first, second] = [read("1"), read("2")];
  assert.ok(first.equals(Buffer.alloc(300_000, "1")));
  assert.ok(second.equals(Buffer.alloc(300_000, "2")));
});
