import assert from "node:assert/strict";
import { test } from "node:test";
import { noDeadline } from "../../src/model/deadline.ts";
import { type Outcome, PoolError } from "../../src/pool/dispatcher.ts";
import { PendingRequest } from "../../src/pool/pending-request.ts";
import { command } from "./pool-harness.ts";

const deny: Outcome = { allowed: false, reason: "rule-failed", body: "no" };

test("the first outcome is told, later ones are dropped", () => {
  const told: Outcome[] = [];
  const request = new PendingRequest(command("allow"), noDeadline, (outcome) => told.push(outcome));
  assert.equal(request.settle(deny), true);
  assert.equal(request.settle({ allowed: true, reason: "passed", body: "" }), false);
  assert.equal(request.settle(new PoolError("POOL_CLOSED")), false);
  assert.deepEqual(told, [deny]);
});

test("a request settled within its own callback is settled once", () => {
  const told: Outcome[] = [];
  const request: PendingRequest = new PendingRequest(command("allow"), noDeadline, (outcome) => {
    told.push(outcome);
    request.settle(new PoolError("POOL_CLOSED"));
  });
  request.settle(deny);
  assert.deepEqual(told, [deny]);
});

test("what the callback throws is thrown later, where it harms no other request", (t) => {
  const later: (() => void)[] = [];
  t.mock.method(globalThis, "queueMicrotask", (callback: () => void) => later.push(callback));
  const request = new PendingRequest(command("allow"), noDeadline, () => {
    throw new Error("planted");
  });
  assert.equal(request.settle(deny), true);
  assert.throws(() => later.forEach((callback) => callback()), /planted/);
});

test("what has been sent is let go, and cannot be judged here by mistake", () => {
  const input = command("allow");
  const request = new PendingRequest(input, noDeadline, () => {});
  assert.equal(request.input, input);
  request.noteSent();
  assert.throws(() => request.input, /has been sent/);
});
