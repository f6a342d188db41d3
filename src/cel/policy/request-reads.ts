import { maxPathLength, type PayloadPath } from "../../model/payload-reads.ts";
import type { Checked } from "../check/checked.ts";
import type { MessageTypes } from "../messages/message-types.ts";
import type { CallNode, CelNode, SelectNode } from "../syntax/ast.ts";
import { childrenOf } from "../syntax/children.ts";

/** Functions that look a key up in a map, their second argument. */
const lookups: ReadonlySet<string> = new Set(["_[_]", "_[?_]"]);

/**
 * Returns the parts of the payload that an expression over a `CheckRequest` may read. The payload is the request's
 * `attributes`: what reads the request as a whole reads all of it.
 */
export function findRequestReads(
  root: CelNode,
  checked: Checked,
  messages: MessageTypes,
): readonly PayloadPath[] {
  const paths: PayloadPath[] = [];
  const visit = (node: CelNode): void => {
    paths.push(...readsOfAnswer(node, checked));
    const path = pathOf(node, checked, messages);
    if (path === undefined) {
      for (const child of childrenOf(node)) visit(child);
      return;
    }
    // The first name is `attributes`, the payload itself.
    paths.push(path.slice(1, 1 + maxPathLength));
    for (const key of keysOf(node)) visit(key);
  };
  visit(root);
  return paths;
}

/**
 * Returns the parts of the payload that an answer is settled by (`settleAllow`): whether a header is there that is appended to,
 * and how the path spells its query parameters.
 */
function readsOfAnswer(node: CelNode, { calls }: Checked): readonly PayloadPath[] {
  if (node.kind === "message" && node.typeName.startsWith("envoy.")) return [headersPath, pathPath];
  switch (calls.get(node)?.name) {
    case "Append":
      return [headersPath];
    case "WithQueryParam":
    case "WithoutQueryParam":
      return [pathPath];
    default:
      return [];
  }
}

const headersPath: PayloadPath = ["request", "http", "headers"];
const pathPath: PayloadPath = ["request", "http", "path"];

/** Returns the names from the request down to a node, or undefined when the node is no part of the request. */
function pathOf(node: CelNode, checked: Checked, messages: MessageTypes): PayloadPath | undefined {
  if (node.kind === "identifier") {
    const reference = checked.references.get(node);
    return reference?.kind === "variable" && reference.name === "object" ? [] : undefined;
  }
  if (node.kind === "select") return selectPath(node, checked, messages);
  return node.kind === "call" ? lookupPath(node, checked, messages) : undefined;
}

function selectPath(
  node: SelectNode,
  checked: Checked,
  messages: MessageTypes,
): PayloadPath | undefined {
  const before = pathOf(node.operand, checked, messages);
  if (before === undefined) return undefined;
  const type = checked.types.get(node.operand);
  if (type?.kind === "map") return [...before, node.field];
  const field =
    type?.kind === "message" ? messages.shape(type.name)?.fields?.get(node.field) : undefined;
  // What is inside an optional, a Struct or an Any is read as a whole.
  return field === undefined ? before : [...before, field.jsonName];
}

/** A key that is written in the expression names one member of a map; any other may name each. */
function lookupPath(
  node: CallNode,
  checked: Checked,
  messages: MessageTypes,
): PayloadPath | undefined {
  const [map, key] = node.args;
  if (!lookups.has(node.name) || map === undefined) return undefined;
  const before = pathOf(map, checked, messages);
  if (before === undefined || checked.types.get(map)?.kind !== "map") return before;
  const name = key?.kind === "literal" ? key.value : undefined;
  return typeof name === "string" ? [...before, name] : before;
}

/** Returns the keys of all lookups on the way down to the node: they are expressions of their own. */
function keysOf(node: CelNode): readonly CelNode[] {
  if (node.kind === "select") return keysOf(node.operand);
  if (node.kind !== "call") return [];
  const [map, ...keys] = node.args;
  return map === undefined ? keys : [...keysOf(map), ...keys];
}
