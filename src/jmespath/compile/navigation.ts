import type { Ast } from "../syntax/ast.ts";
import type { Expression } from "./expression.ts";

/** The fields that closures read of the current value and nothing else. */
const navigations = new WeakMap<Expression, readonly string[]>();

/** Notes the way that the expression goes, if it only goes down from the current value by names and indices. */
export function noteNavigation(expression: Expression, ast: Ast): void {
  const names: string[] = [];
  if (follow(ast, names)) navigations.set(expression, names);
}

/**
 * Returns the names by which the expression goes down from the current value, indices left out; undefined when it does
 * anything else, such as calling a function, spelling out a literal or reading a variable.
 */
export function navigationOf(expression: Expression): readonly string[] | undefined {
  return navigations.get(expression);
}

function follow(node: Ast, names: string[]): boolean {
  if (node.kind === "current" || node.kind === "index") return true;
  if (node.kind === "path") return node.steps.every((step) => follow(step, names));
  if (node.kind !== "field") return false;
  names.push(node.name);
  return true;
}
