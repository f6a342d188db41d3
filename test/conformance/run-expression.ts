import type { Result } from "../../src/go-values/value.ts";
import { compileExpression } from "../../src/jmespath/compile/compile.ts";
import { childScope, rootScope, type Scope } from "../../src/jmespath/compile/scope.ts";
import type { FunctionTable } from "../../src/jmespath/functions/function-table.ts";
import { createBudget } from "../../src/model/budget.ts";
import { EvaluationError } from "../../src/model/evaluation-error.ts";
import { defaultEvaluationLimits, type EvaluationPlan } from "../../src/model/limits.ts";
import { errorClassOf } from "./compare-rules.ts";
import { canonicalText, formatGoValue, parseGoValue } from "./go-values.ts";
import type { Judgement } from "./judgement.ts";
import type { ExpectedResult, ExpressionVector } from "./vector.ts";

const limits = defaultEvaluationLimits;

/** Returns how the expression's result compares with the Go engine's. */
export function judgeExpression(
  vector: ExpressionVector,
  functions: FunctionTable,
  plan: EvaluationPlan = "planned",
): Judgement {
  const { evaluate } = compileExpression(vector.expression, functions, limits, plan);
  return compareResult(vector.expect, evaluate(parseGoValue(vector.input), scopeOf(vector)));
}

/** Returns how a result compares with what is expected; where the Go process crashed, any error will do. */
export function compareResult(expect: ExpectedResult, result: Result): Judgement {
  const anyOrder = expect.arrayOrder === "any";
  if (expect.value !== undefined) {
    const wanted = canonicalText(expect.value, anyOrder);
    const got = formatResult(result, anyOrder);
    return { agrees: got === wanted, wanted, got };
  }
  const wanted = `${expect.errorClass}: ${expect.error ?? expect.panic}`;
  const got = formatResult(result, false);
  if (!(result instanceof EvaluationError)) return { agrees: false, wanted, got };
  if (expect.panic !== undefined) return { agrees: true, wanted, got };
  const agrees = errorClassOf(result.code) === expect.errorClass;
  const isComparable = expect.textStable !== false;
  return {
    agrees,
    wanted,
    got,
    ...(isComparable && { textsEqual: result.message === expect.error }),
  };
}

function formatResult(result: Result, anyOrder: boolean): string {
  return result instanceof EvaluationError
    ? `${errorClassOf(result.code)}: ${result.message}`
    : canonicalText(formatGoValue(result), anyOrder);
}

/** The vector's bindings as variables; there is no root document. */
function scopeOf(vector: ExpressionVector): Scope {
  let scope = rootScope(createBudget(limits));
  for (const [name, value] of Object.entries(vector.bindings ?? {})) {
    scope = childScope(scope, name.replace(/^\$/, ""), parseGoValue(value));
  }
  return scope;
}
