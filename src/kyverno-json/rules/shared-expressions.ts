import type { Value } from "../../go-values/value.ts";
import {
  type CompiledExpression,
  compileParsed,
  type Expression,
} from "../../jmespath/compile/compile.ts";
import { rememberResult } from "../../jmespath/compile/memo.ts";
import type { FunctionTable } from "../../jmespath/functions/function-table.ts";
import type { ParsedExpression } from "../../jmespath/syntax/parsed-expression.ts";
import type { EvaluationLimits, EvaluationPlan } from "../../model/limits.ts";
import type { Variables } from "../assertion/tree.ts";

/**
 * Gives the compiled expression for a text; never throws. Of the variables in reach those may be named whose value is the
 * same for every request.
 */
export type ExpressionCompiler = (
  expression: ParsedExpression,
  variables?: Variables,
) => CompiledExpression;

/** An expression that may be shared. */
interface Shareable {
  readonly compiled: CompiledExpression;
  readonly share: () => void;
}

/** An expression's text, with the variables that it takes from outside and a version for each of their values. */
interface KnownText {
  readonly general: Shareable;
  readonly names: readonly string[];
  readonly versions: Map<string, Shareable>;
}

/**
 * Returns a compiler that compiles each text once for the same constants in its variables, however many branches, rules and
 * policies hold it. What they share is also evaluated once a request and value, where the result cannot tell and the
 * expression calls a function at all: reading fields costs no more than remembering them. The plain plan remembers
 * nothing, and takes no variable for a constant.
 */
export function createExpressionCompiler(
  functions: FunctionTable,
  limits: EvaluationLimits,
  plan: EvaluationPlan = "planned",
): ExpressionCompiler {
  const known = new Map<string, KnownText>();
  const identities = new Map<Value, number>();
  const identityOf = (value: Value): number => {
    const identity = identities.get(value) ?? identities.size;
    identities.set(value, identity);
    return identity;
  };
  const compile = ({ ast }: ParsedExpression, constants?: ReadonlyMap<string, Value>): Shareable =>
    makeShareable(compileParsed(ast, functions, limits, plan, constants), plan);
  return (expression, variables) => {
    const { text } = expression;
    const met = known.get(text);
    const { general, names, versions } = met ?? learn(compile(expression));
    if (met === undefined) known.set(text, { general, names, versions });
    const constants = plan === "plain" ? none : constantsAmong(names, variables);
    if (constants.size === 0) {
      if (met !== undefined) general.share();
      return general.compiled;
    }
    const key = [...constants].map(([name, value]) => `${name}=${identityOf(value)}`).join();
    const version = versions.get(key);
    version?.share();
    const made = version ?? compile(expression, constants);
    versions.set(key, made);
    return made.compiled;
  };
}

const none: ReadonlyMap<string, Value> = new Map();

function learn(general: Shareable): KnownText {
  const names = new Set(general.compiled.variables.map(({ name }) => name));
  return { general, names: [...names], versions: new Map() };
}

/** Texts, and lists and objects of them; numbers are nothing that a function prepares for. */
function constantsAmong(
  names: readonly string[],
  variables: Variables | undefined,
): ReadonlyMap<string, Value> {
  if (variables === undefined) return none;
  const constants = new Map<string, Value>();
  for (const name of names) {
    const value = variables.get(name);
    const isUseful = typeof value === "string" || (typeof value === "object" && value !== null);
    if (isUseful) constants.set(name, value);
  }
  return constants;
}

function makeShareable(compiled: CompiledExpression, plan: EvaluationPlan): Shareable {
  if (plan === "plain" || !isWorthRemembering(compiled)) {
    return { compiled, share: () => undefined };
  }
  let evaluate: Expression = compiled.evaluate;
  return {
    compiled: { ...compiled, evaluate: (current, scope) => evaluate(current, scope) },
    share: () => {
      evaluate = rememberResult(compiled.evaluate);
    },
  };
}

function isWorthRemembering({ calls, variables }: CompiledExpression): boolean {
  const isSettled = calls.every((row) => row.isVolatile !== true);
  return calls.length > 0 && variables.length === 0 && isSettled;
}
