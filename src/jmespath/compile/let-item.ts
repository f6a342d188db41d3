import { type Ast, type ChainNode, measure } from "../syntax/ast.ts";

/** The meaning of an item of `let`. */
export interface LetItem {
  /** What is evaluated; undefined for an item without a second part. */
  readonly value: Ast | undefined;
  /** What its value is bound to, without `$`; undefined for a name that no variable can have. */
  readonly name: string | undefined;
  /** What the Go process ends with once the value is there; undefined for an item that binds. */
  readonly panic: string | undefined;
}

/**
 * Returns the item as the Go library reads it. It takes any node for an assignment: the second of its parts is evaluated and
 * bound to the text that the first one holds, whatever stands between the two. A node without such parts ends the
 * process.
 */
export function readLetItem(item: Ast): LetItem {
  const parts = partsOf(item);
  const [first, value] = parts;
  if (value === undefined || typeof value === "string") {
    const panic = `runtime error: index out of range [1] with length ${parts.length}`;
    return { value: undefined, name: undefined, panic };
  }
  const text = typeof first === "string" ? first : first && textOf(first);
  if (text === undefined) {
    const panic = "interface conversion: interface {} is nil, not string";
    return { value, name: undefined, panic };
  }
  return { value, name: text.startsWith("$") ? text.slice(1) : undefined, panic: undefined };
}

/** The node's parts in Go's tree, in its order: nodes, the keys of a hash, undefined for a list of bindings. */
function partsOf(node: Ast): readonly (Ast | string | undefined)[] {
  if (node.kind === "let") return [undefined, node.body];
  if (node.kind === "flatten") return [node.left];
  if ("left" in node) return [node.left, node.right];
  if ("operand" in node) return [node.operand];
  if ("body" in node) return [node.body];
  if ("items" in node) return node.items;
  if ("parameters" in node) return node.parameters;
  if ("entries" in node) {
    return node.entries.map(({ key, value }, index) => (index === 0 ? key : value));
  }
  if (!("steps" in node)) return [];
  return [partOfChain(node, 0, node.split), partOfChain(node, node.split, node.steps.length)];
}

type AnyChain = ChainNode<"path"> | ChainNode<"pipe"> | ChainNode<"or"> | ChainNode<"and">;

/** A chain is one node here, and one of two parts for each operator in Go. */
function partOfChain(chain: AnyChain, start: number, end: number): Ast | undefined {
  const steps = chain.steps.slice(start, end);
  const [only] = steps;
  if (steps.length < 2) return only;
  return { ...chain, ...measure(steps), steps, split: steps.length - 1 };
}

/** The text that the node holds itself. */
function textOf(node: Ast): string | undefined {
  if (node.kind === "field" || node.kind === "call") return node.name;
  if (node.kind === "variable") return `$${node.name}`;
  return node.kind === "literal" && typeof node.value === "string" ? node.value : undefined;
}
