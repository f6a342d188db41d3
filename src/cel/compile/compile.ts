import { type EvaluationError, isEvaluationError } from "../../model/evaluation-error.ts";
import { spend } from "../../model/step-limit.ts";
import type { Checked } from "../check/checked.ts";
import type { CelFunction } from "../functions/define.ts";
import { type Evaluate, LazyValue } from "../functions/frame.ts";
import type { MessageTypes } from "../messages/message-types.ts";
import type {
  BindNode,
  CelNode,
  ConditionalNode,
  IdentifierNode,
  LiteralNode,
  OptionalMapNode,
} from "../syntax/ast.ts";
import { errorType } from "../types/type.ts";
import { noSuchOverload } from "../values/errors.ts";
import {
  CelNamespace,
  CelOptional,
  type CelResult,
  CelTypeValue,
  CelUint,
  type CelValue,
  noValue,
  runtimeTypeName,
} from "../values/value.ts";
import { compileCall } from "./compile-call.ts";
import { compileList, compileMap, compileMessage } from "./compile-literal.ts";
import { compileLogical } from "./compile-logical.ts";
import { compileLoop } from "./compile-loop.ts";
import { compileSelect } from "./compile-select.ts";
import { type Compiler, constant } from "./compiler.ts";

/** The options of compiling an expression. */
export interface CompileOptions {
  readonly messages: MessageTypes;
}

/** Returns the closure that evaluates a checked expression; constant parts are computed once, here. */
export function compileCel(
  root: CelNode,
  checked: Checked<CelFunction>,
  options: CompileOptions,
): Evaluate {
  const places = new Map<string, number[]>();
  let depth = 0;
  const within = <T>(name: string, run: (place: number) => T): T => {
    const place = depth;
    depth += 1;
    const outer = places.get(name) ?? [];
    places.set(name, [...outer, place]);
    const result = run(place);
    places.set(name, outer);
    depth -= 1;
    return result;
  };
  const compiler: Compiler = {
    checked,
    messages: options.messages,
    compile: (node) => compileNode(node, compiler, (name) => places.get(name)?.at(-1)),
    compileWith: (name, node) =>
      within(name, (place) => ({ place, evaluate: compiler.compile(node) })),
    within,
  };
  return compiler.compile(root);
}

function compileNode(
  node: CelNode,
  compiler: Compiler,
  placeOf: (name: string) => number | undefined,
): Evaluate {
  switch (node.kind) {
    case "literal":
      return constant(literalValue(node));
    case "identifier":
      return compileIdentifier(node, compiler, placeOf);
    case "select":
      return compileReference(node, compiler) ?? compileSelect(node, compiler);
    case "call":
      return compileCall(node, compiler);
    case "conditional":
      return compileConditional(node, compiler);
    case "logical":
      return compileLogical(node, compiler);
    case "list":
      return compileList(node, compiler);
    case "map":
      return compileMap(node, compiler);
    case "message":
      return compileMessage(node, compiler);
    case "loop":
      return compileLoop(node, compiler);
    case "bind":
      return compileBind(node, compiler);
    case "optionalMap":
      return compileOptionalMap(node, compiler);
  }
}

function literalValue({ value, isUint }: LiteralNode): CelValue {
  return typeof value === "bigint" && isUint ? new CelUint(value) : value;
}

function compileIdentifier(
  node: IdentifierNode,
  compiler: Compiler,
  placeOf: (name: string) => number | undefined,
): Evaluate {
  const place = placeOf(node.name);
  if (place === undefined) {
    const evaluate = compileReference(node, compiler);
    if (evaluate === undefined) throw new Error(`the checker let \`${node.name}\` pass`);
    return evaluate;
  }
  return ({ locals }) => {
    const value = locals[place];
    return value instanceof LazyValue ? value.get() : (value ?? null);
  };
}

/** Returns the closure of a name or qualified name that the checker resolved, or undefined for any other node. */
function compileReference(node: CelNode, { checked }: Compiler): Evaluate | undefined {
  const reference = checked.references.get(node);
  if (reference === undefined) return undefined;
  if (reference.kind === "constant") {
    const { value } = reference;
    return constant(
      value.kind === "type" ? new CelTypeValue(runtimeTypeName(value.type)) : value.value,
    );
  }
  switch (reference.name) {
    case "object":
      return ({ object }) => object;
    case "variables":
      return ({ variables }) => variables ?? noSuchOverload("variables");
    default:
      // As `http` or `json`: a value that only the methods of its type use.
      return constant(new CelNamespace(runtimeTypeName(checked.types.get(node) ?? errorType)));
  }
}

function compileConditional(node: ConditionalNode, { compile }: Compiler): Evaluate {
  const condition = compile(node.condition);
  const then = compile(node.whenTrue);
  const otherwise = compile(node.otherwise);
  return (frame) => {
    const chosen = condition(frame);
    if (chosen === true) return then(frame);
    if (chosen === false) return otherwise(frame);
    return isEvaluationError(chosen) ? chosen : noSuchOverload("_?_:_");
  };
}

function compileBind(node: BindNode, { compile, compileWith }: Compiler): Evaluate {
  const init = compile(node.init);
  const { place, evaluate } = compileWith(node.variable, node.body);
  return (frame) => {
    const exceeded = spend(frame.budget, 1);
    if (exceeded !== undefined) return exceeded;
    // Macros inside the initial value use places from this one on: they get a list of their own.
    frame.locals[place] = new LazyValue(() =>
      init({ ...frame, locals: frame.locals.slice(0, place) }),
    );
    return evaluate(frame);
  };
}

function compileOptionalMap(node: OptionalMapNode, { compile, compileWith }: Compiler): Evaluate {
  const operand = compile(node.operand);
  const { place, evaluate } = compileWith(node.variable, node.body);
  const wrap = node.isFlat ? (result: CelResult) => result : wrapOptional;
  return (frame) => {
    const optional = operand(frame);
    if (isEvaluationError(optional)) return optional;
    if (!(optional instanceof CelOptional)) return noSuchOverload("optMap");
    if (optional.value === undefined) return noValue;
    frame.locals[place] = optional.value;
    return wrap(evaluate(frame));
  };
}

function wrapOptional(result: CelResult): CelResult | EvaluationError {
  return isEvaluationError(result) ? result : new CelOptional(result);
}
