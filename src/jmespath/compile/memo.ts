import { charge, spend } from "../../model/step-limit.ts";
import type { Expression } from "./expression.ts";

/**
 * Returns the expression with a memory that lasts for a request: branches and rules that ask the same of the same value get
 * the first answer, and pay the same for it.
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
      return spend(budget, known.steps) ?? charge(budget, known.bytes) ?? known.result;
    }
    const { stepsLeft, bytesLeft } = budget;
    const result = evaluate(current, scope);
    const steps = stepsLeft - budget.stepsLeft;
    const bytes = bytesLeft - budget.bytesLeft;
    budget.memo.set(evaluate, { current, result, steps, bytes });
    return result;
  };
}
