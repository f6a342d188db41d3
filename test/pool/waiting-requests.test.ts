import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { Deadline } from "../../src/model/deadline.ts";
import { PendingRequest } from "../../src/pool/pending-request.ts";
import { WaitingRequests } from "../../src/pool/waiting-requests.ts";
import { command } from "./pool-harness.ts";

function request(sizeBytes: number, deadlineMs = Infinity): PendingRequest {
  return new PendingRequest(command("allow", sizeBytes), new Deadline(deadlineMs), () => {});
}

function sizesOf(requests: readonly PendingRequest[]): number[] {
  return requests.map(({ input }) => input.sizeBytes);
}

/** Requests of 1, 2, 3 and so on bytes that came in this order, with these affinities and ten times that deadline. */
function fill(workers: number, affinities: readonly (number | undefined)[]): WaitingRequests {
  const waiting = new WaitingRequests(workers);
  for (const [index, affinity] of affinities.entries()) {
    const added = request(index + 1, 10 * (index + 1));
    added.noteWaiting(index);
    waiting.add(added, affinity);
  }
  return waiting;
}

const lanes: {
  name: string;
  workers: number;
  affinities: (number | undefined)[];
  want: number[][];
}[] = [
  { name: "one worker", workers: 1, affinities: [5, undefined, 0, 1], want: [[1, 2, 3, 4]] },
  { name: "two", workers: 2, affinities: [5, undefined, 0, 1], want: [[3], [1, 4], [2]] },
  { name: "three", workers: 3, affinities: [3, 4, 5, 2 ** 32 - 1], want: [[1, 4], [2], [3], []] },
  {
    name: "no integers",
    workers: 2,
    affinities: [-1, 0.5, NaN, Infinity],
    want: [[], [], [1, 2, 3, 4]],
  },
];

suite("who shares a lane", () => {
  for (const { name, workers, affinities, want } of lanes) {
    test(name, () => {
      const waiting = fill(workers, affinities);
      assert.deepEqual(waiting.lanes.map(sizesOf), want);
      assert.deepEqual([waiting.count, waiting.bytes], [4, 10]);
    });
  }
});

const takes: {
  name: string;
  lane?: number;
  most: number;
  maxBytes?: number;
  mixed?: boolean;
  want: number[];
}[] = [
  { name: "of its own and of nobody's", most: 32, want: [1, 4, 6, 8, 3] },
  { name: "nobody's alone", lane: 2, most: 32, want: [3] },
  { name: "all", most: 32, mixed: true, want: [1, 4, 6, 8, 2, 5, 7, 3] },
  { name: "all, others first", lane: 1, most: 32, mixed: true, want: [2, 5, 7, 1, 4, 6, 8, 3] },
  { name: "in equal parts", most: 3, want: [1, 4, 6] },
  { name: "in equal parts, mixed", most: 7, mixed: true, want: [1, 4, 6, 8] },
  { name: "its own go before equal parts", most: 6, mixed: true, want: [1, 4, 6, 8] },
  { name: "others fill it up to equal parts", lane: 1, most: 6, mixed: true, want: [2, 5, 7, 1] },
  { name: "up to so many bytes", most: 32, maxBytes: 11, want: [1, 4, 6] },
  { name: "no byte more", most: 32, maxBytes: 10, want: [1, 4, 3] },
  { name: "one at least", most: 32, maxBytes: 0, want: [1] },
];

suite("a batch", () => {
  for (const { name, lane = 0, most, maxBytes = 1_000, mixed = false, want } of takes) {
    test(name, () => {
      const waiting = fill(2, [0, 1, undefined, 0, 1, 0, 1, 0]);
      assert.deepEqual(sizesOf(waiting.take(lane, { most, maxBytes, mixed })), want);
      const left = [1, 2, 3, 4, 5, 6, 7, 8].filter((size) => !want.includes(size));
      assert.deepEqual(
        waiting.lanes.flatMap(sizesOf).toSorted((a, b) => a - b),
        left,
      );
      const leftBytes = left.reduce((sum, bytes) => sum + bytes, 0);
      assert.deepEqual([waiting.count, waiting.bytes], [left.length, leftBytes]);
    });
  }
});

const orders: { name: string; deadlines: number[]; want: number[] }[] = [
  { name: "equal deadlines: the first that came", deadlines: [5, 5, 5, 5], want: [1, 2, 3, 4] },
  { name: "the nearest deadline", deadlines: [30, 10, 40, 20], want: [2, 4, 1, 3] },
  { name: "no deadline: the first that came", deadlines: [Infinity, Infinity, 7], want: [3, 1, 2] },
  {
    name: "no deadline, but waiting for a minute",
    deadlines: [Infinity, 60_000.5, 60_001.5],
    want: [1, 2, 3],
  },
];

suite("who goes first", () => {
  for (const { name, deadlines, want } of orders) {
    test(name, () => {
      const waiting = new WaitingRequests(1);
      for (const [index, deadlineMs] of deadlines.entries()) {
        const added = request(index + 1, deadlineMs);
        added.noteWaiting(index / 1_000);
        waiting.add(added, undefined);
      }
      assert.deepEqual(sizesOf(waiting.take(0, { most: 9, maxBytes: 99, mixed: true })), want);
    });
  }
});

test("how many go before a request that is due then", () => {
  const waiting = fill(2, [0, 1, undefined, 0, 1, 0, 1, 0]);
  const counts = [5, 10, 15, 40, 79, 80, Infinity].map((dueMs) => waiting.countDue(dueMs));
  assert.deepEqual(counts, [0, 1, 1, 4, 7, 8, 8]);
});

test("what is overdue is taken out of every lane", () => {
  const waiting = fill(2, [0, 1, undefined, 0]);
  assert.deepEqual(sizesOf(waiting.takeOverdue(9)), []);
  assert.deepEqual(sizesOf(waiting.takeOverdue(30)), [1, 2, 3]);
  assert.deepEqual(waiting.lanes.map(sizesOf), [[4], [], []]);
  assert.deepEqual([waiting.count, waiting.bytes], [1, 4]);
});

test("everything is taken at once", () => {
  const waiting = fill(2, [0, 1, undefined, 0]);
  assert.deepEqual(
    sizesOf(waiting.takeAll()).toSorted((a, b) => a - b),
    [1, 2, 3, 4],
  );
  assert.deepEqual([waiting.count, waiting.bytes], [0, 0]);
  assert.deepEqual(waiting.takeAll(), []);
});
