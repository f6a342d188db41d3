import assert from "node:assert/strict";
import { test } from "node:test";
import type { FunctionRow } from "../../../src/jmespath/functions/function-table.ts";
import { createBudget } from "../../../src/model/budget.ts";
import { defaultEvaluationLimits as limits } from "../../../src/model/limits.ts";
import { loadGoodText, policyText } from "../../policy/load-text.ts";

/** A policy of two rules with two branches each, all of which hold the statement against the same header. */
function fourTimes(statement: string): string {
  const branch = (want: number): string => `check: { token: { (${statement}): ${want} } }`;
  const rule = (name: string): string =>
    `name: ${name}\nassert:\n  any:\n    - ${branch(-1)}\n    - ${branch(0)}`;
  return policyText("p", rule("one"), rule("two"));
}

/** A function that gives how long a text is and counts its calls. No branch holds. */
function countingRow(isVolatile: boolean): {
  readonly row: FunctionRow;
  readonly calls: unknown[];
} {
  const calls: unknown[] = [];
  const row: FunctionRow = {
    name: "costly",
    parameters: [{ types: ["string"] }],
    body: ([text]) => {
      calls.push(text);
      return 7;
    },
    ...(isVolatile ? { isVolatile } : {}),
  };
  return { row, calls };
}

const cases = [
  { name: "the same call is made once", statement: "costly(@)", isVolatile: false, want: 1 },
  { name: "a volatile one each time", statement: "costly(@)", isVolatile: true, want: 4 },
  {
    name: "and one that reads a variable from outside",
    statement: "costly($payload.token)",
    isVolatile: false,
    want: 4,
  },
  {
    name: "its own variables do not matter",
    statement: "let $t = @ in costly($t)",
    isVolatile: false,
    want: 1,
  },
];

for (const { name, statement, isVolatile, want } of cases) {
  test(`in branches and rules of one request: ${name}`, () => {
    const { row, calls } = countingRow(isVolatile);
    const policySet = loadGoodText(fourTimes(statement), {}, [row]);
    const results = policySet.evaluate(
      { token: "t" },
      createBudget({ ...limits, maxSteps: 1_000 }),
    );
    assert.deepEqual(
      results.map(({ status }) => status),
      ["fail", "fail"],
    );
    assert.equal(calls.length, want);
  });
}

test("the next request with an equal token asks again", () => {
  const { row, calls } = countingRow(false);
  const policySet = loadGoodText(fourTimes("costly(@)"), {}, [row]);
  policySet.decide({ payload: { token: "t" }, sizeBytes: 0 });
  policySet.decide({ payload: { token: "t" }, sizeBytes: 0 });
  assert.deepEqual(calls, ["t", "t"]);
});

function stepsFor(statement: string): number {
  const budget = createBudget({ ...limits, maxSteps: 1_000 });
  const functions = [countingRow(false).row];
  loadGoodText(fourTimes(statement), {}, functions).evaluate({ token: "t" }, budget);
  return 1_000 - budget.stepsLeft;
}

test("a request pays for each of the branches", () => {
  // The same nodes, but what reads `$payload` is never shared.
  assert.equal(stepsFor("costly(@) || @"), stepsFor("costly(@) || $payload"));
});
