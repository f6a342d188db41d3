import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { compileExpression } from "../../../src/cel/policy/compile-expression.ts";
import { isBounded } from "../../../src/cel/policy/work-bounds.ts";
import { createEvaluator } from "../../../src/evaluator/evaluator.ts";
import { defaultEvaluationLimits, defaultPolicyOptions } from "../../../src/model/limits.ts";
import { createSnapshot } from "../../../src/sources/files/read-policy-files.ts";
import { celModes } from "../../conformance/cel-modes.ts";

const bounded = [
  'object.attributes.request.http.headers[?"x-a"].orValue("") == "1"',
  'object.attributes.request.http.path.startsWith("/a") && object.attributes.request.http.method in ["GET", "HEAD"]',
  'object.attributes.request.http.path.matches("^/a(b|c)*$")',
  '["/a", "/b"].exists(p, object.attributes.request.http.path.startsWith(p))',
  'cel.bind(h, object.attributes.request.http.headers, h["a"] + h["b"] == "x")',
];

const unbounded = [
  "object.attributes.request.http.headers.exists(n, n == 'x')",
  "[1, 2].all(a, [3, 4].exists(b, a < b))",
  "lists.range(1000).size() == object.attributes.request.http.path.size()",
  "object.attributes.request.http.path.replace('a', 'bb') == ''",
  "object.attributes.request.http.path.split('/').join('//') == ''",
];

test("the sample policy is evaluated beside other work", () => {
  const text = readFileSync(new URL("../../../policies/cel-book.yaml", import.meta.url), "utf8");
  const { evaluator } = createEvaluator(
    createSnapshot([{ path: "cel-book.yaml", text }]),
    defaultPolicyOptions,
  );
  assert.equal(evaluator?.hasBoundedWork, true);
});

test("work is bounded where nothing goes through what a request makes longer", () => {
  for (const text of bounded) assert.equal(judge(text), true, text);
  for (const text of unbounded) assert.equal(judge(text), false, text);
});

const { environment } = celModes.Envoy;

function judge(text: string): boolean {
  const compiled = compileExpression(text, environment, defaultEvaluationLimits);
  assert.ok("root" in compiled, text);
  return isBounded(compiled.root, compiled.checked);
}
