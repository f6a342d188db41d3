import type { Expression } from "./expression.ts";
import { stepLimitError } from "./step-limit.ts";

/**
 * The expression with a memory that lasts for a request: branches and rules that ask the same of the same value get
 * the first answer, and pay the same steps for it.
 *
 * Right only where the result depends on the current value alone: the expression reads no variable from outside and
 * calls no volatile function.
 */
export function rememberResult(evaluate: Expression): Expression {
  return (current, scope) => {
    const { budget } = scope;
    budget.memo ??= new Map();
    const known = budget.memo.get(evaluate);
    if (known !== undefined && Object.is(known.current, current)) {
      return (budget.stepsLeft -= known.steps) < 0 ? stepLimitError : known.result;
    }
    const stepsBefore = budget.stepsLeft;
    const result = evaluate(current, scope);
    budget.memo.set(evaluate, { current, result, steps: stepsBefore - budget.stepsLeft });
    return result;
  };
}
