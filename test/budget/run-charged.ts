import assert from "node:assert/strict";
import type { Result, Value } from "../../src/go-values/value.ts";
import { compileExpression } from "../../src/jmespath/compile/compile.ts";
import { childScope, rootScope, type Scope } from "../../src/jmespath/compile/scope.ts";
import type { FunctionRow } from "../../src/jmespath/functions/function-table.ts";
import type { Budget } from "../../src/model/budget.ts";
import type { EvaluationLimits } from "../../src/model/limits.ts";
import { allFunctions } from "../fuzz/engine-table.ts";

/** A budget that remembers what was paid: one that bytes have ended has no steps left either. */
export class CountedBudget implements Budget {
  readonly limits: EvaluationLimits;
  bytesLeft: number;
  /** Steps that were taken, not those that went with the last byte. */
  paidSteps = 0;
  #stepsLeft: number;

  constructor(limits: EvaluationLimits) {
    this.limits = limits;
    this.#stepsLeft = limits.maxSteps;
    this.bytesLeft = limits.maxEvaluationBytes;
  }

  get stepsLeft(): number {
    return this.#stepsLeft;
  }

  set stepsLeft(value: number) {
    if (value !== -1) this.paidSteps += this.#stepsLeft - value;
    this.#stepsLeft = value;
  }

  get paidBytes(): number {
    return this.limits.maxEvaluationBytes - this.bytesLeft;
  }
}

/** The result, the cost and the charge of an evaluation. */
export interface Charged {
  readonly result: Result;
  readonly cpuMs: number;
  readonly budget: CountedBudget;
}

/** Evaluates the expression for null, with the variables. */
export function runCharged(
  text: string,
  variables: Readonly<Record<string, Value>>,
  limits: EvaluationLimits,
): Charged {
  const { evaluate, faults } = compileExpression(text, allFunctions, limits);
  assert.deepEqual(faults, [], text);
  const budget = new CountedBudget(limits);
  const scope = scopeOf(budget, variables);
  const before = process.cpuUsage();
  const result = evaluate(null, scope);
  const { user, system } = process.cpuUsage(before);
  return { result, cpuMs: (user + system) / 1_000, budget };
}

/** Returns a scope with the variables. */
export function scopeOf(budget: Budget, variables: Readonly<Record<string, Value>>): Scope {
  let scope = rootScope(budget);
  for (const [name, value] of Object.entries(variables)) scope = childScope(scope, name, value);
  return scope;
}

/** Returns the call of the function with what `$args` holds. */
export function callText(row: FunctionRow, args: readonly Value[]): string {
  const texts = args.map((_, i) => {
    const isReference = row.parameters[i]?.types.includes("expref") === true;
    return isReference ? "&to_string(@)" : `$args[${i}]`;
  });
  return `${row.name}(${texts.join(", ")})`;
}
