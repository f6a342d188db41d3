import { ExpressionReference, type Result, type Value } from "../../src/go-values/value.ts";
import { readLetItem } from "../../src/jmespath/compile/let-item.ts";
import type { FunctionTable } from "../../src/jmespath/functions/function-table.ts";
import type { Ast } from "../../src/jmespath/syntax/ast.ts";
import type { Budget } from "../../src/model/budget.ts";
import { isEvaluationError } from "../../src/model/evaluation-error.ts";
import { callFunction } from "./reference-call.ts";
import {
  entriesOf,
  fieldOf,
  isFalsy,
  isSame,
  listOf,
  numberOf,
  Raised,
} from "./reference-values.ts";

/**
 * A tree-walking interpreter of expressions, written to be read and not to be fast:
 * the engine's compiled closures are held against it. It shares the parser and the function table with the engine,
 * and nothing else; steps are not counted.
 */

/** The scope of an expression beside its current value. */
export interface ReferenceScope {
  readonly table: FunctionTable;
  /** For the functions, which count and bound what they build. */
  readonly budget: Budget;
  /** The names have no `$`. */
  readonly variables: ReadonlyMap<string, Value>;
}

/** Returns what the expression gives for the current value. */
export function interpret(ast: Ast, current: Value, scope: ReferenceScope): Result {
  try {
    return evaluate(ast, current, scope);
  } catch (thrown) {
    if (thrown instanceof Raised) return thrown.error;
    throw thrown;
  }
}

type Rules = {
  readonly [Kind in Ast["kind"]]: (
    node: Extract<Ast, { kind: Kind }>,
    current: Value,
    scope: ReferenceScope,
  ) => Value;
};

const rules: Rules = {
  current: (_, current) => current,
  literal: (node) => node.value,
  field: (node, current) => fieldOf(current, node.name),
  variable: (node, _, scope) => {
    const value = scope.variables.get(node.name);
    if (value !== undefined) return value;
    throw new Raised("EVALUATION_UNDEFINED_VARIABLE", `variable not defined: $${node.name}`);
  },
  path: (node, current, scope) => {
    let value = current;
    for (const [index, step] of node.steps.entries()) {
      if (index > 0 && value === null) return null;
      value = evaluate(step, value, scope);
    }
    return value;
  },
  pipe: (node, current, scope) =>
    node.steps.reduce((value, step) => evaluate(step, value, scope), current),
  or: (node, current, scope) => firstOrLast(node.steps, current, scope, (value) => !isFalsy(value)),
  and: (node, current, scope) => firstOrLast(node.steps, current, scope, isFalsy),
  not: (node, current, scope) => isFalsy(evaluate(node.operand, current, scope)),
  index: (node, current) => listOf(current)?.at(node.index) ?? null,
  slice: (node, current) => {
    if (typeof current === "string") {
      const characters = Array.from(current.toWellFormed());
      return node.step === 0 ? null : sliceOf(characters, node).join("");
    }
    const items = listOf(current);
    if (items === undefined) return null;
    if (node.step === 0) throw new Raised("EVALUATION_VALUE", "invalid slice, step cannot be 0");
    return sliceOf(items, node);
  },
  elements: (node, current, scope) => {
    const left = evaluate(node.left, current, scope);
    if (typeof left === "string" && node.isSliced) return left;
    return project(listOf(left), node.right, scope);
  },
  values: (node, current, scope) => {
    const left = swallowing(() => evaluate(node.left, current, scope));
    return project(
      entriesOf(left)?.map(([, value]) => value),
      node.right,
      scope,
    );
  },
  filter: (node, current, scope) => {
    const left = swallowing(() => evaluate(node.left, current, scope));
    const kept: Value[] = [];
    for (const item of listOf(left) ?? []) {
      if (isFalsy(evaluate(node.condition, item, scope))) continue;
      const projected = evaluate(node.right, item, scope);
      if (projected !== null) kept.push(projected);
    }
    return listOf(left) === undefined ? null : kept;
  },
  flatten: (node, current, scope) => {
    const left = swallowing(() => evaluate(node.left, current, scope));
    return listOf(left)?.flatMap((item) => listOf(item) ?? [item]) ?? null;
  },
  list: (node, current, scope) => node.items.map((item) => evaluate(item, current, scope)),
  hash: (node, current, scope) =>
    Object.fromEntries(
      node.entries.map(({ key, value }) => [key, evaluate(value, current, scope)]),
    ),
  comparison: (node, current, scope) => {
    const left = evaluate(node.left, current, scope);
    const right = evaluate(node.right, current, scope);
    if (node.operator === "EQ") return isSame(left, right);
    if (node.operator === "NE") return !isSame(left, right);
    return onNumbers(left, right, orderings[node.operator]);
  },
  arithmetic: (node, current, scope) => {
    const left = evaluate(node.left, current, scope);
    return onNumbers(left, evaluate(node.right, current, scope), operations[node.operator]);
  },
  unary: (node, current, scope) => {
    const number = numberOf(evaluate(node.operand, current, scope));
    if (number === undefined) return null;
    return node.isNegative ? -number : number;
  },
  let: (node, current, scope) => {
    const variables = new Map(scope.variables);
    for (const item of node.items) {
      const { name, value, panic } = readLetItem(item);
      const bound = value === undefined ? null : evaluate(value, current, scope);
      if (panic !== undefined) throw new Raised("EVALUATION_PANIC", panic);
      if (name !== undefined) variables.set(name, bound);
    }
    return evaluate(node.body, current, { ...scope, variables });
  },
  assignment: () => {
    throw new Raised("EVALUATION_OTHER", "Unknown AST node: ASTBinding");
  },
  call: (node, current, scope) => {
    const values = node.parameters.map((parameter) => evaluate(parameter, current, scope));
    const result = callFunction(scope.table.get(node.name), node.name, values, scope.budget);
    if (isEvaluationError(result)) throw new Raised(result.code, result.message);
    return result;
  },
  reference: (node, _, scope) =>
    new ExpressionReference((value) => interpret(node.body, value, scope)),
};

function evaluate(node: Ast, current: Value, scope: ReferenceScope): Value {
  return evaluateKind(node.kind, node, current, scope);
}

/** Takes the kind apart from the node: that is how the compiler can pair the two. */
function evaluateKind<Kind extends Ast["kind"]>(
  kind: Kind,
  node: Parameters<Rules[Kind]>[0],
  current: Value,
  scope: ReferenceScope,
): Value {
  return rules[kind](node, current, scope);
}

const orderings = {
  LT: (left: number, right: number) => left < right,
  LTE: (left: number, right: number) => left <= right,
  GT: (left: number, right: number) => left > right,
  GTE: (left: number, right: number) => left >= right,
};

const operations = {
  Plus: (left: number, right: number) => left + right,
  Minus: (left: number, right: number) => left - right,
  Multiply: (left: number, right: number) => left * right,
  Divide: (left: number, right: number) => left / right,
  Div: (left: number, right: number) => Math.floor(left / right),
  Modulo: (left: number, right: number) => left % right,
};

function onNumbers(
  left: Value,
  right: Value,
  operation: (left: number, right: number) => Value,
): Value {
  const [first, second] = [numberOf(left), numberOf(right)];
  return first === undefined || second === undefined ? null : operation(first, second);
}

/** The first value that ends the chain, or that of its last step. */
function firstOrLast(
  steps: readonly Ast[],
  current: Value,
  scope: ReferenceScope,
  isLast: (value: Value) => boolean,
): Value {
  let value: Value = null;
  for (const step of steps) {
    value = evaluate(step, current, scope);
    if (isLast(value)) return value;
  }
  return value;
}

function project(items: readonly Value[] | undefined, right: Ast, scope: ReferenceScope): Value {
  if (items === undefined) return null;
  return items.map((item) => evaluate(right, item, scope)).filter((value) => value !== null);
}

/** The value, or null in place of an error; what a limit of ours or a panic ends stays ended. */
function swallowing(body: () => Value): Value {
  try {
    return body();
  } catch (thrown) {
    const isError = thrown instanceof Raised && !/_(?:LIMIT|PANIC)$/.test(thrown.error.code);
    if (!isError) throw thrown;
    return null;
  }
}

/** What Python's `items[start:stop:step]` gives: all places are looked at, in the direction of the step. */
function sliceOf<T>(
  items: readonly T[],
  {
    start,
    stop,
    step = 1,
  }: { start?: number | undefined; stop?: number | undefined; step?: number | undefined },
): T[] {
  const { length } = items;
  const from = (at: number): number => (at < 0 ? at + length : at);
  if (step > 0) {
    const first = Math.max(from(start ?? 0), 0);
    const end = from(stop ?? length);
    return items.filter((_, at) => at >= first && at < end && (at - first) % step === 0);
  }
  const first = Math.min(from(start ?? length), length - 1);
  const end = stop === undefined ? -1 : from(stop);
  return items.filter((_, at) => at <= first && at > end && (first - at) % step === 0).toReversed();
}
