import { GoInt, ItemsArray, type Result, type Value } from "../../src/go-values/value.ts";
import { compileExpression } from "../../src/jmespath/compile/compile.ts";
import { childScope, rootScope } from "../../src/jmespath/compile/scope.ts";
import { coreFunctions } from "../../src/jmespath/functions/core-functions.ts";
import {
  createFunctionTable,
  type FunctionTable,
} from "../../src/jmespath/functions/function-table.ts";
import { type Budget, createBudget } from "../../src/model/budget.ts";
import { EvaluationError } from "../../src/model/evaluation-error.ts";
import { defaultEvaluationLimits, type EvaluationLimits } from "../../src/model/limits.ts";

/** The core functions, one that makes a Go int, one that makes a typed array, and one that takes anything. */
export const testTable: FunctionTable = createFunctionTable([
  ...coreFunctions,
  { name: "int", parameters: [{ types: ["number"] }], body: ([n]) => new GoInt(Number(n)) },
  {
    name: "typed",
    parameters: [{ types: ["array"] }],
    body: ([array = null]) => new ItemsArray(Array.isArray(array) ? array : []),
  },
  { name: "now", parameters: [], body: () => "now" },
]);

/** Returns a budget with the default limits, or some of them changed. */
export function budgetOf(limits: Partial<EvaluationLimits> = {}): Budget {
  const merged = { ...defaultEvaluationLimits, ...limits };
  return createBudget(merged);
}

/** Returns what the expression gives for the value and the variables. */
export function evaluate(
  expression: string,
  current: Value = null,
  variables: { readonly [name: string]: Value } = {},
  budget: Budget = budgetOf(),
): Result {
  let scope = rootScope(budget);
  for (const [name, value] of Object.entries(variables)) scope = childScope(scope, name, value);
  return compileExpression(expression, testTable, budget.limits).evaluate(current, scope);
}

/** Returns the same, an error shown as `CODE: text`. */
export function outcome(expression: string, current: Value = null): unknown {
  const result = evaluate(expression, current);
  return result instanceof EvaluationError ? `${result.code}: ${result.message}` : result;
}
