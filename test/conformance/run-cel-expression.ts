import { isDeepStrictEqual } from "node:util";
import { checkCel } from "../../src/cel/check/check.ts";
import { compileCel } from "../../src/cel/compile/compile.ts";
import { parseCel } from "../../src/cel/syntax/parse.ts";
import { CelSyntaxError } from "../../src/cel/syntax/syntax-error.ts";
import { renderType } from "../../src/cel/types/type.ts";
import { createBudget } from "../../src/model/budget.ts";
import { isEvaluationError } from "../../src/model/evaluation-error.ts";
import { defaultEvaluationLimits } from "../../src/model/limits.ts";
import { celModes, objectOf, outboundOf } from "./cel-modes.ts";
import { comparable, formatCelValue } from "./cel-values.ts";
import type { Judgement } from "./judgement.ts";
import type { CelExpressionVector, ExpectedCelResult } from "./vector.ts";

/** The moment at which the vectors are run, between those of 2020 and 2100 that their tokens name. */
export const vectorNowMs: number = Date.UTC(2026, 11, 1);

/** Compares what an expression comes to with what the Go engine made of it. */
export function judgeCelExpression(vector: CelExpressionVector): Judgement {
  const got = evaluate(vector);
  const { expect } = vector;
  return {
    agrees: isAsExpected(expect, got),
    wanted: JSON.stringify(expect),
    got: JSON.stringify(got),
  };
}

function isAsExpected(expect: ExpectedCelResult, got: ExpectedCelResult): boolean {
  if (expect.panic !== undefined) return got.compileError !== undefined || got.error !== undefined;
  if (expect.compileError !== undefined) return got.compileError !== undefined;
  if (got.type !== expect.type) return false;
  if (expect.error !== undefined) return got.error !== undefined;
  if (got.value === undefined || expect.value === undefined) return false;
  return isDeepStrictEqual(comparable(got.value), comparable(expect.value));
}

function evaluate(vector: CelExpressionVector): ExpectedCelResult {
  const mode = celModes[vector.mode];
  try {
    const root = parseCel(vector.expr, defaultEvaluationLimits.maxDepth);
    const checked = checkCel(root, mode.environment.check);
    const [fault] = checked.faults;
    if (fault !== undefined) return { compileError: fault.message };
    const run = compileCel(root, checked, { messages: mode.environment.messages });
    const result = run({
      budget: createBudget(defaultEvaluationLimits),
      nowMs: vectorNowMs,
      object: objectOf(vector),
      variables: undefined,
      outbound: outboundOf(vector),
      locals: [],
    });
    const type = renderType(checked.type);
    return isEvaluationError(result)
      ? { type, error: result.message }
      : { type, value: formatCelValue(result) };
  } catch (error) {
    if (error instanceof CelSyntaxError) return { compileError: error.message };
    throw error;
  }
}
