import assert from "node:assert/strict";
import { test } from "node:test";
import { ByteBudget } from "../../../src/transport/http2/byte-budget.ts";
import {
  connectionWindowBytes,
  ReceiveWindow,
} from "../../../src/transport/http2/receive-window.ts";

const half = connectionWindowBytes / 2;

function createWindow(unfinishedBytes: number): {
  readonly window: ReceiveWindow;
  readonly given: number[];
} {
  const unfinished = new ByteBudget(1e9);
  unfinished.take(unfinishedBytes);
  const given: number[] = [];
  const window = new ReceiveWindow(unfinished, (bytes) => {
    given.push(bytes);
  });
  return { window, given };
}

test("it is made whole when more than half is used", () => {
  const { window, given } = createWindow(0);
  assert.equal(window.take(half, 0), true);
  assert.deepEqual(given, []);
  assert.equal(window.take(1, 0), true);
  assert.deepEqual(given, [half + 1]);
});

const paces = [
  { name: "8 ms", unfinishedBytes: 0, waitMs: 8 },
  { name: "twice as long with 8 MiB of unfinished requests", unfinishedBytes: 2 ** 23, waitMs: 16 },
  { name: "9 times as long with 64 MiB", unfinishedBytes: 2 ** 26, waitMs: 72 },
];
for (const { name, unfinishedBytes, waitMs } of paces) {
  test(`it is not made whole again before ${name}`, (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const { window, given } = createWindow(unfinishedBytes);
    window.take(half + 1, 0);
    window.take(half + 1, 0);
    t.mock.timers.tick(waitMs - 1);
    assert.deepEqual(given, [half + 1]);
    window.take(10, waitMs - 1);
    t.mock.timers.tick(1);
    assert.deepEqual(given, [half + 1, half + 11]);
  });
}

test("later it is made whole at once", () => {
  const { window, given } = createWindow(0);
  window.take(half + 1, 0);
  window.take(half + 1, 8);
  assert.deepEqual(given, [half + 1, half + 1]);
});

test("a peer that does not mind it has soon sent too much", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { window } = createWindow(0);
  const frames = Array.from({ length: 7 }, () => window.take(1_048_576, 0));
  assert.deepEqual(frames, [true, true, true, true, true, true, true]);
  assert.equal(window.take(1, 0), false);
});

test("once closed it gives nothing", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { window, given } = createWindow(0);
  window.take(half + 1, 0);
  window.take(half + 1, 0);
  window.close();
  t.mock.timers.tick(1_000);
  assert.deepEqual(given, [half + 1]);
});
