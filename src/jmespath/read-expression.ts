import { maxPathLength, type PayloadPath } from "../model/payload-reads.ts";
import type { Ast, ChainNode } from "./ast.ts";
import { readLetItem } from "./let-item.ts";

/**
 * Where a value stands in the payload, should it be a part of it; undefined for every other value, whose parts of the
 * payload, if it has any, have been noted when it was made.
 */
export type Whereabouts = PayloadPath | undefined;

/** Notes that more is seen of the part there than the fields that are asked for: its type, its members, its absence. */
export type NoteRead = (part: Whereabouts) => void;

/**
 * Where the expression's result stands, evaluated for a value that stands at `at`. On the way everything is noted
 * that the evaluation may see; the result itself is for the caller to note.
 *
 * Only fields are followed. All else that a value is handed to counts as seeing the whole of it, and so does binding
 * it to a variable; `$payload` is the payload, also where a variable of that name hides it.
 */
export function readExpression(node: Ast, at: Whereabouts, note: NoteRead): Whereabouts {
  return readKind(node.kind, node, at, note);
}

/** Where the field of a value stands; at the value itself once that is as deep as parts are told apart. */
export function memberAt(at: Whereabouts, name: string): Whereabouts {
  return at === undefined || at.length >= maxPathLength ? at : [...at, name];
}

type NodeOfKind = { readonly [Kind in Ast["kind"]]: Extract<Ast, { kind: Kind }> };
type NodeReaders = {
  readonly [Kind in Ast["kind"]]: (
    node: NodeOfKind[Kind],
    at: Whereabouts,
    note: NoteRead,
  ) => Whereabouts;
};

const nodeReaders: NodeReaders = {
  current: (_, at) => at,
  field: ({ name }, at) => memberAt(at, name),
  literal: () => undefined,
  variable: ({ name }) => (name === "payload" ? [] : undefined),
  path: readPath,
  pipe: ({ steps }, at, note) => steps.reduce((from, step) => readExpression(step, from, note), at),
  or: ({ steps }, at, note) => noteAll(steps, at, note),
  and: ({ steps }, at, note) => noteAll(steps, at, note),
  index: (_, at, note) => noteWhole(at, note),
  slice: (_, at, note) => noteWhole(at, note),
  elements: ({ left, right }, at, note) => noteProjection(left, [right], at, note),
  values: ({ left, right }, at, note) => noteProjection(left, [right], at, note),
  filter: ({ left, condition, right }, at, note) =>
    noteProjection(left, [condition, right], at, note),
  flatten: ({ left }, at, note) => noteAll([left], at, note),
  list: ({ items }, at, note) => noteAll(items, at, note),
  hash: ({ entries }, at, note) => {
    const values = entries.map(({ value }) => value);
    return noteAll(values, at, note);
  },
  comparison: ({ left, right }, at, note) => noteAll([left, right], at, note),
  arithmetic: ({ left, right }, at, note) => noteAll([left, right], at, note),
  unary: ({ operand }, at, note) => noteAll([operand], at, note),
  not: ({ operand }, at, note) => noteAll([operand], at, note),
  let: ({ items, body }, at, note) => {
    for (const { value } of items.map(readLetItem))
      if (value !== undefined) noteAll([value], at, note);
    return readExpression(body, at, note);
  },
  assignment: ({ left, right }, at, note) => noteAll([left, right], at, note),
  call: ({ parameters }, at, note) => noteAll(parameters, at, note),
  // What it is called with is an argument of a function or part of one, so noted there.
  reference: ({ body }, _, note) => noteAll([body], undefined, note),
};

/** Takes the kind apart from the node: that is how the compiler can pair the two. */
function readKind<Kind extends Ast["kind"]>(
  kind: Kind,
  node: NodeOfKind[Kind],
  at: Whereabouts,
  note: NoteRead,
): Whereabouts {
  return nodeReaders[kind](node, at, note);
}

/** A path ends at null, so what a step other than a field is taken from has been seen not to be null. */
function readPath({ steps }: ChainNode<"path">, at: Whereabouts, note: NoteRead): Whereabouts {
  let from = at;
  for (const [index, step] of steps.entries()) {
    if (index > 0 && step.kind !== "field") note(from);
    from = readExpression(step, from, note);
  }
  return from;
}

/** The elements of a value that is noted whole stand nowhere. */
function noteProjection(
  left: Ast,
  inner: readonly Ast[],
  at: Whereabouts,
  note: NoteRead,
): undefined {
  noteAll([left], at, note);
  noteAll(inner, undefined, note);
}

function noteAll(nodes: readonly Ast[], at: Whereabouts, note: NoteRead): undefined {
  for (const node of nodes) note(readExpression(node, at, note));
}

function noteWhole(at: Whereabouts, note: NoteRead): undefined {
  note(at);
}
