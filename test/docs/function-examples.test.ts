import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { suite, test } from "node:test";
import { formatJson } from "../../src/go-values/json-text.ts";
import { compileExpression } from "../../src/jmespath/compile/compile.ts";
import { childScope, rootScope } from "../../src/jmespath/compile/scope.ts";
import { isEvaluationError } from "../../src/model/evaluation-error.ts";
import type { JsonValue } from "../../src/model/json.ts";
import { defaultEvaluationLimits } from "../../src/model/limits.ts";
import { createEngine } from "../conformance/engine.ts";
import { caPem } from "../kyverno-json/functions/certificates.ts";
import { cellOf, type Fence, readBlocks, type TableRow, valueOf } from "./read-examples.ts";

const guide = new URL("../../docs/policy-language.md", import.meta.url);
const blocks = readBlocks(readFileSync(guide, "utf8"));
/** The clock stands at 2026-01-01T00:00:00Z. */
const { functions, createBudget } = createEngine();

/** The result as the guide writes it: JSON, or `error: ` and the text. */
function evaluate(expression: string, value: JsonValue): string {
  const compiled = compileExpression(expression, functions, defaultEvaluationLimits);
  const scope = childScope(rootScope(createBudget()), "payload", value);
  const result = compiled.evaluate(value, scope);
  const text = isEvaluationError(result) ? result : formatJson(result);
  return typeof text === "string" ? text : `error: ${text.message}`;
}

/** The same form of what a cell says. */
function expectation(cell: string): string {
  const text = cell.startsWith("error: ") ? undefined : formatJson(JSON.parse(cell));
  return typeof text === "string" ? text : cell;
}

interface Example {
  readonly row: TableRow;
  readonly expression: string;
  readonly value: JsonValue;
}

/** The rows of all tables with the column, with the value that stands above them. */
function examplesIn(column: string): readonly Example[] {
  let fence: Fence | undefined;
  return blocks.flatMap((block) => {
    if (block.kind === "fence") {
      fence = block.info === "json value" ? block : fence;
      return [];
    }
    if (!block.header.includes(column)) return [];
    const value = { ...Object(valueOf(fence)), certificate: caPem };
    return block.rows.map((row) => ({ row, expression: cellOf(row, column), value }));
  });
}

test("the guide lists every function, and no other", () => {
  const signatures = examplesIn("function").map(({ row }) => cellOf(row, "function"));
  const listed = signatures.map((signature) => signature.replace(/\(.*$/, ""));
  assert.equal(new Set(listed).size, listed.length);
  assert.deepEqual(listed.toSorted(), [...functions.keys()].toSorted());
});

test("the guide gives every function's parameters", () => {
  for (const { row } of examplesIn("function")) {
    const [, name = "", list = ""] = /^(\w+)\((.*)\)$/.exec(cellOf(row, "function")) ?? [];
    const given = list === "" ? [] : list.split(", ").map((parameter) => parameter.at(-1));
    const wanted = functions.get(name)?.parameters.map(({ optional, variadic }) => {
      return optional === true ? "?" : variadic === true ? "…" : undefined;
    });
    const marks = given.map((end) => (end === "?" || end === "…" ? end : undefined));
    assert.deepEqual(marks, wanted, name);
  }
});

for (const column of ["example", "expression"]) {
  suite(`the guide's results hold: ${column}`, () => {
    for (const { row, expression, value } of examplesIn(column)) {
      test(`line ${row.line}: ${expression}`, () => {
        assert.equal(evaluate(expression, value), expectation(cellOf(row, "result")));
      });
    }
  });
}
