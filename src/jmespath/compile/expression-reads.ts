import { maxPathLength, type PayloadPath } from "../../model/payload-reads.ts";
import type { Ast, CallNode, ChainNode } from "../syntax/ast.ts";
import { type JsonPart, keyOfJsonCall, seenOnly, stepInto } from "./json-part.ts";
import { readLetItem } from "./let-item.ts";

/**
 * The place of a value, should it be a part of the payload or of what a call has read from a JSON text; undefined for
 * every other value, whose parts of those, if it has any, have been noted when it was made.
 */
export type Whereabouts = PayloadPath | JsonPart | undefined;

/** Notes that more is seen of the part there than the fields that are asked for: its type, its members, its absence. */
export type NoteRead = (part: Whereabouts) => void;

/** The JSON that the values of variables are parts of, by name. */
export type VariableParts = ReadonlyMap<string, JsonPart>;

const noVariables: VariableParts = new Map();

/**
 * Returns where the expression's result stands, evaluated for a value that stands at `at`. On the way everything is noted
 * that the evaluation may see; the result itself is for the caller to note.
 *
 * Only fields are followed, and elements of what was read from JSON. All else that a value is handed to counts as seeing
 * the whole of it, and so does binding it to a variable, those in `variables` apart; a name that is bound there, or
 * `$payload`, means the same also where another variable of that name hides it.
 */
export function readExpression(
  node: Ast,
  at: Whereabouts,
  note: NoteRead,
  variables: VariableParts = noVariables,
): Whereabouts {
  return readNode(node, at, { note, variables });
}

/** Returns where the field of a value stands; at the value itself once that is as deep as parts are told apart. */
export function memberAt(at: Whereabouts, name: string): Whereabouts {
  if (at === undefined) return undefined;
  if ("call" in at) return stepInto(at, name);
  return at.length >= maxPathLength ? at : [...at, name];
}

/** Returns where each element of a value stands, or each member; undefined where those are not told apart. */
export function elementAt(at: Whereabouts): Whereabouts {
  return at !== undefined && "call" in at ? stepInto(at, undefined) : undefined;
}

/** Notes that the value there is seen to be there, and not to be null. */
export function noteSeen(at: Whereabouts, note: NoteRead): void {
  note(at !== undefined && "call" in at ? seenOnly(at) : at);
}

interface Reading {
  readonly note: NoteRead;
  readonly variables: VariableParts;
}

type NodeOfKind = { readonly [Kind in Ast["kind"]]: Extract<Ast, { kind: Kind }> };
type NodeReaders = {
  readonly [Kind in Ast["kind"]]: (
    node: NodeOfKind[Kind],
    at: Whereabouts,
    reading: Reading,
  ) => Whereabouts;
};

const nodeReaders: NodeReaders = {
  current: (_, at) => at,
  field: ({ name }, at) => memberAt(at, name),
  literal: () => undefined,
  variable: ({ name }, _, { variables }) => (name === "payload" ? [] : variables.get(name)),
  path: readPath,
  pipe: ({ steps }, at, reading) => steps.reduce((from, step) => readNode(step, from, reading), at),
  or: ({ steps }, at, reading) => noteAll(steps, at, reading),
  and: ({ steps }, at, reading) => noteAll(steps, at, reading),
  index: (_, at, reading) => noteWhole(at, reading),
  slice: (_, at, reading) => noteWhole(at, reading),
  elements: ({ left, right }, at, reading) => noteProjection(left, [right], at, reading),
  values: ({ left, right }, at, reading) => noteProjection(left, [right], at, reading),
  filter: ({ left, condition, right }, at, reading) =>
    noteProjection(left, [condition, right], at, reading),
  flatten: ({ left }, at, reading) => noteAll([left], at, reading),
  list: ({ items }, at, reading) => noteAll(items, at, reading),
  hash: ({ entries }, at, reading) => {
    const values = entries.map(({ value }) => value);
    return noteAll(values, at, reading);
  },
  comparison: ({ left, right }, at, reading) => noteAll([left, right], at, reading),
  arithmetic: ({ left, right }, at, reading) => noteAll([left, right], at, reading),
  unary: ({ operand }, at, reading) => noteAll([operand], at, reading),
  not: ({ operand }, at, reading) => noteAll([operand], at, reading),
  let: ({ items, body }, at, reading) => {
    for (const { value } of items.map(readLetItem)) {
      if (value !== undefined) noteAll([value], at, reading);
    }
    return readNode(body, at, reading);
  },
  assignment: ({ left, right }, at, reading) => noteAll([left, right], at, reading),
  call: readCall,
  // What it is called with is an argument of a function or part of one, so noted there.
  reference: ({ body }, _, reading) => noteAll([body], undefined, reading),
};

/** Takes the kind apart from the node: that is how the compiler can pair the two. */
function readKind<Kind extends Ast["kind"]>(
  kind: Kind,
  node: NodeOfKind[Kind],
  at: Whereabouts,
  reading: Reading,
): Whereabouts {
  return nodeReaders[kind](node, at, reading);
}

function readNode(node: Ast, at: Whereabouts, reading: Reading): Whereabouts {
  return readKind(node.kind, node, at, reading);
}

function readCall(node: CallNode, at: Whereabouts, reading: Reading): Whereabouts {
  const { name, parameters } = node;
  if (name === "not_null") return readNotNull(node, at, reading);
  noteAll(parameters, at, reading);
  const call = keyOfJsonCall(name, parameters);
  return call === undefined ? undefined : { call, steps: [] };
}

/** It hands one of its arguments on as it is, and sees no more of the others than that they are null. */
function readNotNull({ parameters }: CallNode, at: Whereabouts, reading: Reading): Whereabouts {
  const parts = parameters
    .map((parameter) => readNode(parameter, at, reading))
    .filter((part) => part !== undefined);
  const [only] = parts;
  if (only !== undefined && parts.length === 1 && "call" in only) return only;
  for (const part of parts) reading.note(part);
  return undefined;
}

/** A path ends at null, so what a step other than a field is taken from has been seen not to be null. */
function readPath({ steps }: ChainNode<"path">, at: Whereabouts, reading: Reading): Whereabouts {
  let from = at;
  for (const [index, step] of steps.entries()) {
    if (index > 0 && step.kind !== "field") noteSeen(from, reading.note);
    from = readNode(step, from, reading);
  }
  return from;
}

/** The elements of a value that is noted whole stand nowhere. What comes of each of the others is an element of a list. */
function noteProjection(
  left: Ast,
  inner: readonly Ast[],
  at: Whereabouts,
  reading: Reading,
): undefined {
  const from = readNode(left, at, reading);
  const element = elementAt(from);
  if (element === undefined) reading.note(from);
  else noteSeen(element, reading.note);
  noteAll(inner, element, reading);
}

function noteAll(nodes: readonly Ast[], at: Whereabouts, reading: Reading): undefined {
  for (const node of nodes) reading.note(readNode(node, at, reading));
}

function noteWhole(at: Whereabouts, reading: Reading): undefined {
  reading.note(at);
}
