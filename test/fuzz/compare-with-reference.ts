import { isPlainArray, isPlainObject } from "../../src/go-values/semantics.ts";
import {
  ExpressionReference,
  ItemsArray,
  type Result,
  type Value,
} from "../../src/go-values/value.ts";
import { compileExpression } from "../../src/jmespath/compile/compile.ts";
import { parseExpression } from "../../src/jmespath/syntax/parse-expression.ts";
import { isEvaluationError } from "../../src/model/evaluation-error.ts";
import { defaultEvaluationLimits } from "../../src/model/limits.ts";
import { isLimitError } from "../../src/model/step-limit.ts";
import { interpret } from "../support/reference-interpreter.ts";
import { allFunctions, freshBudget, scopeWith } from "./engine-table.ts";

const limits = defaultEvaluationLimits;

/** The results of the compiled expression and of the reference interpreter; comparable by deep equality. */
export interface BothResults {
  readonly compiled: unknown;
  readonly reference: unknown;
  /** Whether a limit ended the compiled one: only its steps are counted, so there is nothing to compare. */
  readonly isLimited: boolean;
}

/** Evaluates the expression both ways, each with a budget of its own. */
export function evaluateBoth(
  text: string,
  current: Value,
  variables: ReadonlyMap<string, Value>,
): BothResults {
  const { evaluate } = compileExpression(text, allFunctions, limits);
  const compiled = evaluate(current, scopeWith(variables, freshBudget()));
  const isLimited = isEvaluationError(compiled) && isLimitError(compiled);
  if (isLimited) return { compiled, reference: undefined, isLimited };
  const ast = parseExpression(text, limits.maxDepth);
  const reference = isEvaluationError(ast)
    ? ast
    : interpret(ast, current, { table: allFunctions, budget: freshBudget(), variables });
  return { compiled: comparable(compiled), reference: comparable(reference), isLimited };
}

/** Returns the result itself, but all expression references in it alike: they hold closures. What clients are told is left out. */
export function comparable(result: Result): unknown {
  if (result instanceof ExpressionReference) return "an expression reference";
  if (result instanceof ItemsArray) return ["items()", result.items.map(comparable)];
  if (isEvaluationError(result)) return { code: result.code, message: result.message };
  if (isPlainArray(result)) return result.map(comparable);
  if (!isPlainObject(result)) return result;
  return Object.fromEntries(Object.entries(result).map(([key, item]) => [key, comparable(item)]));
}
