import type { ParsedExpression } from "../../jmespath/syntax/parsed-expression.ts";
import type { JsonObject, JsonValue } from "../../model/json.ts";
import type { TreeParser } from "../assertion/parse-tree.ts";
import type { TreeKey, TreeNode } from "../assertion/tree-node.ts";
import type {
  AssertBlock,
  AssertionDocument,
  ContextEntry,
  MatchBlock,
  RuleDocument,
} from "../document/document.ts";
import type { PolicyAnswers } from "../templates/answer-document.ts";
import {
  expressionsOfAnswers,
  parseRuleAnswers,
  type RuleAnswers,
} from "../templates/parse-answers.ts";
import { type ParsedMessage, parseMessage } from "../templates/parse-message.ts";

/** A rule of which every tree, key, expression and message is parsed. */
export interface ParsedRule {
  readonly document: RuleDocument;
  readonly context: readonly ParsedContextEntry[];
  readonly match: ParsedMatch | undefined;
  readonly exclude: ParsedMatch | undefined;
  readonly identifier: ParsedExpression | undefined;
  readonly assert: ParsedAssert;
  readonly answers: RuleAnswers;
}

/** An entry of a rule's context; `key` is there if its variable is more than a value. */
export interface ParsedContextEntry {
  readonly name: string;
  readonly variable: JsonValue;
  readonly key: TreeKey | undefined;
}

/** A `match` or `exclude` block. */
export interface ParsedMatch {
  readonly document: MatchBlock;
  readonly any: readonly TreeNode[];
  readonly all: readonly TreeNode[];
}

/** An `assert` block. */
export interface ParsedAssert {
  readonly document: AssertBlock;
  readonly any: readonly ParsedAssertion[];
  readonly all: readonly ParsedAssertion[];
}

/** One assertion. */
export interface ParsedAssertion {
  readonly check: TreeNode;
  readonly message: ParsedMessage | undefined;
}

/** Parses a rule, once for everything that is done with it, and what its policy has the proxy told. */
export function parseRule(
  document: RuleDocument,
  answers: PolicyAnswers,
  parser: TreeParser,
): ParsedRule {
  const { context, match, exclude, identifier, assert } = document;
  return {
    document,
    context: context.map((entry) => parseContextEntry(entry, parser)),
    match: match && parseMatch(match, parser),
    exclude: exclude && parseMatch(exclude, parser),
    identifier: identifier === undefined ? undefined : parser.parseExpression(identifier),
    assert: {
      document: assert,
      any: parseAssertions(assert.any, parser),
      all: parseAssertions(assert.all, parser),
    },
    answers: parseRuleAnswers(answers, document.name, parser.parseExpression),
  };
}

/** Returns the trees of `match` and `exclude`, then those of `assert`, in the order of the document. */
export function treesOf({ match, exclude, assert }: ParsedRule): readonly TreeNode[] {
  return [
    ...[match, exclude].flatMap((block) => [...(block?.any ?? []), ...(block?.all ?? [])]),
    ...[...assert.any, ...assert.all].map(({ check }) => check),
  ];
}

/** Returns the expressions in the texts of the rule: the messages of its assertions, and its answers. */
export function textExpressionsOf({ assert, answers }: ParsedRule): readonly ParsedExpression[] {
  const inMessages = [...assert.any, ...assert.all].flatMap(({ message }) =>
    (message?.placeholders ?? []).map(({ expression }) => expression),
  );
  return [...inMessages, ...expressionsOfAnswers(answers)];
}

function parseContextEntry(entry: ContextEntry, parser: TreeParser): ParsedContextEntry {
  const { name, variable = null } = entry;
  const key = typeof variable === "string" ? parser.parseKey(variable) : undefined;
  return { name, variable, key };
}

function parseMatch(document: MatchBlock, { parseTree }: TreeParser): ParsedMatch {
  const parse = (trees: readonly JsonObject[] = []): readonly TreeNode[] => trees.map(parseTree);
  return { document, any: parse(document.any), all: parse(document.all) };
}

function parseAssertions(
  assertions: readonly AssertionDocument[] = [],
  parser: TreeParser,
): readonly ParsedAssertion[] {
  return assertions.map(({ check, message }) => ({
    check: parser.parseTree(check),
    message: message === undefined ? undefined : parseMessage(message, parser.parseExpression),
  }));
}
