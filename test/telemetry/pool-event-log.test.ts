import assert from "node:assert/strict";
import { test } from "node:test";
import type { PoolEvents } from "../../src/pool/pool-events.ts";
import { reportFaults } from "../../src/telemetry/fault-report.ts";
import { createLog } from "../../src/telemetry/log.ts";
import { logPoolEvents } from "../../src/telemetry/pool-event-log.ts";

const time = new Date(0).toISOString();

/** A log that keeps what it is told. */
function createSeenLog(): {
  readonly log: ReturnType<typeof createLog>;
  readonly logged: unknown[];
} {
  const logged: unknown[] = [];
  const write = (line: string): void => void logged.push(JSON.parse(line));
  return { log: createLog({ format: "json", level: "debug", write, nowMs: () => 0 }), logged };
}

test("all is passed on, losses are logged, faults reported", () => {
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
  const { log, logged } = createSeenLog();
  const events = logPoolEvents(log, inner, record("fault"));
  events.batchSent(3);
  events.evaluatedInline(2);
  events.shed("closed");
  events.workerLost("hung", "no answer in time");
  events.evaluationFailed("planted");
  assert.deepEqual(passedOn, [
    ["batchSent", 3],
    ["evaluatedInline", 2],
    ["shed", "closed"],
    ["workerLost", "hung", "no answer in time"],
    ["evaluationFailed", "planted"],
    ["fault", "evaluation", "planted"],
  ]);
  assert.deepEqual(logged, [
    { cause: "hung", detail: "no answer in time", time, level: "warn", message: "worker lost" },
  ]);
});

function fail(): never {
  throw new Error("planted");
}

test("what only counts and throws is reported, and keeps nobody from anything", () => {
  const broken: PoolEvents = {
    batchSent: fail,
    evaluatedInline: fail,
    workerLost: fail,
    evaluationFailed: fail,
    shed: fail,
  };
  const faults: string[] = [];
  const { log } = createSeenLog();
  const events = logPoolEvents(log, broken, (where, error) => {
    faults.push(`${where} ${String(error)}`);
  });
  events.batchSent(1);
  events.evaluatedInline(1);
  events.shed("closed");
  events.workerLost("hung", "no answer in time");
  assert.deepEqual(
    faults,
    Array.from({ length: 4 }, () => "telemetry Error: planted"),
  );
  events.evaluationFailed("ours");
  assert.deepEqual(faults.slice(4), ["telemetry Error: planted", "evaluation ours"]);
});

test("faults are all counted, and logged with their stack once a second for each place", (t) => {
  const clock = { nowMs: 10_000 };
  t.mock.method(performance, "now", () => clock.nowMs);
  const counted: string[] = [];
  const { log, logged } = createSeenLog();
  const onFault = reportFaults(log, (where) => void counted.push(where));
  for (const waitMs of [0, 400, 599, 1, 0]) {
    clock.nowMs += waitMs;
    onFault("evaluation", "planted");
  }
  const error = new Error("secret token");
  error.stack = "Error: planted\n    at somewhere";
  onFault("read", error);
  assert.deepEqual(counted, [...Array.from({ length: 5 }, () => "evaluation"), "read"]);
  const line = { time, level: "error", message: "a fault of our own" };
  assert.deepEqual(logged, [
    { ...line, where: "evaluation", detail: "planted", leftOut: 0 },
    { ...line, where: "evaluation", detail: "planted", leftOut: 2 },
    { ...line, where: "read", detail: error.stack, leftOut: 0 },
  ]);
});
