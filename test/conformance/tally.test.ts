import assert from "node:assert/strict";
import { test } from "node:test";
import { type Finding, formatFinding, formatTally, isPassed, isTextFault } from "./tally.ts";

function finding(agrees: boolean, textsEqual?: boolean, of?: "verdict" | "text"): Finding {
  return {
    title: "file: id",
    kind: "expr",
    judgement: {
      agrees,
      wanted: "W".repeat(9),
      got: "G",
      ...(textsEqual !== undefined && { textsEqual }),
    },
    ...(of !== undefined && { difference: { of, reason: "it is not deterministic" } }),
  };
}

const cases = [
  { name: "agrees", input: finding(true), passed: true, textFault: false },
  { name: "agrees with its text", input: finding(true, true), passed: true, textFault: false },
  { name: "agrees but for its text", input: finding(true, false), passed: true, textFault: true },
  { name: "differs", input: finding(false), passed: false, textFault: false },
  {
    name: "differs as listed",
    input: finding(false, undefined, "verdict"),
    passed: true,
    textFault: false,
  },
  {
    name: "agrees though listed",
    input: finding(true, true, "verdict"),
    passed: false,
    textFault: false,
  },
  {
    name: "text differs as listed",
    input: finding(true, false, "text"),
    passed: true,
    textFault: false,
  },
  {
    name: "text agrees though listed",
    input: finding(true, true, "text"),
    passed: false,
    textFault: false,
  },
  {
    name: "verdict differs, text listed",
    input: finding(false, false, "text"),
    passed: false,
    textFault: false,
  },
];

test("a finding passes when it is as it has to be", async (t) => {
  for (const { name, input, passed, textFault } of cases) {
    await t.test(name, () => {
      assert.equal(isPassed(input), passed);
      assert.equal(isTextFault(input), textFault);
    });
  }
});

test("the tally counts by kind and ends with passed and failed", () => {
  assert.deepEqual(formatTally(cases.map(({ input }) => input)), [
    "expr       6 of 9 agree; texts: 3 equal, 2 differ",
    "5 listed as different from the Go engine",
    "5 passed, 4 failed",
  ]);
});

test("a finding is shown with what was wanted and what came, cut to length", () => {
  assert.deepEqual(formatFinding(finding(false, undefined, "verdict"), 3), [
    "file: id (listed as different: it is not deterministic)",
    "  wanted WWW…",
    "  got    G",
  ]);
});
