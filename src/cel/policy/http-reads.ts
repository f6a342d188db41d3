import { headerLinesPath, type PayloadPath } from "../../model/payload-reads.ts";
import type { CelNode } from "../syntax/ast.ts";
import { childrenOf } from "../syntax/children.ts";
import type { CompiledExpression } from "./compile-expression.ts";

const target: readonly PayloadPath[] = [["request", "http", "path"]];
const body: readonly PayloadPath[] = [
  ["request", "http", "body"],
  ["request", "http", "rawBody"],
];

/** The parts of the payload that each field of the request's attributes is made of. */
const parts: ReadonlyMap<string, readonly PayloadPath[]> = new Map([
  ["method", [["request", "http", "method"]]],
  ["header", [headerLinesPath]],
  ["host", [["request", "http", "host"]]],
  ["protocol", [["request", "http", "protocol"]]],
  ["contentLength", body],
  ["body", body],
  ["scheme", [["request", "http", "scheme"]]],
  ["path", target],
  ["query", target],
  ["fragment", []],
]);

const everything: readonly PayloadPath[] = [...parts.values()].flat();

/** Methods of the attributes, and the field that each reads. */
const methods: ReadonlyMap<string, string> = new Map([
  ["Header", "header"],
  ["QueryParam", "query"],
]);

/** Returns the parts of a payload that an expression of mode HTTP may read. */
export function findHttpReads({ root, checked }: CompiledExpression): readonly PayloadPath[] {
  const reads: PayloadPath[] = [];
  const isObject = (node: CelNode): boolean => {
    const reference = node.kind === "identifier" ? checked.references.get(node) : undefined;
    return reference?.kind === "variable" && reference.name === "object";
  };
  const isAttributes = (node: CelNode | undefined): boolean =>
    node?.kind === "select" && node.field === "attributes" && isObject(node.operand);
  const visit = (node: CelNode): void => {
    if (node.kind === "select" && isAttributes(node.operand)) {
      reads.push(...(parts.get(node.field) ?? []));
      return;
    }
    if (node.kind === "call" && isAttributes(node.target)) {
      const field = methods.get(node.name);
      reads.push(...(field === undefined ? everything : (parts.get(field) ?? [])));
      for (const argument of node.args) visit(argument);
      return;
    }
    if (isObject(node)) reads.push(...everything);
    for (const child of childrenOf(node)) visit(child);
  };
  visit(root);
  return reads;
}
