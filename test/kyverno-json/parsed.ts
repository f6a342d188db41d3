import { createExpressionParser } from "../../src/jmespath/syntax/parsed-expression.ts";
import { createTreeParser, type TreeParser } from "../../src/kyverno-json/assertion/parse-tree.ts";
import type { TreeNode } from "../../src/kyverno-json/assertion/tree-node.ts";
import type { RuleDocument } from "../../src/kyverno-json/document/document.ts";
import { type ParsedRule, parseRule } from "../../src/kyverno-json/rules/parse-rule.ts";
import type { JsonValue } from "../../src/model/json.ts";
import { defaultEvaluationLimits } from "../../src/model/limits.ts";

/** Creates a parser of a policy set of its own. */
export function newParser(maxDepth: number = defaultEvaluationLimits.maxDepth): TreeParser {
  return createTreeParser(createExpressionParser(maxDepth), maxDepth);
}

/** Parses one tree. */
export function parsedTree(tree: JsonValue, maxDepth?: number): TreeNode {
  return newParser(maxDepth).parseTree(tree);
}

/** Parses one rule. */
export function parsedRule(rule: RuleDocument): ParsedRule {
  return parseRule(rule, {}, newParser());
}
