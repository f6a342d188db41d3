import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { gzipSync } from "node:zlib";
import type { Inflated } from "../../../src/transport/grpc/inflate-message.ts";
import { type InflateJob, Inflater } from "../../../src/transport/grpc/inflater.ts";
import { ByteBudget } from "../../../src/transport/http2/byte-budget.ts";

const content = Buffer.alloc(300_000, Buffer.from(Array.from({ length: 251 }, (_, i) => i)));
const packed = gzipSync(content);

/** What a message becomes, as text: its memory is given back soon. */
function describe(inflated: Inflated): string {
  if (typeof inflated === "string") return inflated;
  return inflated.equals(content) ? "as it was" : `other ${inflated.length} bytes`;
}

function never(): void {
  assert.fail("refused");
}

suite("inflating on other threads", () => {
  const broken = Buffer.from(packed);
  broken[packed.length - 5] = (broken.at(-5) ?? 0) ^ 1;
  const cases = [
    { name: "a message", want: "as it was" },
    { name: "one of the largest size", maxBytes: 300_000, want: "as it was" },
    { name: "one byte over", maxBytes: 299_999, want: "too-large" },
    { name: "far over", maxBytes: 70_000, want: "too-large" },
    { name: "no room for it", room: 299_999, want: "too-large" },
    { name: "exactly enough room", room: 300_000, want: "as it was" },
    { name: "a wrong checksum", message: broken, want: "broken" },
    { name: "cut off", message: packed.subarray(0, -1), want: "broken" },
    { name: "no gzip", message: Buffer.alloc(100), want: "broken" },
    { name: "nothing", message: Buffer.alloc(0), want: "broken" },
    {
      name: "two of them in a row",
      message: Buffer.concat([packed, packed]),
      want: "other 600000 bytes",
    },
  ];
  for (const { name, message = packed, maxBytes = 1_000_000, room = 1_000_000, want } of cases) {
    test(`${name}: ${want}`, async () => {
      const inflater = new Inflater(1, never);
      const budget = new ByteBudget(room);
      const got: string[] = [];
      await new Promise<void>((resolve) => {
        const done = (inflated: Inflated): void => {
          got.push(describe(inflated));
          resolve();
        };
        assert.equal(inflater.add(budget, { message, maxBytes, done }), true);
      });
      await new Promise(setImmediate);
      assert.deepEqual([got, budget.taken], [[want], 0]);
    });
  }

  test("what a message becomes counts while it does", async () => {
    const inflater = new Inflater(1, never);
    const budget = new ByteBudget(1_000_000);
    const taken = await new Promise<number>((resolve) => {
      const done = (): void => {
        resolve(budget.taken);
      };
      inflater.add(budget, { message: packed, maxBytes: 1_000_000, done });
    });
    assert.equal(taken, 300_000);
  });

  test("connections take turns, and so do not wait for one that has much", async () => {
    const inflater = new Inflater(10, never);
    const order: string[] = [];
    const budgets = new Map(["a", "b", "c"].map((name) => [name, new ByteBudget(1e9)]));
    const names = ["a", "a", "a", "a", "a", "a", "b", "b", "c"];
    await Promise.all(
      names.map(
        async (name) =>
          await new Promise<void>((resolve) => {
            const done = (): void => {
              order.push(name);
              resolve();
            };
            const budget = budgets.get(name) ?? new ByteBudget(0);
            inflater.add(budget, { message: packed, maxBytes: 1_000_000, done });
          }),
      ),
    );
    // Two run at once, so that neighbours may change places.
    assert.deepEqual(order.slice(0, 2), ["a", "a"]);
    assert.ok(order.indexOf("b") < 5, order.join(" "));
    assert.ok(order.indexOf("c") < 6, order.join(" "));
  });

  test("so many of one connection wait and no more; of another they do", async () => {
    let refused = 0;
    const inflater = new Inflater(3, () => {
      refused++;
    });
    const [first, second] = [new ByteBudget(1e9), new ByteBudget(1e9)];
    let left = 6;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        if (--left === 0) resolve();
      };
      const add = (budget: ByteBudget): boolean =>
        inflater.add(budget, { message: packed, maxBytes: 1_000_000, done });
      const taken = Array.from({ length: 7 }, () => add(first));
      assert.deepEqual(taken, [true, true, true, true, true, false, false]);
      assert.equal(add(second), true);
    });
    assert.equal(refused, 2);
  });

  test("one that is not waited for any more is not inflated, and holds up no other", async () => {
    const inflater = new Inflater(10, never);
    const budget = new ByteBudget(1e9);
    const done: number[] = [];
    await new Promise<void>((resolve) => {
      const jobs = Array.from({ length: 6 }, (_, i): InflateJob => {
        const tell = (): void => {
          done.push(i);
          if (i === 5) resolve();
        };
        return { message: packed, maxBytes: 1_000_000, done: tell };
      });
      for (const job of jobs) inflater.add(budget, job);
      for (const job of jobs.slice(2, 5)) inflater.remove(budget, job);
    });
    await new Promise(setImmediate);
    assert.deepEqual(
      done.filter((i) => i >= 2),
      [5],
    );
    assert.equal(budget.taken, 0);
  });
});
