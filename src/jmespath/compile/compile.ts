import { isFalsy, setField } from "../../go-values/semantics.ts";
import { ExpressionReference, type Value } from "../../go-values/value.ts";
import { EvaluationError } from "../../model/evaluation-error.ts";
import type { EvaluationLimits, EvaluationPlan } from "../../model/limits.ts";
import { chargeElements, chargeKeys, limitError } from "../../model/step-limit.ts";
import type { FunctionRow, FunctionTable } from "../functions/function-table.ts";
import type { Ast, LetNode, ReferenceNode, VariableNode } from "../syntax/ast.ts";
import { parseExpression } from "../syntax/parse-expression.ts";
import { ExpressionSyntaxError } from "../syntax/syntax-error.ts";
import { compileCall } from "./compile-call.ts";
import { compileArithmetic, compileComparison, compileUnary } from "./compile-operator.ts";
import { compileField, compileIndex, compilePath, compileSlice } from "./compile-path.ts";
import {
  compileElements,
  compileFilter,
  compileFlatten,
  compileValues,
} from "./compile-projection.ts";
import type {
  CallSite,
  CompileContext,
  Expression,
  ExpressionFault,
  FreeVariable,
} from "./expression.ts";
import {
  constantExpression,
  constantOf,
  evaluateConstant,
  isConstant,
  noteConstant,
} from "./fold-constant.ts";
import { readLetItem } from "./let-item.ts";
import { noteNavigation } from "./navigation.ts";
import { childScope, lookUp } from "./scope.ts";

export type { Expression, ExpressionFault, FreeVariable } from "./expression.ts";

/** An expression that is ready to be evaluated, and what is known about it beforehand. */
export interface CompiledExpression {
  /** Gives the Go engine's error where evaluation reaches a part that has a fault. */
  readonly evaluate: Expression;
  /** What is wrong with the text; empty for a good expression. */
  readonly faults: readonly ExpressionFault[];
  /** The variables it takes from outside, in the order of the text. */
  readonly variables: readonly FreeVariable[];
  /** The functions it calls, once for each call in the text. */
  readonly calls: readonly FunctionRow[];
  /** The same calls, as they stand in the text. */
  readonly callSites: readonly CallSite[];
  /** What stands in the text itself, and what the variables that were known hold. */
  readonly literals: readonly Value[];
  /** The functions among them that meet a pattern here that only a request decides. */
  readonly expecting: readonly FunctionRow[];
}

const noConstants: ReadonlyMap<string, Value> = new Map();

/**
 * Parses the expression and compiles it to closures that know their functions, fields and literals. Never throws: a
 * text that is no expression compiles to its error.
 */
export function compileExpression(
  text: string,
  table: FunctionTable,
  limits: EvaluationLimits,
  plan: EvaluationPlan = "planned",
  constants: ReadonlyMap<string, Value> = noConstants,
): CompiledExpression {
  return compileParsed(parseExpression(text, limits.maxDepth), table, limits, plan, constants);
}

/** Compiles what parsing a text gave: a text that is no expression compiles to its error. */
export function compileParsed(
  ast: Ast | ExpressionSyntaxError,
  table: FunctionTable,
  limits: EvaluationLimits,
  plan: EvaluationPlan = "planned",
  constants: ReadonlyMap<string, Value> = noConstants,
): CompiledExpression {
  if (ast instanceof ExpressionSyntaxError) {
    const fault = { message: ast.message, offset: ast.offset };
    return {
      evaluate: () => ast,
      faults: [{ code: "POLICY_EXPRESSION_SYNTAX", ...fault }],
      variables: [],
      calls: [],
      callSites: [],
      literals: [],
      expecting: [],
    };
  }
  return compileAst(ast, table, limits, plan, constants);
}

/** Returns the same of an expression, or of a part of one, that is parsed already. */
export function compileAst(
  ast: Ast,
  table: FunctionTable,
  limits: EvaluationLimits,
  plan: EvaluationPlan = "planned",
  constants: ReadonlyMap<string, Value> = noConstants,
): CompiledExpression {
  const context: CompileContext = {
    table,
    limits,
    plan,
    bound: new Set(),
    constants,
    faults: [],
    variables: [],
    calls: [],
    callSites: [],
    literals: [],
    expecting: new Set(),
    compile: compileNode,
  };
  const body = compileNode(ast, context);
  const { size } = ast;
  const evaluate: Expression = (current, scope) => {
    const { budget } = scope;
    if ((budget.stepsLeft -= size) < 0) return limitError(budget);
    const result = body(current, scope);
    return budget.stepsLeft < 0 ? limitError(budget) : result;
  };
  noteNavigation(evaluate, ast);
  const constant = constantOf(body);
  if (constant !== undefined) noteConstant(evaluate, constant);
  const { faults, variables, calls, callSites, literals } = context;
  const expecting = [...context.expecting];
  return { evaluate, faults, variables, calls, callSites, literals, expecting };
}

type NodeOfKind = { readonly [Kind in Ast["kind"]]: Extract<Ast, { kind: Kind }> };
type NodeCompilers = {
  readonly [Kind in Ast["kind"]]: (node: NodeOfKind[Kind], context: CompileContext) => Expression;
};

const nodeCompilers: NodeCompilers = {
  current: () => (current) => current,
  field: compileField,
  literal: (node, context) => {
    context.literals.push(node.value);
    return constantExpression(node.value);
  },
  variable: compileVariable,
  path: compilePath,
  pipe: (node, context) => compilePipe(compileAll(node.steps, context)),
  or: (node, context) => compileOr(compileAll(node.steps, context)),
  and: (node, context) => compileAnd(compileAll(node.steps, context)),
  index: compileIndex,
  slice: compileSlice,
  elements: compileElements,
  values: compileValues,
  filter: compileFilter,
  flatten: compileFlatten,
  list: (node, context) => compileList(compileAll(node.items, context)),
  hash: (node, context) =>
    compileHash(
      node.entries.map((entry) => entry.key),
      compileAll(
        node.entries.map((entry) => entry.value),
        context,
      ),
    ),
  comparison: compileComparison,
  arithmetic: compileArithmetic,
  unary: compileUnary,
  not: (node, context) => compileNot(context.compile(node.operand, context)),
  let: compileLet,
  assignment: (node, context) => {
    const message = "Unknown AST node: ASTBinding";
    context.faults.push({ code: "POLICY_EXPRESSION_SYNTAX", message, offset: node.offset });
    const error = new EvaluationError("EVALUATION_OTHER", message);
    return () => error;
  },
  call: compileCall,
  reference: compileReference,
};

function compileNode(node: Ast, context: CompileContext): Expression {
  // A literal is a constant as it stands.
  const isFoldable = context.plan === "planned" && node.kind !== "literal";
  return isFoldable && isConstant(node, context.table, context.constants.keys())
    ? compileConstant(node, context)
    : compileKind(node.kind, node, context);
}

/** Evaluated here and now, errors included; what functions it calls then no longer matters to anyone. */
function compileConstant(node: Ast, context: CompileContext): Expression {
  const calls: FunctionRow[] = [];
  const evaluate = compileKind(node.kind, node, { ...context, plan: "plain", calls });
  const result = evaluateConstant(evaluate, context.limits);
  if (result !== undefined) return constantExpression(result);
  context.calls.push(...calls);
  return evaluate;
}

/** Takes the kind apart from the node: that is how the compiler can pair the two. */
function compileKind<Kind extends Ast["kind"]>(
  kind: Kind,
  node: NodeOfKind[Kind],
  context: CompileContext,
): Expression {
  return nodeCompilers[kind](node, context);
}

function compileAll(nodes: readonly Ast[], context: CompileContext): readonly Expression[] {
  return nodes.map((node) => context.compile(node, context));
}

function compileVariable(node: VariableNode, context: CompileContext): Expression {
  const { name } = node;
  const constant = context.constants.get(name);
  if (constant !== undefined) {
    context.literals.push(constant);
    return constantExpression(constant);
  }
  if (!context.bound.has(name)) context.variables.push({ name, offset: node.offset });
  const missing = new EvaluationError(
    "EVALUATION_UNDEFINED_VARIABLE",
    `variable not defined: $${name}`,
    `variable not defined: $${name}`,
  );
  return (_, scope) => {
    const value = lookUp(scope, name);
    return value === undefined ? missing : value;
  };
}

function compilePipe(steps: readonly Expression[]): Expression {
  return (current, scope) => {
    let value: Value = current;
    for (const step of steps) {
      const next = step(value, scope);
      if (next instanceof EvaluationError) return next;
      value = next;
    }
    return value;
  };
}

function compileOr(steps: readonly Expression[]): Expression {
  return (current, scope) => {
    let value: Value = null;
    for (const step of steps) {
      const next = step(current, scope);
      if (next instanceof EvaluationError || !isFalsy(next)) return next;
      value = next;
    }
    return value;
  };
}

function compileAnd(steps: readonly Expression[]): Expression {
  return (current, scope) => {
    let value: Value = null;
    for (const step of steps) {
      const next = step(current, scope);
      if (next instanceof EvaluationError || isFalsy(next)) return next;
      value = next;
    }
    return value;
  };
}

function compileNot(operand: Expression): Expression {
  return (current, scope) => {
    const value = operand(current, scope);
    return value instanceof EvaluationError ? value : isFalsy(value);
  };
}

function compileList(items: readonly Expression[]): Expression {
  return (current, scope) => {
    const refusal = chargeElements(scope.budget, items.length);
    if (refusal !== undefined) return refusal;
    const result: Value[] = [];
    for (const item of items) {
      const value = item(current, scope);
      if (value instanceof EvaluationError) return value;
      result.push(value);
    }
    return result;
  };
}

function compileHash(keys: readonly string[], values: readonly Expression[]): Expression {
  return (current, scope) => {
    const refusal = chargeKeys(scope.budget, keys.length);
    if (refusal !== undefined) return refusal;
    const result: { [key: string]: Value } = {};
    let i = 0;
    for (const evaluate of values) {
      const value = evaluate(current, scope);
      if (value instanceof EvaluationError) return value;
      setField(result, keys[i++] ?? "", value);
    }
    return result;
  };
}

/** The items see the variables outside only; the later of two equal names wins by being bound last. */
function compileLet(node: LetNode, context: CompileContext): Expression {
  const items = node.items.map((item) => compileLetItem(item, context));
  const names = items.flatMap(({ name }) => (name === undefined ? [] : [name]));
  const bound = new Set([...context.bound, ...names]);
  const constants = new Map(context.constants);
  for (const { name = "", evaluate } of items) {
    const value = context.plan === "planned" ? constantOf(evaluate) : undefined;
    if (value === undefined || value instanceof EvaluationError) constants.delete(name);
    else constants.set(name, value);
  }
  const body = context.compile(node.body, { ...context, bound, constants });
  return (current, scope) => {
    let inner = scope;
    for (const { name, evaluate } of items) {
      const value = evaluate(current, scope);
      if (value instanceof EvaluationError) return value;
      if (name !== undefined) inner = childScope(inner, name, value);
    }
    return body(current, inner);
  };
}

/** What binds something although it is no assignment of a variable is a mistake all the same, and reported. */
function compileLetItem(
  item: Ast,
  context: CompileContext,
): { readonly name: string | undefined; readonly evaluate: Expression } {
  const { name, value, panic } = readLetItem(item);
  if (item.kind !== "assignment" || item.left.kind !== "variable") {
    const message = panic ?? "an item of `let` has to be an assignment of a variable";
    context.faults.push({ code: "POLICY_EXPRESSION_SYNTAX", message, offset: item.offset });
  }
  const evaluate: Expression = value === undefined ? () => null : context.compile(value, context);
  if (panic === undefined) return { name, evaluate };
  const error = new EvaluationError("EVALUATION_PANIC", panic);
  return {
    name,
    evaluate: (current, scope) => {
      const result = evaluate(current, scope);
      return result instanceof EvaluationError ? result : error;
    },
  };
}

/**
 * A reference can be handed to itself as data and so call itself; how deep references run inside one another is
 * therefore counted, by the height of what they evaluate.
 */
function compileReference(node: ReferenceNode, context: CompileContext): Expression {
  const body = context.compile(node.body, context);
  const { size, height } = node;
  const tooDeep = new EvaluationError(
    "EVALUATION_DEPTH_LIMIT",
    "expression references nest too deep",
  );
  return (_, scope) => {
    const { budget } = scope;
    return new ExpressionReference((value) => {
      if ((budget.stepsLeft -= size) < 0) return limitError(budget);
      const depth = budget.referenceDepth ?? 0;
      if (depth + height > budget.limits.maxDepth) return tooDeep;
      budget.referenceDepth = depth + height;
      const result = body(value, scope);
      budget.referenceDepth = depth;
      return result;
    });
  };
}
