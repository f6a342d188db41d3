import type { Value } from "../../go-values/value.ts";
import { EvaluationError } from "../../model/evaluation-error.ts";
import { charge, endBytes } from "../../model/step-limit.ts";
import type { FunctionBody, FunctionRow, Parameter } from "../functions/function-table.ts";
import type { Ast, CallNode } from "../syntax/ast.ts";
import type { CallSite, CompileContext, Expression, ExpressionFault } from "./expression.ts";
import { constantOf } from "./fold-constant.ts";
import { compileTypeCheck, type TypeCheck } from "./type-check.ts";

/**
 * Returns a closure that evaluates the arguments from left to right, checks them and calls the function. A wrong name or
 * number of arguments is a fault, and an error once the arguments are evaluated.
 */
export function compileCall(node: CallNode, context: CompileContext): Expression {
  const parameters = node.parameters.map((parameter) => context.compile(parameter, context));
  const row = context.table.get(node.name);
  if (row === undefined) {
    const message = `unknown function: ${node.name}`;
    return compileFault(node, context, parameters, "POLICY_UNKNOWN_FUNCTION", message);
  }
  const mismatch = describeArityMismatch(row, parameters.length);
  if (mismatch !== undefined) {
    return compileFault(node, context, parameters, "POLICY_ARITY", mismatch);
  }
  context.calls.push(row);
  context.callSites.push(describeCall(node, parameters.at(-1), context));
  const checks = parameters.map((_, i) => compileTypeCheck(parameterAt(row, i)));
  return compileGoodCall(bodyOf(row, parameters, node, context), parameters, checks, row);
}

function describeCall(
  { name, offset, parameters }: CallNode,
  last: Expression | undefined,
  { bound }: CompileContext,
): CallSite {
  const lastVariable = readVariable(parameters.at(-1), bound);
  return { name, offset, last: last && constantOf(last), lastVariable };
}

function readVariable(node: Ast | undefined, bound: ReadonlySet<string>): CallSite["lastVariable"] {
  const [first, ...steps] = node?.kind === "path" ? node.steps : [node];
  if (first?.kind !== "variable" || bound.has(first.name)) return undefined;
  const fields = steps.flatMap((step) => (step?.kind === "field" ? [step.name] : []));
  return fields.length === steps.length ? [first.name, ...fields] : undefined;
}

/** The body for calls with those arguments, of which some may be known beforehand. */
function bodyOf(
  row: FunctionRow,
  parameters: readonly Expression[],
  node: CallNode,
  context: CompileContext,
): FunctionBody {
  if (row.bodyOfCall !== undefined) return row.bodyOfCall(node.parameters);
  if (row.prepare === undefined) return row.body;
  const constants = parameters.map((parameter) => {
    const value = constantOf(parameter);
    return value instanceof EvaluationError ? undefined : value;
  });
  const isAnyKnown = constants.some((value) => value !== undefined);
  const prepared = isAnyKnown ? row.prepare(constants, context.limits) : undefined;
  if (prepared === undefined) context.expecting.add(row);
  if (prepared?.isFaulty === true) {
    // Without the constant, which may be a secret.
    const message = `\`${row.name}\` refuses a constant it is given, so that the call can only err`;
    context.faults.push({ code: "POLICY_CONSTANT", message, offset: node.offset });
  }
  return prepared?.body ?? row.body;
}

/** Calls with one or two arguments, nearly all there are, get by without a loop. */
function compileGoodCall(
  body: FunctionBody,
  parameters: readonly Expression[],
  checks: readonly TypeCheck[],
  { bytesPerCharacter = 1 }: FunctionRow,
): Expression {
  const [first, second] = parameters;
  const [checkFirst, checkSecond] = checks;
  if (parameters.length === 1 && first !== undefined && checkFirst !== undefined) {
    return (current, scope) => {
      const { budget } = scope;
      const value = first(current, scope);
      if (value instanceof EvaluationError) return value;
      const refusal = checkFirst(value, budget);
      if (refusal !== undefined) return refusal;
      const length = typeof value === "string" ? value.length : 0;
      return (budget.bytesLeft -= length * bytesPerCharacter) < 0
        ? endBytes(budget)
        : body([value], budget);
    };
  }
  if (parameters.length === 2 && first && second && checkFirst && checkSecond) {
    return (current, scope) => {
      const { budget } = scope;
      const a = first(current, scope);
      if (a instanceof EvaluationError) return a;
      const b = second(current, scope);
      if (b instanceof EvaluationError) return b;
      const refusal = checkFirst(a, budget) ?? checkSecond(b, budget);
      if (refusal !== undefined) return refusal;
      let length = typeof a === "string" ? a.length : 0;
      if (typeof b === "string") length += b.length;
      return (budget.bytesLeft -= length * bytesPerCharacter) < 0
        ? endBytes(budget)
        : body([a, b], budget);
    };
  }
  return (current, scope) => {
    const { budget } = scope;
    const values: Value[] = [];
    for (const parameter of parameters) {
      const value = parameter(current, scope);
      if (value instanceof EvaluationError) return value;
      values.push(value);
    }
    let i = 0;
    for (const check of checks) {
      const error = check(values[i++] ?? null, budget);
      if (error !== undefined) return error;
    }
    let length = 0;
    for (const value of values) if (typeof value === "string") length += value.length;
    return charge(budget, length * bytesPerCharacter) ?? body(values, budget);
  };
}

function compileFault(
  node: CallNode,
  context: CompileContext,
  parameters: readonly Expression[],
  code: Extract<ExpressionFault["code"], "POLICY_UNKNOWN_FUNCTION" | "POLICY_ARITY">,
  message: string,
): Expression {
  context.faults.push({ code, message, offset: node.offset });
  const error = new EvaluationError(
    code === "POLICY_ARITY" ? "EVALUATION_ARITY" : "EVALUATION_UNKNOWN_FUNCTION",
    message,
    message,
  );
  return (current, scope) => {
    for (const parameter of parameters) {
      const value = parameter(current, scope);
      if (value instanceof EvaluationError) return value;
    }
    return error;
  };
}

/** The parameter an argument goes to; a variadic one takes all that follow. Undefined: nothing is checked. */
function parameterAt(row: FunctionRow, index: number): Parameter | undefined {
  return row.parameters[Math.min(index, row.parameters.length - 1)];
}

function describeArityMismatch(row: FunctionRow, count: number): string | undefined {
  const { name, parameters } = row;
  const last = parameters.at(-1);
  if (last === undefined) return undefined;
  const required = parameters.filter((parameter) => parameter.optional !== true).length;
  if (count < required) {
    const isVariadic = last.variadic === true;
    const noun = required > 1 ? "arguments" : "argument";
    const more = isVariadic ? " or more" : "";
    const supplied = count === 0 ? "none" : `${isVariadic ? "only " : ""}${count}`;
    return `invalid arity, the function '${name}' expects ${required} ${noun}${more} but ${supplied} were supplied`;
  }
  if (last.variadic !== true && count > parameters.length) {
    return `invalid arity, the function '${name}' expects at most ${parameters.length} arguments but ${count} were supplied`;
  }
  return undefined;
}
