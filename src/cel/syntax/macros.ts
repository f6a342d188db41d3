import type { CallNode, CelNode, LoopNode } from "./ast.ts";
import { CelSyntaxError } from "./syntax-error.ts";

/** A call as written, before it is known to be a macro. */
export type CallParts = Omit<CallNode, "kind">;

type Expander = (call: CallParts, target: CelNode) => CelNode | undefined;

const loops: ReadonlyMap<string, LoopNode["macro"]> = new Map([
  ["all", "all"],
  ["exists", "exists"],
  ["exists_one", "existsOne"],
  ["filter", "filter"],
  ["map", "map"],
]);

/** Methods that are macros, by name. */
const methodMacros: ReadonlyMap<string, Expander> = new Map<string, Expander>([
  ...[...loops].map(([name, macro]): [string, Expander] => [
    name,
    (call, target) => expandLoop(call, target, macro),
  ]),
  ["optMap", (call, target) => expandOptionalMap(call, target, false)],
  ["optFlatMap", (call, target) => expandOptionalMap(call, target, true)],
  ["bind", expandBind],
  ["sortBy", expandSortBy],
  ["greatest", expandExtreme],
  ["least", expandExtreme],
  ["hasExt", expandExtension],
  ["getExt", expandExtension],
]);

/**
 * Returns the node that a macro call stands for, or undefined when the call is no macro: another name, or another number of
 * arguments, which is then a call of an unknown function.
 *
 * @throws CelSyntaxError for a macro whose arguments have the wrong form
 */
export function expandMacro(call: CallParts): CelNode | undefined {
  const { name, target, args } = call;
  if (target !== undefined) return methodMacros.get(name)?.(call, target);
  const [argument] = args;
  if (name !== "has" || args.length !== 1 || argument === undefined) return undefined;
  if (argument.kind !== "select" || argument.isTest || argument.isOptional) {
    throw new CelSyntaxError("the argument of `has` must be a field, as in `has(a.b)`", call.at);
  }
  return { ...argument, isTest: true, at: call.at };
}

function expandLoop(
  { name, args, at }: CallParts,
  range: CelNode,
  macro: LoopNode["macro"],
): LoopNode | undefined {
  const [variableNode, second, third] = args;
  const isLong = args.length === 3 && macro === "map";
  if (variableNode === undefined || second === undefined || !(args.length === 2 || isLong)) {
    return undefined;
  }
  const variable = takeVariable(variableNode, name);
  const body = third ?? second;
  const isMap = macro === "map";
  const predicate = isMap && third === undefined ? undefined : second;
  return {
    kind: "loop",
    macro,
    range,
    variable,
    predicate,
    transform: isMap ? body : undefined,
    at,
  };
}

function expandOptionalMap(
  { name, args, at }: CallParts,
  operand: CelNode,
  isFlat: boolean,
): CelNode | undefined {
  const [variableNode, body] = args;
  if (args.length !== 2 || variableNode === undefined || body === undefined) return undefined;
  const variable = takeVariable(variableNode, name);
  return { kind: "optionalMap", isFlat, operand, variable, body, at };
}

/** `list.sortBy(x, key)`: the list with the list of its keys. */
function expandSortBy(call: CallParts, target: CelNode): CelNode | undefined {
  const { args, at } = call;
  if (args.length !== 2) return undefined;
  const variable = "@sortBy";
  const list: CelNode = { kind: "identifier", name: variable, at: target.at };
  const keys = expandLoop(call, list, "map");
  if (keys === undefined) return undefined;
  const body: CelNode = {
    kind: "call",
    name: "@sortByKeys",
    target: undefined,
    args: [list, { ...keys, macro: "map", predicate: undefined, transform: args[1] }],
    at,
  };
  return { kind: "bind", variable, init: target, body, at };
}

/** `math.greatest(a, b, c, …)`: of a list from three arguments on. */
function expandExtreme(call: CallParts, target: CelNode): CelNode | undefined {
  const { args, at, name } = call;
  if (target.kind !== "identifier" || target.name !== "math") return undefined;
  const [only] = args;
  if (args.length === 1 && only?.kind === "list" && only.elements.length === 0) {
    throw new CelSyntaxError(`\`math.${name}\` of an empty list has no value`, only.at);
  }
  if (args.length < 3) return undefined;
  const elements = args.map((value) => ({ value, isOptional: false }));
  return { kind: "call", name, target, args: [{ kind: "list", elements, at }], at };
}

function expandBind({ name, args, at }: CallParts, target: CelNode): CelNode | undefined {
  const [variableNode, init, body] = args;
  if (target.kind !== "identifier" || target.name !== "cel" || args.length !== 3) return undefined;
  if (variableNode === undefined || init === undefined || body === undefined) return undefined;
  return { kind: "bind", variable: takeVariable(variableNode, name), init, body, at };
}

/** Protobuf extensions: none exists in the messages of this environment, so each is an undefined field. */
function expandExtension({ args }: CallParts, target: CelNode): CelNode | undefined {
  const [operand, extension] = args;
  const isProto = target.kind === "identifier" && target.name === "proto";
  if (!isProto || args.length !== 2) return undefined;
  if (operand === undefined || extension === undefined) return undefined;
  const field = qualifiedName(extension);
  if (field === undefined) {
    throw new CelSyntaxError("the extension must be a qualified name", extension.at);
  }
  return { kind: "select", operand, field, isOptional: false, isTest: false, at: operand.at };
}

/** Returns `a.b.c` of a chain of plain selections, or undefined for any other node. */
export function qualifiedName(node: CelNode): string | undefined {
  if (node.kind === "identifier") return node.name;
  if (node.kind !== "select" || node.isTest || node.isOptional) return undefined;
  const operand = qualifiedName(node.operand);
  return operand === undefined ? undefined : `${operand}.${node.field}`;
}

function takeVariable(node: CelNode, macro: string): string {
  if (node.kind === "identifier") return node.name;
  throw new CelSyntaxError(`the first argument of \`${macro}\` must be a simple name`, node.at);
}
