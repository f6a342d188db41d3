import assert from "node:assert/strict";
import { suite, type TestContext, test } from "node:test";
import type { CheckRecord } from "../../../src/model/check-record.ts";
import { Deadline } from "../../../src/model/deadline.ts";
import { readsEverything } from "../../../src/model/payload-reads.ts";
import { RequestError } from "../../../src/payload/request-error.ts";
import { type Dispatcher, type Outcome, PoolError } from "../../../src/pool/dispatcher.ts";
import type { Answer } from "../../../src/server/check/answer.ts";
import {
  type DoorRequest,
  type JudgeOptions,
  judge,
} from "../../../src/server/check/answer-check.ts";
import { allowed, createFakeDispatcher } from "../../support/fake-dispatcher.ts";
import { createFakeRecorder } from "../../support/fake-recorder.ts";

/** What comes of a request: what was sent, which faults were reported, what was counted, what was dispatched. */
function judgeOne(request: Partial<DoorRequest>, options: Partial<JudgeOptions> = {}) {
  const { records: _, ...rest } = observeOne(request, options);
  return rest;
}

/** The one record of a request. */
function recordOf(request: Partial<DoorRequest>, options: Partial<JudgeOptions> = {}): CheckRecord {
  const [record, ...others] = observeOne(request, options).records;
  assert.ok(record !== undefined && others.length === 0);
  return record;
}

function observeOne(request: Partial<DoorRequest>, options: Partial<JudgeOptions>) {
  const sent: Answer[] = [];
  const faults: string[] = [];
  const recorder = createFakeRecorder();
  const dispatcher = createFakeDispatcher((done) => done(allowed));
  judge(
    {
      door: "http",
      normalize: () => ({ payload: {}, sizeBytes: 1 }),
      deadline: undefined,
      isGone: () => false,
      send: (answer) => void sent.push(answer),
      ...request,
    },
    {
      dispatcher,
      observer: recorder,
      defaultDeadlineMs: 1_000,
      deadlineMarginMs: 0,
      shed: "deny",
      showReason: true,
      onFault: (where, error) => void faults.push(`${where}: ${String(error)}`),
      ...options,
    },
  );
  const answers = sent.map(({ kind, reason }) => `${kind} ${reason}`);
  return {
    answers,
    faults,
    lines: recorder.lines,
    dispatched: dispatcher.seen.length,
    records: recorder.records,
  };
}

const fault = (): never => {
  throw new Error("odd");
};

suite("a fault of our own is a denial, is reported, and is counted", () => {
  test("while the request is read", () => {
    assert.deepEqual(judgeOne({ normalize: fault }), {
      answers: ["forbidden POOL_INTERNAL"],
      faults: ["read: Error: odd"],
      lines: ["started", "http deny POOL_INTERNAL true"],
      dispatched: 0,
    });
  });

  test("while it is asked what policies read", () => {
    const dispatcher = { ...createFakeDispatcher(fault), serving: fault };
    const reading = { serving: () => ({ ...dispatcher, reads: fault }) };
    for (const each of [dispatcher, reading]) {
      const { answers, faults, lines } = judgeOne({}, { dispatcher: each });
      assert.deepEqual(answers, ["forbidden POOL_INTERNAL"]);
      assert.deepEqual(faults, ["judge: Error: odd"]);
      assert.deepEqual(lines, ["started", "http deny POOL_INTERNAL true"]);
    }
  });

  test("while the answer is sent: what is sent instead is no allow", () => {
    const sent: Answer[] = [];
    const send = (answer: Answer): void => {
      sent.push(answer);
      if (answer.kind === "allow") fault();
    };
    const { faults, lines } = judgeOne({ send });
    assert.deepEqual(
      sent.map(({ kind }) => kind),
      ["allow", "forbidden"],
    );
    assert.deepEqual(faults, ["answer: Error: odd"]);
    assert.deepEqual(lines, ["started", "http deny POOL_INTERNAL true"]);
  });
});

test("the request is read once, for what the policies that judge it read", () => {
  const seen: unknown[] = [];
  const normalize: DoorRequest["normalize"] = (reads) => {
    seen.push(reads);
    return { payload: {}, sizeBytes: 1 };
  };
  const { answers, dispatched } = judgeOne({ normalize });
  assert.deepEqual([answers, dispatched], [["allow passed"], 1]);
  assert.deepEqual(seen, [readsEverything]);
});

test("a caller that has gone is counted, and sent nothing", () => {
  const { answers, lines } = judgeOne({ isGone: () => true });
  assert.deepEqual([answers, lines], [[], ["started", "http abandoned"]]);
});

function failToAllow({ kind }: Answer): void {
  if (kind === "allow") fault();
}

suite("what observers are told of a request that is answered", () => {
  const input = { payload: { request: {} }, sizeBytes: 7 };

  test("what was judged, by which policies, and what came of it", () => {
    const { startedMs, answeredMs, ...record } = recordOf({ normalize: () => input });
    assert.deepEqual(record, {
      door: "http",
      verdict: "allow",
      reason: "passed",
      input,
      decision: allowed,
      revision: "r",
    });
    assert.ok(answeredMs >= startedMs);
  });

  test("no input where it could not be read, and no decision where there is none", () => {
    const unread = recordOf({ normalize: () => new RequestError("REQUEST_MALFORMED") });
    assert.deepEqual([unread.input, unread.decision], [undefined, undefined]);
    const dispatcher = createFakeDispatcher((done) => {
      done(new PoolError("POOL_QUEUE_FULL"));
    });
    const shed = recordOf({ normalize: () => input }, { dispatcher });
    assert.deepEqual([shed.input, shed.decision, shed.verdict], [input, undefined, "deny"]);
  });

  test("the answer that was sent, where that is another than the decision's", () => {
    const { verdict, decision } = recordOf({ send: failToAllow });
    assert.deepEqual([verdict, decision], ["deny", allowed]);
  });
});

/** A request that waits for its dispatcher at 500 ms, with a caller that gives up at 600 ms, 20 ms of them for the answer. */
function wait(t: TestContext, dropOverdue: Dispatcher["dropOverdue"]) {
  t.mock.method(performance, "now", () => 500);
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const outcomes: ((outcome: Outcome) => void)[] = [];
  const dispatcher = { ...createFakeDispatcher((done) => outcomes.push(done)), dropOverdue };
  const answers: string[] = [];
  const faults: string[] = [];
  judge(
    {
      door: "http",
      normalize: () => ({ payload: {}, sizeBytes: 1 }),
      deadline: new Deadline(600),
      isGone: () => false,
      send: ({ kind, reason }) => void answers.push(`${kind} ${reason}`),
    },
    {
      dispatcher: { serving: () => dispatcher },
      observer: createFakeRecorder(),
      defaultDeadlineMs: 1_000,
      deadlineMarginMs: 20,
      shed: "deny",
      showReason: true,
      onFault: (where, error) => void faults.push(`${where}: ${String(error)}`),
    },
  );
  return { answers, faults, finish: (outcome: Outcome) => outcomes.at(-1)?.(outcome) };
}

suite("the door owns the deadline", () => {
  test("and tells the dispatcher what is over before it answers by itself", (t) => {
    const dropped: number[] = [];
    const waiting = wait(t, (nowMs) => void dropped.push(nowMs));
    t.mock.timers.tick(79);
    assert.deepEqual([waiting.answers, dropped], [[], []]);
    t.mock.timers.tick(1);
    assert.deepEqual([waiting.answers, dropped], [["unavailable POOL_DEADLINE"], [580]]);
    waiting.finish(allowed);
    assert.deepEqual(waiting.answers, ["unavailable POOL_DEADLINE"]);
  });

  test("and takes the dispatcher's refusal for the answer, once", (t) => {
    const waiting = wait(t, () => waiting.finish(new PoolError("POOL_CLOSED")));
    t.mock.timers.tick(80);
    assert.equal(waiting.answers.length, 1);
    assert.match(waiting.answers.join(), /POOL_CLOSED/);
  });

  test("and answers where the dispatcher fails to drop what is over", (t) => {
    const waiting = wait(t, fault);
    t.mock.timers.tick(80);
    assert.deepEqual(waiting.answers, ["unavailable POOL_DEADLINE"]);
    assert.deepEqual(waiting.faults, ["judge: Error: odd"]);
  });

  test("and stops its timer with the answer", (t) => {
    const dropped: number[] = [];
    const waiting = wait(t, (nowMs) => void dropped.push(nowMs));
    waiting.finish(allowed);
    t.mock.timers.tick(10_000);
    assert.deepEqual([waiting.answers, dropped], [["allow passed"], []]);
  });
});
