import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { noDeadline } from "../../src/model/deadline.ts";
import { chooseTransfer, type SlotLoad } from "../../src/pool/choose-transfer.ts";
import { PendingRequest } from "../../src/pool/pending-request.ts";
import { command } from "./pool-harness.ts";

const nowMs = 1_000;

interface LoadedSlot extends SlotLoad {
  readonly name: string;
}

/** A slot with that many requests, in as many batches; it has been at them so long. */
function slot(name: string, requests: number, more: { busy?: number; ready?: boolean } = {}) {
  const { busy = 0, ready = true } = more;
  return { name, ready, requests, batches: { length: Math.min(requests, 2) }, busyMs: () => busy };
}

/** A lane whose oldest request has been waiting for so long. */
function lane(waitedMs?: number): PendingRequest[] {
  if (waitedMs === undefined) return [];
  const request = new PendingRequest(command("allow"), noDeadline, () => {});
  request.noteWaiting(nowMs - waitedMs);
  return [request];
}

const table: {
  name: string;
  slots: readonly LoadedSlot[];
  lanes: readonly PendingRequest[][];
  /** What a request takes, by estimate; 0.01 ms unless said otherwise. */
  requestMs?: number | undefined;
  want: string;
}[] = [
  { name: "nothing waits", slots: [slot("a", 0)], lanes: [lane()], want: "nobody" },
  { name: "one worker", slots: [slot("a", 1)], lanes: [lane(0)], want: "a gets lane 0" },
  { name: "one worker, full", slots: [slot("a", 2)], lanes: [lane(9)], want: "nobody" },
  {
    name: "one worker, not ready",
    slots: [slot("a", 0, { ready: false })],
    lanes: [lane(9)],
    want: "nobody",
  },
  {
    name: "its own worker",
    slots: [slot("a", 0), slot("b", 0)],
    lanes: [lane(), lane(0), lane()],
    want: "b gets lane 1",
  },
  {
    name: "its own worker, though another has less to do",
    slots: [slot("a", 1), slot("b", 0)],
    lanes: [lane(0), lane(), lane()],
    want: "a gets lane 0",
  },
  {
    name: "another when its own is far behind",
    slots: [slot("a", 1), slot("b", 0)],
    lanes: [lane(0), lane(), lane()],
    requestMs: 0.3,
    want: "b gets lane 0",
  },
  {
    name: "its own when all are as far behind",
    slots: [slot("a", 1), slot("b", 1)],
    lanes: [lane(0), lane(), lane()],
    requestMs: 0.3,
    want: "a gets lane 0",
  },
  {
    name: "an idle one while nothing is known of the cost",
    slots: [slot("a", 1), slot("b", 0)],
    lanes: [lane(0), lane(), lane()],
    requestMs: undefined,
    want: "b gets lane 0",
  },
  {
    name: "another when its own does not get on, whatever the estimate",
    slots: [slot("a", 1, { busy: 5 }), slot("b", 1, { busy: 1 })],
    lanes: [lane(0), lane(), lane()],
    want: "b gets lane 0",
  },
  {
    name: "another when its own is not there",
    slots: [slot("a", 0, { ready: false }), slot("b", 1)],
    lanes: [lane(0), lane(), lane()],
    want: "b gets lane 0",
  },
  {
    name: "an idle one when its own is full",
    slots: [slot("a", 2), slot("b", 0)],
    lanes: [lane(0), lane(), lane()],
    want: "b gets lane 0",
  },
  {
    name: "waits when its own is full and none is idle",
    slots: [slot("a", 2), slot("b", 1)],
    lanes: [lane(0.9), lane(), lane()],
    want: "nobody",
  },
  {
    name: "waits no longer than a millisecond",
    slots: [slot("a", 2), slot("b", 1)],
    lanes: [lane(1.1), lane(), lane()],
    want: "b gets lane 0",
  },
  {
    name: "all full",
    slots: [slot("a", 2), slot("b", 2)],
    lanes: [lane(9), lane(9), lane(9)],
    want: "nobody",
  },
  {
    name: "without a credential, the one with least to do",
    slots: [slot("a", 1), slot("b", 0), slot("c", 0)],
    lanes: [lane(), lane(), lane(), lane(0)],
    want: "b gets lane 3",
  },
  {
    name: "the request that is due first",
    slots: [slot("a", 0), slot("b", 0)],
    lanes: [lane(0.1), lane(0.3), lane(0.2)],
    want: "b gets lane 1",
  },
  {
    name: "its own before another's that is due a little earlier",
    slots: [slot("a", 1), slot("b", 0)],
    lanes: [lane(0.9), lane(0), lane()],
    requestMs: 1,
    want: "b gets lane 1",
  },
  {
    name: "another's before its own when that is due earlier by more than a little",
    slots: [slot("a", 1), slot("b", 0)],
    lanes: [lane(1.1), lane(0), lane()],
    requestMs: 1,
    want: "b gets lane 0",
  },
  {
    name: "a lane that waits does not keep the others waiting",
    slots: [slot("a", 2), slot("b", 1)],
    lanes: [lane(0.9), lane(0), lane()],
    want: "b gets lane 1",
  },
];

suite("which worker gets a batch of which lane", () => {
  for (const row of table) {
    test(row.name, () => {
      const requestMs = "requestMs" in row ? row.requestMs : 0.01;
      const options = { concurrentBatches: 2, nowMs, requestMs, mostBehindMs: 0.2 };
      const got = chooseTransfer(row.slots, row.lanes, options);
      assert.equal(
        got === undefined ? "nobody" : `${got.slot.name} gets lane ${got.lane}`,
        row.want,
      );
    });
  }
});
