import assert from "node:assert/strict";
import { test } from "node:test";
import { createLog } from "../../src/telemetry/log.ts";
import { logPoolEvents } from "../../src/telemetry/pool-event-log.ts";
import type { PoolEvents } from "../../src/telemetry/pool-events.ts";

test("all is passed on, losses and faults are logged, faults once a second", (t) => {
  const clock = { nowMs: 10_000 };
  t.mock.method(performance, "now", () => clock.nowMs);
  const passedOn: unknown[][] = [];
  const record =
    (name: string) =>
    (...values: unknown[]): void =>
      void passedOn.push([name, ...values]);
  const inner: PoolEvents = {
    batchSent: record("batchSent"),
    evaluatedInline: record("evaluatedInline"),
    workerLost: record("workerLost"),
    evaluationFailed: record("evaluationFailed"),
    shed: record("shed"),
  };
  const logged: unknown[] = [];
  const write = (line: string): void => void logged.push(JSON.parse(line));
  const log = createLog({ format: "json", level: "debug", write, nowMs: () => 0 });
  const events = logPoolEvents(log, inner);
  events.batchSent(3);
  events.evaluatedInline(2);
  events.shed("closed");
  events.workerLost("hung", "no answer in time");
  for (const waitMs of [0, 400, 599, 1, 0]) {
    clock.nowMs += waitMs;
    events.evaluationFailed("planted");
  }
  const failed = ["evaluationFailed", "planted"];
  assert.deepEqual(passedOn, [
    ["batchSent", 3],
    ["evaluatedInline", 2],
    ["shed", "closed"],
    ["workerLost", "hung", "no answer in time"],
    failed,
    failed,
    failed,
    failed,
    failed,
  ]);
  const time = new Date(0).toISOString();
  const fault = { detail: "planted", time, level: "error", message: "an evaluation failed" };
  assert.deepEqual(logged, [
    { cause: "hung", detail: "no answer in time", time, level: "warn", message: "worker lost" },
    { ...fault, leftOut: 0 },
    { ...fault, leftOut: 2 },
  ]);
});
