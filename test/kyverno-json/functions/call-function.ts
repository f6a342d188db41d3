import type { Result, Value } from "../../../src/go-values/value.ts";
import type { FunctionRow } from "../../../src/jmespath/functions/function-table.ts";
import type { Budget } from "../../../src/model/budget.ts";
import { createBudget as createNewBudget } from "../../../src/model/budget.ts";
import { EvaluationError } from "../../../src/model/evaluation-error.ts";
import { defaultEvaluationLimits, type EvaluationLimits } from "../../../src/model/limits.ts";

/** Returns a fresh budget with the default limits, some of them replaced. */
export function createBudget(limits: Partial<EvaluationLimits> = {}): Budget {
  const all = { ...defaultEvaluationLimits, ...limits };
  return createNewBudget(all);
}

/** Returns what the row of that name gives for the arguments; an error as `{ code, message }`. */
export function callFunction(
  rows: readonly FunctionRow[],
  name: string,
  args: readonly Value[],
  budget: Budget = createBudget(),
): Result | { code: string; message: string } {
  const row = rows.find((one) => one.name === name);
  if (row === undefined) throw new Error(`no function ${name}`);
  const result = row.body(args, budget);
  return result instanceof EvaluationError
    ? { code: result.code, message: result.message }
    : result;
}
