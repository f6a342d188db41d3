import assert from "node:assert/strict";
import { test } from "node:test";
import { closeAll } from "../../src/service/close-all.ts";

test("doors and workers share one grace, and the admin door is closed last", async () => {
  let nowMs = 1_000;
  const closed: [string, number][] = [];
  const closer = (name: string, tookMs: number) => ({
    close: async (graceMs: number): Promise<void> => {
      closed.push([name, graceMs]);
      await Promise.resolve();
      nowMs += tookMs;
    },
  });
  const doors = [closer("admin", 0), closer("grpc", 700), closer("http", 0)];
  await closeAll(doors, closer("workers", 0), 1_000, () => nowMs);
  const order = [
    ["grpc", 1_000],
    ["http", 1_000],
    ["workers", 300],
    ["admin", 500],
  ];
  assert.deepEqual(closed, order);
  closed.length = 0;
  await closeAll(
    [closer("admin", 0), closer("grpc", 5_000)],
    closer("workers", 0),
    1_000,
    () => nowMs,
  );
  assert.deepEqual(closed, [
    ["grpc", 1_000],
    ["workers", 0],
    ["admin", 500],
  ]);
});
