import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { Deadline, noDeadline, passedDeadline } from "../../src/model/deadline.ts";

suite("a deadline", () => {
  test("is over when its time has come, and not before", () => {
    const deadline = new Deadline(100);
    assert.deepEqual(
      [99.9, 100, 101].map((nowMs) => deadline.isOver(nowMs)),
      [false, true, true],
    );
    assert.equal(noDeadline.isOver(Number.MAX_VALUE), false);
    assert.equal(passedDeadline.isOver(0), true);
  });

  test("that is no number is over", () => {
    assert.equal(new Deadline(Number.NaN).isOver(0), true);
  });

  const cases: readonly { marginMs: number; nowMs: number; want: number }[] = [
    { marginMs: 0, nowMs: 0, want: 100 },
    { marginMs: 20, nowMs: 0, want: 80 },
    { marginMs: 60, nowMs: 0, want: 50 },
    { marginMs: 60, nowMs: 90, want: 95 },
    { marginMs: 60, nowMs: 100, want: 100 },
    { marginMs: 60, nowMs: 200, want: 100 },
  ];
  for (const { marginMs, nowMs, want } of cases) {
    test(`of 100 ms is ${want} with a margin of ${marginMs} at ${nowMs}`, () => {
      assert.equal(new Deadline(100).earlier(marginMs, nowMs).atMs, want);
    });
  }

  test("that never comes is no earlier by a margin, and ends by a time that does", () => {
    assert.equal(noDeadline.earlier(10, 0).isOver(1e12), false);
    assert.equal(noDeadline.orBy(7).atMs, 7);
    assert.equal(new Deadline(5).orBy(7).atMs, 5);
  });
});
