import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { suite, test } from "node:test";
import { compileExpression } from "../../src/cel/policy/compile-expression.ts";
import { CelMap } from "../../src/cel/values/map.ts";
import { CelUint, type CelValue, isList } from "../../src/cel/values/value.ts";
import { createBudget } from "../../src/model/budget.ts";
import { isEvaluationError } from "../../src/model/evaluation-error.ts";
import { defaultEvaluationLimits } from "../../src/model/limits.ts";
import { celModes } from "../conformance/cel-modes.ts";
import { cellOf, readBlocks } from "./read-examples.ts";

const text = readFileSync(new URL("../../docs/cel-policies.md", import.meta.url), "utf8");
const rows = readBlocks(text).flatMap((block) =>
  block.kind === "table" && block.header.includes("expression") ? block.rows : [],
);

/** The value as JSON, as the table shows it. */
function show(value: CelValue): unknown {
  if (typeof value === "bigint") return Number(value);
  if (value instanceof CelUint) return Number(value.value);
  if (isList(value)) return value.map(show);
  if (!(value instanceof CelMap)) return value;
  return Object.fromEntries([...value.entries()].map(([key, of]) => [show(key), show(of)]));
}

test("the guide has expressions", () => {
  assert.ok(rows.length > 20);
});

suite("expressions give what docs/cel-policies.md says", () => {
  for (const row of rows) {
    const expression = cellOf(row, "expression");
    test(`line ${row.line}: ${expression}`, () => {
      const mode = celModes.Envoy;
      const compiled = compileExpression(expression, mode.environment, defaultEvaluationLimits);
      assert.ok("root" in compiled, "it does not compile");
      const result = compiled.evaluate({
        budget: createBudget(defaultEvaluationLimits),
        nowMs: 0,
        object: mode.createObject({}, undefined),
        variables: undefined,
        locals: [],
      });
      assert.ok(!isEvaluationError(result), "it is an error");
      assert.deepEqual(show(result), JSON.parse(cellOf(row, "gives")));
    });
  }
});
