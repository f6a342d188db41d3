import type { Result } from "../../go-values/value.ts";
import type { Budget } from "../../model/budget.ts";
import { isEvaluationError } from "../../model/evaluation-error.ts";
import type { EvaluationLimits } from "../../model/limits.ts";
import { isLimitError } from "../../model/step-limit.ts";
import type { FunctionTable } from "../functions/function-table.ts";
import type { Ast, CallNode, ChainNode, LetNode } from "../syntax/ast.ts";
import type { Expression } from "./expression.ts";
import { rootScope } from "./scope.ts";

/** How many steps a constant may take when a policy loads. What takes more is evaluated where it is reached. */
const maxFoldingSteps = 65_536;
/** How many bytes it may read and build. */
const maxFoldingBytes = 2_097_152;

/** What closures are known to give, whatever the value and the variables. */
const constants = new WeakMap<Expression, Result>();

/** Returns an expression that gives this result, an error too, and can be asked beforehand what it gives. */
export function constantExpression(result: Result): Expression {
  return noteConstant(() => result, result);
}

/** Returns the expression, which can be asked from now on what it always gives: the result, unless steps run out. */
export function noteConstant(evaluate: Expression, result: Result): Expression {
  constants.set(evaluate, result);
  return evaluate;
}

/** Returns what the expression always gives; undefined when that is not known before a request. */
export function constantOf(expression: Expression): Result | undefined {
  return constants.get(expression);
}

/**
 * Returns the result of an expression that {@link isConstant}, or undefined when finding it out takes too much: limits are
 * for the request to meet.
 */
export function evaluateConstant(
  evaluate: Expression,
  limits: EvaluationLimits,
): Result | undefined {
  const budget: Budget = { stepsLeft: maxFoldingSteps, bytesLeft: maxFoldingBytes, limits };
  try {
    const result = evaluate(null, rootScope(budget));
    const isOver = budget.stepsLeft < 0 || (isEvaluationError(result) && isLimitError(result));
    return isOver ? undefined : result;
  } catch {
    // A fault of ours must show where the expression is reached, not keep its policy from loading.
    return undefined;
  }
}

/**
 * Returns whether the node gives the same whenever it is evaluated: neither the current value nor a variable from outside other
 * than these is asked, nor the clock or chance.
 */
export function isConstant(
  node: Ast,
  table: FunctionTable,
  variables: Iterable<string> = [],
): boolean {
  return isSettled(node, { table, isCurrentKnown: false, bound: new Set(variables) });
}

/** What is constant around a node: the value it is evaluated for, the variables of these names. */
interface Surroundings {
  readonly table: FunctionTable;
  readonly isCurrentKnown: boolean;
  readonly bound: ReadonlySet<string>;
}

type NodeOfKind = { readonly [Kind in Ast["kind"]]: Extract<Ast, { kind: Kind }> };
type NodeTests = {
  readonly [Kind in Ast["kind"]]: (node: NodeOfKind[Kind], around: Surroundings) => boolean;
};

const nodeTests: NodeTests = {
  current: isCurrentKnown,
  field: isCurrentKnown,
  literal: () => true,
  variable: ({ name }, { bound }) => bound.has(name),
  path: areStepsSettled,
  pipe: areStepsSettled,
  or: ({ steps }, around) => areSettled(steps, around),
  and: ({ steps }, around) => areSettled(steps, around),
  index: isCurrentKnown,
  slice: isCurrentKnown,
  elements: ({ left, right }, around) => isProjectionSettled(left, [right], around),
  values: ({ left, right }, around) => isProjectionSettled(left, [right], around),
  filter: ({ left, condition, right }, around) =>
    isProjectionSettled(left, [condition, right], around),
  flatten: ({ left }, around) => isSettled(left, around),
  list: ({ items }, around) => areSettled(items, around),
  hash: ({ entries }, around) => entries.every(({ value }) => isSettled(value, around)),
  comparison: ({ left, right }, around) => areSettled([left, right], around),
  arithmetic: ({ left, right }, around) => areSettled([left, right], around),
  unary: ({ operand }, around) => isSettled(operand, around),
  not: ({ operand }, around) => isSettled(operand, around),
  let: isLetSettled,
  assignment: () => false,
  call: isCallSettled,
  // It holds on to the scope, and so to the budget, that it is evaluated in.
  reference: () => false,
};

function isSettled(node: Ast, around: Surroundings): boolean {
  return isKindSettled(node.kind, node, around);
}

/** Takes the kind apart from the node: that is how the compiler can pair the two. */
function isKindSettled<Kind extends Ast["kind"]>(
  kind: Kind,
  node: NodeOfKind[Kind],
  around: Surroundings,
): boolean {
  return nodeTests[kind](node, around);
}

function areSettled(nodes: readonly Ast[], around: Surroundings): boolean {
  return nodes.every((node) => isSettled(node, around));
}

function isCurrentKnown(_: Ast, around: Surroundings): boolean {
  return around.isCurrentKnown;
}

/** Each step is evaluated for what the one before it gives. */
function areStepsSettled(
  { steps }: ChainNode<"path"> | ChainNode<"pipe">,
  around: Surroundings,
): boolean {
  const behind = { ...around, isCurrentKnown: true };
  return steps.every((step, index) => isSettled(step, index === 0 ? around : behind));
}

function isProjectionSettled(left: Ast, inner: readonly Ast[], around: Surroundings): boolean {
  return isSettled(left, around) && areSettled(inner, { ...around, isCurrentKnown: true });
}

function isLetSettled({ items, body }: LetNode, around: Surroundings): boolean {
  const bound = new Set(around.bound);
  for (const item of items) {
    if (item.kind !== "assignment" || item.left.kind !== "variable") return false;
    if (!isSettled(item.right, around)) return false;
    bound.add(item.left.name);
  }
  return isSettled(body, { ...around, bound });
}

function isCallSettled({ name, parameters }: CallNode, around: Surroundings): boolean {
  const row = around.table.get(name);
  if (row === undefined || row.isVolatile === true || row.dependsOnTime === true) return false;
  return areSettled(parameters, around);
}
