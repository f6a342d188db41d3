import type { CelNode } from "./ast.ts";

/** Returns the nodes directly below a node, in the order of the text. */
export function childrenOf(node: CelNode): readonly CelNode[] {
  switch (node.kind) {
    case "literal":
    case "identifier":
      return [];
    case "select":
      return [node.operand];
    case "call":
      return node.target === undefined ? node.args : [node.target, ...node.args];
    case "conditional":
      return [node.condition, node.whenTrue, node.otherwise];
    case "logical":
      return node.operands;
    case "list":
      return node.elements.map(({ value }) => value);
    case "map":
      return node.entries.flatMap(({ key, value }) => [key, value]);
    case "message":
      return node.fields.map(({ value }) => value);
    case "loop":
      return [node.range, node.predicate, node.transform].filter((child) => child !== undefined);
    case "bind":
      return [node.init, node.body];
    case "optionalMap":
      return [node.operand, node.body];
  }
}
