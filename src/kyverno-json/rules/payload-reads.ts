import {
  type NoteRead,
  readExpression,
  type Whereabouts,
} from "../../jmespath/compile/expression-reads.ts";
import type { JsonPart } from "../../jmespath/compile/json-part.ts";
import type { Ast } from "../../jmespath/syntax/ast.ts";
import { parseExpression } from "../../jmespath/syntax/parse-expression.ts";
import { ExpressionSyntaxError } from "../../jmespath/syntax/syntax-error.ts";
import type { EvaluationLimits } from "../../model/limits.ts";
import type { PayloadPath, PayloadReads } from "../../model/payload-reads.ts";
import { parseKey } from "../assertion/parse-key.ts";
import { readTree, type TreeReading } from "../assertion/tree-reads.ts";
import type { ContextEntry, RuleDocument } from "../document/document.ts";
import { JsonReads } from "./json-reads.ts";
import { compileMessage } from "./message-template.ts";

/** Collects what the rules of a set may read of the payload. */
export interface ReadSet {
  add(rule: RuleDocument): void;
  /** What all rules so far may read: the fewest paths that say so. */
  reads(): PayloadReads;
  /** What all rules so far look at of the JSON that calls read. */
  readonly json: JsonReads;
}

/** A set of no rules, which reads nothing. */
export function createReadSet(limits: EvaluationLimits): ReadSet {
  const payload: Part = { isWhole: false, members: new Map() };
  const json = new JsonReads();
  const reading = createReading(limits, (part) => {
    if (part === undefined) return;
    if ("call" in part) json.add(part);
    else addPath(payload, part);
  });
  return {
    add: (rule) => {
      readRule(rule, reading);
    },
    reads: () => listPaths(payload, []),
    json,
  };
}

/** Returns whether the rule names this part of the payload somewhere; one that reads it among others need not. */
export function namesPart(
  rule: RuleDocument,
  wanted: PayloadPath,
  limits: EvaluationLimits,
): boolean {
  const key = JSON.stringify(wanted);
  let isNamed = false;
  const reading = createReading(limits, (part) => {
    isNamed ||= JSON.stringify(part) === key;
  });
  readRule(rule, reading);
  return isNamed;
}

/** What reading the rules needs; `variables` are those of the rule that is read. */
interface RuleReading extends TreeReading {
  readonly variables: Map<string, JsonPart>;
}

function createReading(limits: EvaluationLimits, note: NoteRead): RuleReading {
  const variables = new Map<string, JsonPart>();
  const known = new Map<string, Ast | undefined>();
  const parse = (statement: string): Ast | undefined => {
    if (known.has(statement)) return known.get(statement);
    const ast = parseExpression(statement, limits.maxDepth);
    // What is no expression is an error whatever the payload holds.
    const read = ast instanceof ExpressionSyntaxError ? undefined : ast;
    known.set(statement, read);
    return read;
  };
  const readStatement = (statement: string, at: Whereabouts): Whereabouts => {
    const ast = parse(statement);
    return ast && readExpression(ast, at, note, variables);
  };
  return { note, readStatement, variables, maxDepth: limits.maxDepth };
}

function readRule(rule: RuleDocument, reading: RuleReading): void {
  const { context, match, exclude, identifier, assert } = rule;
  const readWhole = (statement: string): void => {
    reading.note(reading.readStatement(statement, []));
  };
  reading.variables.clear();
  for (const entry of context) readEntry(entry, reading);
  if (identifier !== undefined) readWhole(identifier);
  for (const block of [match, exclude]) {
    for (const tree of [...(block?.any ?? []), ...(block?.all ?? [])]) readTree(tree, [], reading);
  }
  for (const { check, message = "" } of [...(assert.any ?? []), ...(assert.all ?? [])]) {
    readTree(check, [], reading);
    compileMessage(message, "masked", (statement) => {
      readWhole(statement);
      return () => null;
    });
  }
}

/** JSON that a variable is bound to is followed to where the variable is read; all else is seen whole. */
function readEntry({ name, variable }: ContextEntry, reading: RuleReading): void {
  const { variables } = reading;
  const key = typeof variable === "string" ? parseKey(variable) : undefined;
  const part = key?.isExpression === true ? reading.readStatement(key.statement, []) : undefined;
  if (part !== undefined && "call" in part) {
    variables.set(name, part);
  } else {
    variables.delete(name);
    reading.note(part);
  }
}

/** A part of the payload on the way to what is read, or read itself; then its members do not matter. */
interface Part {
  isWhole: boolean;
  readonly members: Map<string, Part>;
}

function addPath(payload: Part, path: PayloadPath): void {
  let part = payload;
  for (const name of path) {
    if (part.isWhole) return;
    const member = part.members.get(name) ?? { isWhole: false, members: new Map() };
    part.members.set(name, member);
    part = member;
  }
  part.isWhole = true;
  part.members.clear();
}

function listPaths(part: Part, path: PayloadPath): PayloadPath[] {
  if (part.isWhole) return [path];
  return [...part.members].flatMap(([name, member]) => listPaths(member, [...path, name]));
}
