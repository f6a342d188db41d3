import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { CheckRecord } from "../../../src/model/check-record.ts";
import { readsEverything } from "../../../src/model/payload-reads.ts";
import { RequestError } from "../../../src/payload/request-error.ts";
import { PoolError } from "../../../src/pool/dispatcher.ts";
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
      deadlineMs: undefined,
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
