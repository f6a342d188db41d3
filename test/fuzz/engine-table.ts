import type { Value } from "../../src/go-values/value.ts";
import { childScope, rootScope, type Scope } from "../../src/jmespath/compile/scope.ts";
import type { FunctionTable } from "../../src/jmespath/functions/function-table.ts";
import type { Budget } from "../../src/model/budget.ts";
import { createEngine } from "../conformance/engine.ts";

const engine = createEngine();

/** All functions, with a clock that stands still and without chance. */
export const allFunctions: FunctionTable = engine.functions;

/** A budget that has nothing spent. */
export const freshBudget: () => Budget = engine.createBudget;

/** Returns a scope with these variables, whose names have no `$`. */
export function scopeWith(variables: ReadonlyMap<string, Value>, budget: Budget): Scope {
  let scope = rootScope(budget);
  for (const [name, value] of variables) scope = childScope(scope, name, value);
  return scope;
}
