import assert from "node:assert/strict";
import { suite, type TestContext, test } from "node:test";
import type { PolicySource, SourceReading } from "../../src/sources/policy-source.ts";

/** A source over something that a test can change. */
export interface SourceSample {
  readonly source: PolicySource;
  /** Puts these policies there, by name, in place of all that were. */
  readonly put: (texts: Readonly<Record<string, string>>) => Promise<void>;
  /** Makes it unreadable. */
  readonly destroy: () => Promise<void>;
}

/** Declares the tests that every policy source has to pass. */
export function testSource(
  title: string,
  create: (t: TestContext, texts: Readonly<Record<string, string>>) => Promise<SourceSample>,
): void {
  suite(`${title} is a policy source`, () => {
    test("reads all there is, with a revision that is the same for the same texts only", async (t) => {
      const { source, put } = await create(t, { a: "one", b: "two" });
      const first = await source.read();
      assert.deepEqual(textsOf(first), ["one", "two"]);
      const told: SourceReading[] = [];
      source.watch(async (reading) => void told.push(reading));
      await source.check();
      assert.equal(told[0]?.snapshot?.revision, first.snapshot?.revision);
      await put({ a: "one", b: "three" });
      await source.check();
      assert.deepEqual(textsOf(told[1]), ["one", "three"]);
      assert.notEqual(told[1]?.snapshot?.revision, first.snapshot?.revision);
    });

    test("says what stands in the way, and gives no part of the rest", async (t) => {
      const { source, destroy } = await create(t, { a: "one" });
      await source.read();
      const told: SourceReading[] = [];
      source.watch(async (reading) => void told.push(reading));
      await destroy();
      await source.check();
      assert.equal(told[0]?.snapshot, undefined);
      assert.ok((told[0]?.diagnostics ?? []).some(({ severity }) => severity === "error"));
    });

    test("tells one reading at a time, and a fault in telling keeps nobody from the next", async (t) => {
      const { source } = await create(t, { a: "one" });
      await source.read();
      let running = 0;
      let most = 0;
      let count = 0;
      source.watch(async () => {
        most = Math.max(most, ++running);
        await new Promise(setImmediate);
        running--;
        if (++count === 1) throw new Error("planted");
      });
      await assert.rejects(source.check(), /planted/);
      await Promise.all([source.check(), source.check()]);
      await source.check();
      assert.deepEqual([most, count >= 3], [1, true]);
    });

    test("tells nothing once it is closed", async (t) => {
      const { source, put } = await create(t, { a: "one" });
      await source.read();
      source.watch(async () => assert.fail("told after it was closed"));
      source.close();
      await put({ a: "two" });
      await source.check();
      source.close();
    });

    test("can be closed, and checked, without having been watched", async (t) => {
      const { source } = await create(t, { a: "one" });
      await source.check();
      source.close();
    });
  });
}

function textsOf(reading: SourceReading | undefined): readonly string[] {
  assert.ok(reading?.snapshot !== undefined, JSON.stringify(reading?.diagnostics));
  return reading.snapshot.files.map(({ text }) => text).toSorted();
}
