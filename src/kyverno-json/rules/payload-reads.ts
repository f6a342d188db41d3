import { type NoteRead, readExpression } from "../../jmespath/compile/expression-reads.ts";
import type { JsonPart } from "../../jmespath/compile/json-part.ts";
import { astOf, type ParsedExpression } from "../../jmespath/syntax/parsed-expression.ts";
import type { PayloadPath, PayloadReads } from "../../model/payload-reads.ts";
import { readTree, type TreeReading } from "../assertion/tree-reads.ts";
import { readsOfAnswers } from "../templates/parse-answers.ts";
import { JsonReads } from "./json-reads.ts";
import {
  type ParsedContextEntry,
  type ParsedRule,
  textExpressionsOf,
  treesOf,
} from "./parse-rule.ts";

/** Collects what the rules of a set may read of the payload. */
export interface ReadSet {
  add(rule: ParsedRule): void;
  /** What all rules so far may read: the fewest paths that say so. */
  reads(): PayloadReads;
  /** What all rules so far look at of the JSON that calls read. */
  readonly json: JsonReads;
}

/** Returns a set of no rules, which reads nothing. */
export function createReadSet(): ReadSet {
  const payload: Part = { isWhole: false, members: new Map() };
  const json = new JsonReads();
  const reading = createReading((part) => {
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
export function namesPart(rule: ParsedRule, wanted: PayloadPath): boolean {
  const key = JSON.stringify(wanted);
  let isNamed = false;
  const reading = createReading((part) => {
    isNamed ||= JSON.stringify(part) === key;
  });
  readRule(rule, reading);
  return isNamed;
}

/** What reading the rules needs; `variables` are those of the rule that is read. */
interface RuleReading extends TreeReading {
  readonly variables: Map<string, JsonPart>;
}

function createReading(note: NoteRead): RuleReading {
  const variables = new Map<string, JsonPart>();
  return {
    note,
    variables,
    readExpression: (expression, at) => {
      const ast = astOf(expression);
      // A text that is no expression is an error whatever the payload holds.
      return ast && readExpression(ast, at, note, variables);
    },
  };
}

function readRule(rule: ParsedRule, reading: RuleReading): void {
  const readWhole = (expression: ParsedExpression): void => {
    reading.note(reading.readExpression(expression, []));
  };
  reading.variables.clear();
  for (const entry of rule.context) readEntry(entry, reading);
  if (rule.identifier !== undefined) readWhole(rule.identifier);
  for (const tree of treesOf(rule)) readTree(tree, [], reading);
  for (const expression of textExpressionsOf(rule)) readWhole(expression);
  for (const path of readsOfAnswers(rule.answers)) reading.note(path);
}

/** JSON that a variable is bound to is followed to where the variable is read; all else is seen whole. */
function readEntry({ name, key }: ParsedContextEntry, reading: RuleReading): void {
  const { variables } = reading;
  const part = key?.expression && reading.readExpression(key.expression, []);
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
