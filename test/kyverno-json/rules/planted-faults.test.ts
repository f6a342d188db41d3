import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { FunctionRow } from "../../../src/jmespath/functions/function-table.ts";
import { createBudget } from "../../../src/model/budget.ts";
import { noDeadline } from "../../../src/model/deadline.ts";
import type { JsonObject } from "../../../src/model/json.ts";
import { defaultEvaluationLimits } from "../../../src/model/limits.ts";
import { readsEverything } from "../../../src/model/payload-reads.ts";
import { createInlinePool } from "../../../src/pool/create-pool.ts";
import type { Outcome } from "../../../src/pool/dispatcher.ts";
import { loadGoodText, loadText, policyText } from "../../policy/load-text.ts";
import { nameOf, recordEvents } from "../../pool/pool-harness.ts";

function breakDown(): never {
  throw new TypeError("planted");
}

/** A function with a fault of ours in it, that a request meets. */
const broken: FunctionRow = { name: "broken", parameters: [], body: breakDown };
/** The same of one that shows while a rule is compiled. */
const unprepared: FunctionRow = {
  name: "unprepared",
  parameters: [{ types: ["string"] }],
  body: () => true,
  prepare: breakDown,
};

const payload: JsonObject = { request: { http: { method: "GET" } } };
const passes = "assert: {all: [{check: {}}]}";

/** Rules that would let everything pass, but for the fault in one of their places. */
const rules = {
  "a match": `match: {any: [{(broken()): true}]}\n${passes}`,
  "all of a match": `match: {all: [{request: {(broken()): true}}]}\n${passes}`,
  "an exclude": `exclude: {any: [{(broken()): false}]}\n${passes}`,
  "a context variable":
    "context: [{name: v, variable: (broken())}]\nassert: {all: [{check: {($v): null}}]}",
  "an identifier": `identifier: broken()\n${passes}`,
  "a key of a check": "assert: {all: [{check: {(broken()): null}}]}",
  "a leaf of a check": "assert: {all: [{check: {request: (broken())}}]}",
  "a branch of any":
    "assert: {any: [{check: {}}, {check: {(broken()): null}}], all: [{check: {(broken()): null}}]}",
  "below a `~`": "assert: {all: [{check: {~.request: {(broken()): null}}}]}",
};

suite("a fault of ours in a rule denies, and is handed on with its stack:", () => {
  for (const [place, rule] of Object.entries(rules)) {
    test(place, () => {
      const text = policyText("p", `name: r\n${rule}`, `name: s\n${passes}`);
      const policySet = loadGoodText(text, { noRuleApplies: "allow" }, [broken]);
      const { allowed, errorCode, fault = "" } = policySet.decide({ payload, sizeBytes: 0 });
      assert.deepEqual([allowed, errorCode], [false, "EVALUATION_PANIC"]);
      assert.match(fault, /^TypeError: planted\n +at breakDown /);
    });
  }

  test("and in a message, where it is thrown, for whoever decides to deny", () => {
    const rule = "name: r\nassert: {all: [{message: '{{ broken() }}', check: {a: 1}}]}";
    const policySet = loadGoodText(policyText("p", rule), {}, [broken]);
    const events = recordEvents();
    const pool = createInlinePool(
      {
        revision: "r",
        decide: (input) => policySet.decide(input),
        jwtCacheStats: () => ({ hits: 0, misses: 0, entries: 0, bytes: 0 }),
        reads: readsEverything,
        hasBoundedWork: true,
      },
      events,
    );
    const outcomes: Outcome[] = [];
    pool.dispatch({ payload, sizeBytes: 0 }, noDeadline, (outcome) => outcomes.push(outcome));
    assert.deepEqual(outcomes.map(nameOf), ["POOL_INTERNAL"]);
    assert.match(events.seen.join(), /^failed TypeError: planted/);
  });
});

test("a fault of ours in an identifier that is only shown is thrown, and not shown as a text", () => {
  const policySet = loadGoodText(policyText("p", `name: r\nidentifier: broken()\n${passes}`), {}, [
    broken,
  ]);
  const evaluate = () => policySet.evaluate(payload, createBudget(defaultEvaluationLimits));
  assert.throws(evaluate, TypeError);
});

suite("a fault of ours while a rule is compiled makes no policy set:", () => {
  const places = {
    "a match": `match: {any: [{(unprepared('x')): true}]}\n${passes}`,
    "an exclude": `exclude: {any: [{(unprepared('x')): true}]}\n${passes}`,
    "a check": "assert: {all: [{check: {(unprepared('x')): true}}]}",
    "a context variable": `context: [{name: v, variable: (unprepared('x'))}]\n${passes}`,
    "a message": `assert: {all: [{message: "{{ unprepared('x') }}", check: {}}]}`,
  };
  for (const [place, rule] of Object.entries(places)) {
    test(place, () => {
      const text = policyText("p", `name: r\n${rule}`);
      assert.throws(() => loadText(text, {}, [unprepared]), /^TypeError: planted$/);
    });
  }
});
