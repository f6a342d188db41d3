import assert from "node:assert/strict";
import { test } from "node:test";
import { TurnClock } from "../../../src/transport/http2/turn-clock.ts";
import { controlLoopTime } from "../../support/loop-time.ts";

const nextTurn = (): Promise<void> => new Promise(setImmediate);

test("a turn clock knows since when the loop has not looked", async (t) => {
  const time = controlLoopTime(t);
  const turns = new TurnClock(time);
  /** Begins a turn after the loop has worked and slept; since when it has not looked. */
  const turn = async (workMs: number, restMs: number): Promise<number> => {
    await nextTurn();
    time.work(workMs);
    time.rest(restMs);
    turns.now();
    return turns.unseenSinceMs - time.nowMs();
  };
  assert.equal(await turn(7, 0), -7);
  assert.equal(await turn(0, 50), 0);
  assert.equal(await turn(50, 0), -50);
  assert.equal(await turn(30, 1_000), -30);
  assert.equal(await turn(0, 0), 0);
});

test("the loop's own account of its sleep may be ahead of the time", async (t) => {
  const time = controlLoopTime(t);
  let aheadMs = 0;
  const turns = new TurnClock({ ...time, idleMs: () => time.idleMs() + aheadMs });
  aheadMs = 3;
  turns.now();
  assert.equal(turns.unseenSinceMs, time.nowMs());
});

test("a turn keeps its number and its time until it ends", async (t) => {
  const time = controlLoopTime(t);
  const turns = new TurnClock(time);
  const first = turns.now();
  time.work(10);
  assert.equal(turns.now(), first);
  assert.equal(turns.unseenSinceMs, time.nowMs() - 10);
  await nextTurn();
  assert.equal(turns.now(), first + 1);
});
