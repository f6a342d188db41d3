import type { CallNode, CelNode, LoopNode } from "../../src/cel/syntax/ast.ts";

/** A value of the plain interpreter: ints are bigints. */
export type PlainValue = bigint | boolean | string | null | readonly PlainValue[];

/** An expression that has no value. */
export const failed: unique symbol = Symbol("failed");

type Result = PlainValue | typeof failed;
type Names = ReadonlyMap<string, Result>;

/**
 * Walks the tree of a CEL expression and computes each node anew, by the words of the language definition: nothing is compiled,
 * folded or shared. For the part of the language that the property tests generate.
 */
export function interpretCel(node: CelNode, names: Names = new Map()): Result {
  if (node.kind === "literal") {
    const { value } = node;
    return value instanceof Uint8Array || typeof value === "number" ? failed : value;
  }
  if (node.kind === "identifier") return names.get(node.name) ?? failed;
  if (node.kind === "loop") return loop(node, names);
  if (node.kind === "call") return call(node, names);
  if (node.kind === "bind") {
    const init = interpretCel(node.init, names);
    return interpretCel(node.body, new Map([...names, [node.variable, init]]));
  }
  return choose(node, names);
}

function choose(node: CelNode, names: Names): Result {
  if (node.kind === "logical") {
    const operands = node.operands.map((operand) => interpretCel(operand, names));
    return decide(operands, node.operator === "||");
  }
  if (node.kind === "list") {
    const elements = node.elements.map(({ value }) => interpretCel(value, names));
    return elements.every((element) => element !== failed) ? elements : failed;
  }
  if (node.kind !== "conditional") return failed;
  const condition = interpretCel(node.condition, names);
  if (typeof condition !== "boolean") return failed;
  return interpretCel(condition ? node.whenTrue : node.otherwise, names);
}

/** A deciding operand wins over errors, wherever it stands. */
function decide(operands: readonly Result[], deciding: boolean): Result {
  if (operands.includes(deciding)) return deciding;
  return operands.every((operand) => operand === !deciding) ? !deciding : failed;
}

function loop({ macro, range, variable, predicate, transform }: LoopNode, names: Names): Result {
  const list = interpretCel(range, names);
  if (!isPlainList(list)) return failed;
  const each = (body: CelNode | undefined): readonly Result[] =>
    list.map((element) =>
      body === undefined ? true : interpretCel(body, new Map([...names, [variable, element]])),
    );
  const holds = each(predicate);
  if (macro === "all") return decide(holds, false);
  if (macro === "exists") return decide(holds, true);
  if (!holds.every((one) => typeof one === "boolean")) return failed;
  if (macro === "existsOne") return holds.filter(Boolean).length === 1;
  if (macro === "filter") return list.filter((_, index) => holds[index] === true);
  const mapped = each(transform).filter((_, index) => holds[index] === true);
  return mapped.every((one) => one !== failed) ? mapped : failed;
}

type Operation = (left: Result, right: Result) => Result;

/** Operations whose operands are ints. */
function onInts(run: (left: bigint, right: bigint) => Result): Operation {
  return (left, right) =>
    typeof left === "bigint" && typeof right === "bigint" ? run(left, right) : failed;
}

/** Operations whose operands are strings. */
function onTexts(run: (left: string, right: string) => Result): Operation {
  return (left, right) =>
    typeof left === "string" && typeof right === "string" ? run(left, right) : failed;
}

function ordering(holds: (sign: number) => boolean): Operation {
  return (left, right) => {
    if (typeof left === "string" && typeof right === "string") {
      return holds(Buffer.compare(Buffer.from(left), Buffer.from(right)));
    }
    return onInts((a, b) => holds(a < b ? -1 : Number(a > b)))(left, right);
  };
}

function add(left: Result, right: Result): Result {
  if (typeof left === "string" && typeof right === "string") return left + right;
  if (isPlainList(left) && isPlainList(right)) return [...left, ...right];
  return onInts((a, b) => within64(a + b))(left, right);
}

const operations: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ["_==_", isSame],
  ["_!=_", (left, right) => !isSame(left, right)],
  ["!_", (value) => (typeof value === "boolean" ? !value : failed)],
  ["-_", (value) => (typeof value === "bigint" ? within64(-value) : failed)],
  [
    "@in",
    (value, list) => (isPlainList(list) ? list.some((element) => isSame(element, value)) : failed),
  ],
  [
    "_[_]",
    (list, at) =>
      isPlainList(list) && typeof at === "bigint" ? (list[Number(at)] ?? failed) : failed,
  ],
  ["size", sizeOf],
  ["contains", onTexts((text, part) => text.includes(part))],
  ["_+_", add],
  ["_-_", onInts((a, b) => within64(a - b))],
  ["_*_", onInts((a, b) => within64(a * b))],
  ["_/_", onInts((a, b) => (b === 0n ? failed : within64(a / b)))],
  ["_%_", onInts((a, b) => (b === 0n || isOverflow(a, b) ? failed : a % b))],
  ["_<_", ordering((sign) => sign < 0)],
  ["_<=_", ordering((sign) => sign <= 0)],
  ["_>_", ordering((sign) => sign > 0)],
  ["_>=_", ordering((sign) => sign >= 0)],
]);

function isOverflow(left: bigint, right: bigint): boolean {
  return left === -(2n ** 63n) && right === -1n;
}

function call({ name, target, args }: CallNode, names: Names): Result {
  const nodes = target === undefined ? args : [target, ...args];
  const values = nodes.map((node) => interpretCel(node, names));
  if (values.includes(failed)) return failed;
  const [left = failed, right = failed] = values;
  return operations.get(name)?.(left, right) ?? failed;
}

function within64(value: bigint): Result {
  return value === BigInt.asIntN(64, value) ? value : failed;
}

function sizeOf(value: Result): Result {
  if (typeof value === "string") return BigInt(Array.from(value).length);
  return isPlainList(value) ? BigInt(value.length) : failed;
}

function isSame(left: Result, right: Result): boolean {
  if (isPlainList(left) && isPlainList(right)) {
    return (
      left.length === right.length && left.every((one, at) => isSame(one, right[at] ?? failed))
    );
  }
  return left === right;
}

function isPlainList(value: Result): value is readonly PlainValue[] {
  return Array.isArray(value);
}
