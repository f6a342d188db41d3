import type { Value } from "../../go-values/value.ts";
import type { Ast, CallNode, ChainNode, LetNode } from "../syntax/ast.ts";

/**
 * The size that a value may have, in terms of the payload: `level` 0 is a part of it or as large, and level n a share of what
 * n loops in one another go through: what all turns see of it together is no larger. Infinity is what does not depend on
 * the payload, and −1 what has no bound.
 */
export interface Extent {
  readonly level: number;
  /** How many times as large; of what does not depend on the payload, the size in characters and elements. */
  readonly factor: number;
}

/** The bound on the work of a function, as far as it is known. */
export type Work =
  /** Looks at what its arguments are, not into them. */
  | { readonly kind: "look"; readonly gives: "scalar" | "first" | "any" }
  /** Goes through its arguments once, and builds at most so many times as much. */
  | { readonly kind: "pass"; readonly gives: "scalar" | number }
  /** Goes through one argument for each character or element of the others. */
  | {
      readonly kind: "product";
      readonly gives: "scalar" | "product";
      /** Returns whether a pattern is cheap enough to be looked for in a whole payload. */
      readonly isCheap?: (pattern: string) => boolean;
    }
  /** Asks a reference, at one place, for every element of a list at the other. */
  | { readonly kind: "loop"; readonly gives: "results" | "elements" }
  /** Sorts. */
  | { readonly kind: "sort" }
  /** Builds as much as a number says, its second argument. */
  | { readonly kind: "fill" }
  /** Builds what has no bound but the limits. */
  | { readonly kind: "unbounded" };

/** The knowledge at the place where an expression stands. */
export interface WorkSite {
  readonly workOf: (name: string) => Work | undefined;
  readonly variables: ReadonlyMap<string, Extent>;
  /** In how many loops over parts of the payload it stands. */
  readonly depth: number;
}

/** The payload, and what is as large. */
export const wholeExtent: Extent = { level: 0, factor: 1 };

/** Something that is looked at in a step: a number, a boolean, a short text of the policy's. */
export const scalarExtent: Extent = { level: Number.POSITIVE_INFINITY, factor: 1 };

/** So many times as large as the payload is no bound any more. */
const MAX_FACTOR = 256;
/** How large a constant may be that is gone through once, and in every turn of a loop. */
const MAX_CONSTANT = 65_536;
const MAX_CONSTANT_IN_LOOP = 1_024;

/** Returns the extent of a constant. */
export function constantExtent(value: Value): Extent {
  return { level: Number.POSITIVE_INFINITY, factor: sizeOf(value, 0) };
}

/**
 * Returns how large the expression's result may be for a current value of that extent; undefined where evaluating it has
 * no bound linear in the size of the payload, as far as can be told.
 */
export function extentOf(node: Ast, current: Extent, site: WorkSite): Extent | undefined {
  return extentOfKind(node.kind, node, current, site);
}

type NodeOfKind = { readonly [Kind in Ast["kind"]]: Extract<Ast, { kind: Kind }> };
type NodeExtents = {
  readonly [Kind in Ast["kind"]]: (
    node: NodeOfKind[Kind],
    current: Extent,
    site: WorkSite,
  ) => Extent | undefined;
};

const nodeExtents: NodeExtents = {
  current: (_, current) => current,
  field: (_, current) => current,
  index: (_, current) => current,
  literal: ({ value }) => constantExtent(value),
  variable: ({ name }, _, { variables }) => variables.get(name) ?? scalarExtent,
  path: extentOfSteps,
  pipe: extentOfSteps,
  or: ({ steps }, current, site) => largest(extentsOf(steps, current, site)),
  and: ({ steps }, current, site) => largest(extentsOf(steps, current, site)),
  slice: (_, current, site) => readable(current, site),
  flatten: ({ left }, current, site) => readable(extentOf(left, current, site), site),
  elements: ({ left, right }, current, site) => loop(extentOf(left, current, site), right, site),
  values: ({ left, right }, current, site) => loop(extentOf(left, current, site), right, site),
  filter: ({ left, condition, right }, current, site) => {
    const collection = extentOf(left, current, site);
    return loop(collection, condition, site) && loop(collection, right, site);
  },
  list: ({ items }, current, site) => sum(extentsOf(items, current, site), 1, site),
  hash: ({ entries }, current, site) => {
    const values = entries.map(({ value }) => value);
    return sum(extentsOf(values, current, site), 1, site);
  },
  comparison: ({ left, right }, current, site) =>
    compare(extentsOf([left, right], current, site), site),
  arithmetic: ({ left, right }, current, site) =>
    extentsOf([left, right], current, site) && scalarExtent,
  unary: ({ operand }, current, site) => extentOf(operand, current, site) && scalarExtent,
  not: ({ operand }, current, site) => extentOf(operand, current, site) && scalarExtent,
  let: extentOfLet,
  call: extentOfCall,
  // It binds nothing outside `let`.
  assignment: () => undefined,
  // What is handed on may be called from anywhere.
  reference: () => undefined,
};

/** Takes the kind apart from the node: that is how the compiler can pair the two. */
function extentOfKind<Kind extends Ast["kind"]>(
  kind: Kind,
  node: NodeOfKind[Kind],
  current: Extent,
  site: WorkSite,
): Extent | undefined {
  return nodeExtents[kind](node, current, site);
}

/** Returns the extent where all of the value can be gone through where it stands. */
export function readable(extent: Extent | undefined, { depth }: WorkSite): Extent | undefined {
  if (extent === undefined) return undefined;
  const { level, factor } = extent;
  if (level !== Number.POSITIVE_INFINITY) {
    return level >= depth && factor <= MAX_FACTOR ? extent : undefined;
  }
  return factor <= (depth === 0 ? MAX_CONSTANT : MAX_CONSTANT_IN_LOOP) ? extent : undefined;
}

/** Returns where a turn of a loop over the collection stands, and the extent of its element. */
export function enterLoop(collection: Extent, site: WorkSite): [element: Extent, site: WorkSite] {
  // A constant has so many elements whatever the payload holds.
  if (collection.level === Number.POSITIVE_INFINITY) return [collection, site];
  const depth = site.depth + 1;
  return [
    { level: depth, factor: collection.factor },
    { ...site, depth },
  ];
}

/** Returns the extents of comparing two values: a comparison ends with the shorter one. */
export function compare(
  extents: readonly Extent[] | undefined,
  site: WorkSite,
): Extent | undefined {
  const isBounded = extents?.some((extent) => readable(extent, site) !== undefined) === true;
  return isBounded ? scalarExtent : undefined;
}

function extentsOf(
  nodes: readonly Ast[],
  current: Extent,
  site: WorkSite,
): readonly Extent[] | undefined {
  const extents: Extent[] = [];
  for (const node of nodes) {
    const extent = extentOf(node, current, site);
    if (extent === undefined) return undefined;
    extents.push(extent);
  }
  return extents;
}

function extentOfSteps(
  { steps }: ChainNode<"path"> | ChainNode<"pipe">,
  current: Extent,
  site: WorkSite,
): Extent | undefined {
  let extent: Extent | undefined = current;
  for (const step of steps) extent = extent && extentOf(step, extent, site);
  return extent;
}

/** The items see the variables outside only. */
function extentOfLet(node: LetNode, current: Extent, site: WorkSite): Extent | undefined {
  const variables = new Map(site.variables);
  for (const item of node.items) {
    if (item.kind !== "assignment" || item.left.kind !== "variable") return undefined;
    const extent = extentOf(item.right, current, site);
    if (extent === undefined) return undefined;
    variables.set(item.left.name, extent);
  }
  return extentOf(node.body, current, { ...site, variables });
}

/** What the bodies of all turns give together. */
function loop(collection: Extent | undefined, body: Ast, site: WorkSite): Extent | undefined {
  if (collection === undefined || readable(collection, site) === undefined) return undefined;
  const [element, inside] = enterLoop(collection, site);
  const result = extentOf(body, element, inside);
  if (result === undefined) return undefined;
  if (collection.level === Number.POSITIVE_INFINITY || result.level === Number.POSITIVE_INFINITY) {
    const level = Math.min(collection.level, result.level);
    return { level, factor: collection.factor * result.factor };
  }
  // What is no share of the element is there as often as there are elements.
  return result.level >= inside.depth ? { ...result, level: collection.level } : unbounded;
}

const unbounded: Extent = { level: -1, factor: 1 };

function extentOfCall(node: CallNode, current: Extent, site: WorkSite): Extent | undefined {
  const work = site.workOf(node.name);
  if (work === undefined) return undefined;
  if (work.kind === "loop") return extentOfLoopCall(node, work.gives, current, site);
  const extents = extentsOf(node.parameters, current, site);
  if (extents === undefined) return undefined;
  if (work.kind === "look") return look(extents, work.gives);
  const isReadable = extents.every((extent) => readable(extent, site) !== undefined);
  return isReadable ? extentOfWork(work, node, extents, site) : undefined;
}

/** Of a function that goes through its arguments. */
function extentOfWork(
  work: Work,
  node: CallNode,
  extents: readonly Extent[],
  site: WorkSite,
): Extent | undefined {
  switch (work.kind) {
    case "pass":
      return work.gives === "scalar" ? scalarExtent : sum(extents, work.gives, site);
    case "product":
      return isCheapPattern(node, work.isCheap) ? multiply(extents, work.gives) : undefined;
    case "sort":
      return extents.every(({ level }) => level === Number.POSITIVE_INFINITY)
        ? sum(extents, 1, site)
        : undefined;
    case "fill":
      return fill(node, extents, site);
    case "look":
    case "loop":
    case "unbounded":
      return undefined;
  }
}

function isCheapPattern({ parameters }: CallNode, isCheap?: (pattern: string) => boolean): boolean {
  const [first] = parameters;
  // A pattern that is computed of constants is one of few, and not long.
  if (isCheap === undefined || first?.kind !== "literal") return isCheap === undefined;
  return typeof first.value !== "string" || isCheap(first.value);
}

/** Of a reference and a list, in either order. */
function extentOfLoopCall(
  { parameters }: CallNode,
  gives: "results" | "elements",
  current: Extent,
  site: WorkSite,
): Extent | undefined {
  const reference = parameters.find((parameter) => parameter.kind === "reference");
  const list = parameters.find((parameter) => parameter !== reference);
  if (reference === undefined || list === undefined || parameters.length !== 2) return undefined;
  const collection = extentOf(list, current, site);
  const results = loop(collection, reference.body, site);
  return gives === "results" ? results : results && collection;
}

function look(extents: readonly Extent[], gives: "scalar" | "first" | "any"): Extent | undefined {
  if (gives === "scalar") return scalarExtent;
  return gives === "first" ? extents[0] : largest(extents);
}

/** At most one of the arguments may depend on the payload: nothing else bounds their product. */
function multiply(extents: readonly Extent[], gives: "scalar" | "product"): Extent | undefined {
  const open = extents.filter(({ level }) => level !== Number.POSITIVE_INFINITY);
  const constants = extents.filter(({ level }) => level === Number.POSITIVE_INFINITY);
  const isBounded = constants.every(({ factor }) => factor <= MAX_CONSTANT_IN_LOOP);
  if (open.length > 1 || (open.length === 1 && !isBounded)) return undefined;
  if (gives === "scalar") return scalarExtent;
  const size = constants.reduce((total, { factor }) => total + factor, 1);
  const [only] = open;
  return only === undefined
    ? { level: Number.POSITIVE_INFINITY, factor: size * size }
    : { level: only.level, factor: only.factor * size };
}

/** A width that is written out. */
function fill(
  { parameters }: CallNode,
  extents: readonly Extent[],
  site: WorkSite,
): Extent | undefined {
  const width = parameters[1];
  const size = width?.kind === "literal" && typeof width.value === "number" ? width.value : -1;
  if (size < 0) return undefined;
  const padding: Extent = { level: Number.POSITIVE_INFINITY, factor: size };
  return readable(padding, site) && sum([...extents, padding], 1, site);
}

/** All of them together, so many times. */
function sum(
  extents: readonly Extent[] | undefined,
  times: number,
  { depth }: WorkSite,
): Extent | undefined {
  if (extents === undefined) return undefined;
  const open = extents.filter(({ level }) => level !== Number.POSITIVE_INFINITY);
  const closed = extents.filter(({ level }) => level === Number.POSITIVE_INFINITY);
  const size = closed.reduce((total, { factor }) => total + factor, 1);
  if (open.length === 0) return { level: Number.POSITIVE_INFINITY, factor: size * times };
  const level = Math.min(...open.map((extent) => extent.level));
  const factor = open.reduce((total, extent) => total + extent.factor, 0);
  // Once is no matter; in a loop it is there as often as there are elements.
  return { level, factor: (factor + (depth === 0 ? 0 : size)) * times };
}

function largest(extents: readonly Extent[] | undefined): Extent | undefined {
  if (extents === undefined) return undefined;
  const open = extents.filter(({ level }) => level !== Number.POSITIVE_INFINITY);
  const those = open.length === 0 ? extents : open;
  return {
    level: Math.min(...those.map(({ level }) => level)),
    factor: Math.max(...those.map(({ factor }) => factor)),
  };
}

function sizeOf(value: Value, depth: number): number {
  if (typeof value === "string") return Math.max(value.length, 1);
  if (typeof value !== "object" || value === null || depth > 100) return 1;
  let size = 1;
  for (const [key, member] of Object.entries(value)) size += key.length + sizeOf(member, depth + 1);
  return size;
}
