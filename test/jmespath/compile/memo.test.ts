import assert from "node:assert/strict";
import { test } from "node:test";
import type { Result, Value } from "../../../src/go-values/value.ts";
import type { Expression } from "../../../src/jmespath/compile/expression.ts";
import { rememberResult } from "../../../src/jmespath/compile/memo.ts";
import { rootScope, type Scope } from "../../../src/jmespath/compile/scope.ts";
import { EvaluationError } from "../../../src/model/evaluation-error.ts";
import { budgetOf } from "../evaluate.ts";

/** An expression that takes three steps, gives what `answer` says, and notes the values it is evaluated for. */
function countedExpression(answer: (value: Value) => Result = (value) => [value]): {
  readonly evaluate: Expression;
  readonly seen: Value[];
} {
  const seen: Value[] = [];
  const evaluate = rememberResult((current, scope) => {
    seen.push(current);
    scope.budget.stepsLeft -= 3;
    return answer(current);
  });
  return { evaluate, seen };
}

function freshScope(maxSteps: number = 100): Scope {
  return rootScope(budgetOf({ maxSteps }));
}

test("the same value in the same request gives the same result for the same steps", () => {
  const { evaluate, seen } = countedExpression();
  const scope = freshScope();
  const first = evaluate("a", scope);
  assert.equal(evaluate("a", scope), first);
  assert.deepEqual(seen, ["a"]);
  assert.equal(scope.budget.stepsLeft, 94);
});

test("an error is remembered as well", () => {
  const error = new EvaluationError("EVALUATION_VALUE", "no");
  const { evaluate, seen } = countedExpression(() => error);
  const scope = freshScope();
  assert.equal(evaluate(1, scope), error);
  assert.equal(evaluate(1, scope), error);
  assert.deepEqual(seen, [1]);
});

test("another value and an equal object are evaluated anew", () => {
  const { evaluate, seen } = countedExpression();
  const scope = freshScope();
  for (const value of ["a", "b", { a: 1 }, { a: 1 }, 0, -0]) evaluate(value, scope);
  assert.equal(seen.length, 6);
});

test("another request remembers nothing", () => {
  const { evaluate, seen } = countedExpression();
  evaluate("a", freshScope());
  evaluate("a", freshScope());
  assert.deepEqual(seen, ["a", "a"]);
});

test("two expressions do not answer for each other", () => {
  const one = countedExpression(() => 1);
  const two = countedExpression(() => 2);
  const scope = freshScope();
  assert.equal(one.evaluate("a", scope), 1);
  assert.equal(two.evaluate("a", scope), 2);
});

test("what is remembered ends with the budget too", () => {
  const { evaluate } = countedExpression();
  const scope = freshScope(5);
  assert.deepEqual(evaluate("a", scope), ["a"]);
  const second = evaluate("a", scope);
  assert.ok(second instanceof EvaluationError);
  assert.equal(second.code, "EVALUATION_STEP_LIMIT");
});

test("what is remembered costs its bytes again", () => {
  const evaluate = rememberResult((_, { budget }) => {
    budget.bytesLeft -= 60;
    return "a";
  });
  const scope = rootScope(budgetOf({ maxEvaluationBytes: 100 }));
  assert.equal(evaluate(1, scope), "a");
  const second = evaluate(1, scope);
  assert.ok(second instanceof EvaluationError);
  assert.equal(second.code, "EVALUATION_BYTE_LIMIT");
});
