import type { Result, Value } from "../../go-values/value.ts";
import type { Budget } from "../../model/budget.ts";

/** What an expression came to when it was last evaluated, and what that took. */
interface Remembered {
  readonly current: Value;
  readonly result: Result;
  readonly steps: number;
  readonly bytes: number;
}

/** A budget together with what the request's expressions came to so far; see `memo.ts`. */
interface ScopeBudget extends Budget {
  memo?: Map<object, Remembered>;
}

/** A variable's value that is computed when it is first read, and then kept. */
export class LazyResult {
  #compute: (() => Result) | undefined;
  #result: Result = null;

  constructor(compute: () => Result) {
    this.#compute = compute;
  }

  /** The value, or the error that surfaces where the variable is read. */
  get(): Result {
    const compute = this.#compute;
    if (compute !== undefined) {
      this.#compute = undefined;
      this.#result = compute();
    }
    return this.#result;
  }
}

/**
 * The variables in reach of an expression: a chain, innermost first, that ends in a root without a name.
 * The names have no `$`. A lazy variable (a context entry) computes its result once, when first read.
 */
export interface Scope {
  readonly budget: ScopeBudget;
  readonly parent: Scope | undefined;
  readonly name: string;
  /** The bound value, or an error that surfaces where the variable is read. */
  readonly value: Result | LazyResult;
}

/** Returns a scope that holds no variable yet. */
export function rootScope(budget: ScopeBudget): Scope {
  return { budget, parent: undefined, name: "", value: null };
}

/** Returns a scope that adds one variable in front of the others. */
export function childScope(parent: Scope, name: string, value: Result | LazyResult): Scope {
  return { budget: parent.budget, parent, name, value };
}

/** Returns the innermost variable of that name (without `$`), or undefined when there is none. */
export function lookUp(scope: Scope, name: string): Result | undefined {
  for (let at: Scope | undefined = scope; at?.parent !== undefined; at = at.parent) {
    if (at.name === name) return at.value instanceof LazyResult ? at.value.get() : at.value;
  }
  return undefined;
}
