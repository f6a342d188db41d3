import {
  type CompiledExpression,
  compileExpression,
  type Expression,
} from "../jmespath/compile.ts";
import type { FunctionTable } from "../jmespath/function-table.ts";
import { rememberResult } from "../jmespath/memo.ts";
import type { EvaluationLimits, EvaluationPlan } from "../model/limits.ts";

/** Gives the compiled expression for a text; never throws. */
export type ExpressionCompiler = (text: string) => CompiledExpression;

/**
 * A compiler that compiles each text once, however many branches, rules and policies hold it. What they share is also
 * evaluated once a request and value, where the result cannot tell and the expression calls a function at all:
 * reading fields costs no more than remembering them. The plain plan remembers nothing.
 */
export function createExpressionCompiler(
  functions: FunctionTable,
  limits: EvaluationLimits,
  plan: EvaluationPlan = "planned",
): ExpressionCompiler {
  const known = new Map<string, { readonly compiled: CompiledExpression; share: () => void }>();
  return (text) => {
    const met = known.get(text);
    if (met !== undefined) {
      met.share();
      return met.compiled;
    }
    const compiled = compileExpression(text, functions, limits, plan);
    if (plan === "plain" || !isWorthRemembering(compiled)) {
      known.set(text, { compiled, share: () => undefined });
      return compiled;
    }
    let evaluate: Expression = compiled.evaluate;
    const shareable: CompiledExpression = {
      ...compiled,
      evaluate: (current, scope) => evaluate(current, scope),
    };
    const share = (): void => {
      evaluate = rememberResult(compiled.evaluate);
    };
    known.set(text, { compiled: shareable, share });
    return shareable;
  };
}

function isWorthRemembering({ calls, variables }: CompiledExpression): boolean {
  const isSettled = calls.every((row) => row.isVolatile !== true);
  return calls.length > 0 && variables.length === 0 && isSettled;
}
