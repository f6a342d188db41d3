import assert from "node:assert/strict";
import { test } from "node:test";
import { FloodCount, floodLimitsOf } from "../../../src/transport/http2/flood-count.ts";
import { defaultLimits } from "../../../src/transport/limit-table.ts";

const limits = floodLimitsOf({
  ...defaultLimits.attacks,
  floodWindowMs: 1_000,
  maxPings: 2,
  maxSettings: 2,
});

test("so many are allowed in a window of time, each kind by itself", () => {
  const count = new FloodCount(limits, 0);
  const seen = [0, 999, 999].map((nowMs) => count.isOver("ping-flood", nowMs));
  assert.deepEqual(seen, [false, false, true]);
  assert.equal(count.isOver("settings-flood", 999), false);
  assert.equal(count.isOver("ping-flood", 1_000), false);
});

test("responses give credit, but not to every kind and not for ever", () => {
  const count = new FloodCount(limits, 0);
  count.credit = 1;
  const pings = [1, 2, 3, 4].map((nowMs) => count.isOver("ping-flood", nowMs));
  assert.deepEqual(pings, [false, false, false, true]);
  const settings = [1, 2, 3].map((nowMs) => count.isOver("settings-flood", nowMs));
  assert.deepEqual(settings, [false, false, true]);
  count.isOver("settings-flood", 1_000);
  assert.equal(count.credit, 0);
});
