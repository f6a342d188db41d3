import type { ExpressionParser } from "../../jmespath/syntax/parsed-expression.ts";
import type { JsonArray, JsonObject, JsonValue } from "../../model/json.ts";
import { parseKey } from "./parse-key.ts";
import type { TreeKey, TreeNode } from "./tree-node.ts";

/** Parses the trees and keys of one policy set. */
export interface TreeParser {
  /** Returns the tree of the document's JSON; what nests deeper than the limit is cut there. */
  readonly parseTree: (tree: JsonValue) => TreeNode;
  /** Returns the meaning of a key, a leaf or a context variable; undefined for one that stands for itself. */
  readonly parseKey: (text: string) => TreeKey | undefined;
  readonly parseExpression: ExpressionParser;
}

/** Creates a parser that parses each key and each expression once, however often they stand in the documents. */
export function createTreeParser(parseExpression: ExpressionParser, maxDepth: number): TreeParser {
  const keys = new Map<string, TreeKey | undefined>();
  const parseKnownKey = (text: string): TreeKey | undefined => {
    if (keys.has(text)) return keys.get(text);
    const key = parseKey(text);
    const expression = key?.isExpression === true ? parseExpression(key.statement) : undefined;
    const parsed = key && { ...key, expression };
    keys.set(text, parsed);
    return parsed;
  };
  const parseNode = (tree: JsonValue, depth: number): TreeNode => {
    if (depth > maxDepth) return { kind: "too-deep" };
    if (typeof tree === "string") return parseText(tree, parseKnownKey);
    if (typeof tree !== "object" || tree === null) return { kind: "literal", value: tree };
    if (isJsonArray(tree)) {
      return { kind: "list", items: tree.map((item) => parseNode(item, depth + 1)) };
    }
    const entries = Object.entries(tree).map(([text, child]) => ({
      text,
      key: parseKnownKey(text),
      child: parseNode(child, depth + 1),
    }));
    return { kind: "map", entries };
  };
  return {
    parseTree: (tree) => parseNode(tree, 1),
    parseKey: parseKnownKey,
    parseExpression,
  };
}

function parseText(text: string, parse: TreeParser["parseKey"]): TreeNode {
  const key = parse(text);
  if (key?.expression === undefined) return { kind: "literal", value: text };
  return { kind: "expression", text, key, expression: key.expression };
}

function isJsonArray(tree: JsonArray | JsonObject): tree is JsonArray {
  return Array.isArray(tree);
}
