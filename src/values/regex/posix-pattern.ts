import { EvaluationError } from "../../model/evaluation-error.ts";
import { PatternText } from "./pattern-text.ts";
import {
  anyCodePoint,
  type CodePointRange,
  mergeRanges,
  namedRanges,
  negateRanges,
} from "./posix-class.ts";

/** The parts of a regular expression, as far as texts are generated from it. */
export type PatternNode =
  | { readonly kind: "literal"; readonly text: string }
  | { readonly kind: "class"; readonly ranges: readonly CodePointRange[] }
  | { readonly kind: "repeat"; readonly node: PatternNode; readonly bounds: Bounds }
  | { readonly kind: "sequence"; readonly nodes: readonly PatternNode[] }
  | { readonly kind: "choice"; readonly nodes: readonly PatternNode[] };

interface Bounds {
  readonly min: number;
  /** -1 for no bound. */
  readonly max: number;
}

/** A part that may be repeated, with how often nested counts already repeat it and how deep it nests. */
interface Part {
  readonly node: PatternNode;
  readonly copies: number;
  readonly depth: number;
}

/** A group that is not closed yet: its finished alternatives and the one being read. */
interface OpenGroup {
  readonly choices: Part[];
  parts: Part[];
}

/** How often counts that are nested in each other may repeat something, as in Go. */
const MAX_COPIES = 1_000;

/**
 * Returns the tree of a regular expression in Go's syntax with no flags set: POSIX classes, groups and counts, but none of
 * Perl's `\d`, `(?:…)` or `*?`. Else Go's error, with its exact text.
 */
export function parsePosixPattern(text: string, maxDepth: number): PatternNode | EvaluationError {
  const pattern = new PatternText(text);
  const groups: OpenGroup[] = [];
  let group = newGroup();
  while (!pattern.isAtEnd) {
    if (pattern.skip("(")) {
      groups.push(group);
      group = newGroup();
    } else if (pattern.skip(")")) {
      const outer = groups.pop();
      if (outer === undefined) return pattern.fault("unexpected )", 0, Infinity);
      outer.parts.push(closeGroup(group));
      group = outer;
    } else if (pattern.skip("|")) {
      group.choices.push(joinParts(group.parts));
      group.parts = [];
    } else {
      const fault = readPart(pattern, group.parts);
      if (fault !== undefined) return fault;
    }
    if (groups.length + (group.parts.at(-1)?.depth ?? 0) > maxDepth) {
      return new EvaluationError("EVALUATION_DEPTH_LIMIT", "the pattern nests too deeply");
    }
  }
  if (groups.length > 0) return pattern.fault("missing closing )", 0, Infinity);
  return closeGroup(group).node;
}

function newGroup(): OpenGroup {
  return { choices: [], parts: [] };
}

function closeGroup(group: OpenGroup): Part {
  const choices = [...group.choices, joinParts(group.parts)];
  const [only] = choices;
  if (only !== undefined && choices.length === 1) return { ...only, depth: only.depth + 1 };
  return combine(choices, (nodes) => ({ kind: "choice", nodes }));
}

function joinParts(parts: readonly Part[]): Part {
  return combine(parts, (nodes) => ({ kind: "sequence", nodes }));
}

function combine(
  parts: readonly Part[],
  build: (nodes: readonly PatternNode[]) => PatternNode,
): Part {
  let copies = 1;
  let depth = 0;
  for (const part of parts) {
    copies = Math.max(copies, part.copies);
    depth = Math.max(depth, part.depth);
  }
  return { node: build(parts.map(({ node }) => node)), copies, depth: depth + 1 };
}

/** Reads one part, or the operator that repeats the last one. */
function readPart(pattern: PatternText, parts: Part[]): EvaluationError | undefined {
  const start = pattern.at;
  const bounds = readBounds(pattern);
  if (bounds !== undefined) return repeatLast(pattern, parts, bounds, start);
  const node = readNode(pattern);
  if (node instanceof EvaluationError) return node;
  parts.push({ node, copies: 1, depth: 1 });
  return undefined;
}

function readNode(pattern: PatternText): PatternNode | EvaluationError {
  // Where a line or text begins and ends makes no difference to what is generated.
  if (pattern.skip("^") || pattern.skip("$")) return { kind: "literal", text: "" };
  if (pattern.skip(".")) return { kind: "class", ranges: anyCodePoint };
  if (pattern.startsWith("[")) return readClass(pattern);
  if (!pattern.startsWith("\\")) return literal(pattern.next());
  const escaped = pattern.nextEscape();
  return typeof escaped === "number" ? literal(String.fromCodePoint(escaped)) : escaped;
}

function literal(text: string | EvaluationError): PatternNode | EvaluationError {
  return text instanceof EvaluationError ? text : { kind: "literal", text };
}

const simpleBounds: ReadonlyMap<string, Bounds> = new Map([
  ["*", { min: 0, max: -1 }],
  ["+", { min: 1, max: -1 }],
  ["?", { min: 0, max: 1 }],
]);

/** The bounds of the repetition here, if there is one; `{` that begins none is literal. */
function readBounds(pattern: PatternText): (Bounds & { isCounted: boolean }) | undefined {
  const simple = simpleBounds.get(pattern.text.charAt(pattern.at));
  if (simple !== undefined) {
    pattern.at += 1;
    return { ...simple, isCounted: false };
  }
  const count = /\{(0|[1-9][0-9]*)(,(0|[1-9][0-9]*)?)?\}/y;
  count.lastIndex = pattern.at;
  const found = count.exec(pattern.text);
  if (found === null) return undefined;
  pattern.at = count.lastIndex;
  const [, min = "", comma, max] = found;
  const upper = comma === undefined ? min : (max ?? "-1");
  return { min: Number(min), max: Number(upper), isCounted: true };
}

function repeatLast(
  pattern: PatternText,
  parts: Part[],
  { min, max, isCounted }: Bounds & { isCounted: boolean },
  start: number,
): EvaluationError | undefined {
  const isInverted = max >= 0 && min > max;
  if (min > MAX_COPIES || max > MAX_COPIES || isInverted) {
    return pattern.fault("invalid repeat count", start);
  }
  const last = parts.pop();
  if (last === undefined) return pattern.fault("missing argument to repetition operator", start);
  const copies = isCounted ? countCopies(last.copies, min, max) : last.copies;
  if (copies > MAX_COPIES && (min >= 2 || max >= 2)) {
    return pattern.fault("invalid repeat count", start);
  }
  const node: PatternNode = { kind: "repeat", node: last.node, bounds: { min, max } };
  parts.push({ node, copies, depth: last.depth + 1 });
  return undefined;
}

function countCopies(copies: number, min: number, max: number): number {
  if (max === 0) return 0;
  return Math.max(copies, 1) * Math.max(max < 0 ? min : max, 1);
}

/** The class here, such as `[a-z_]` or `[^[:space:]]`. */
function readClass(pattern: PatternText): PatternNode | EvaluationError {
  const start = pattern.at;
  pattern.at += 1;
  const isNegated = pattern.skip("^");
  const ranges: CodePointRange[] = [];
  // `]` and `-` stand for themselves as the first character.
  for (let isFirst = true; isFirst || !pattern.startsWith("]"); isFirst = false) {
    const fault = isFirst ? undefined : strayHyphen(pattern);
    if (fault !== undefined) return fault;
    const range = readNamedClass(pattern) ?? readRange(pattern, start);
    if (range instanceof EvaluationError) return range;
    ranges.push(...range);
  }
  pattern.at += 1;
  return { kind: "class", ranges: isNegated ? negateRanges(ranges) : mergeRanges(ranges) };
}

/** The error of a hyphen that is neither the first nor the last character of its class. */
function strayHyphen(pattern: PatternText): EvaluationError | undefined {
  if (!pattern.startsWith("-") || pattern.startsWith("-]")) return undefined;
  const after = pattern.text.codePointAt(pattern.at + 1);
  const length = after === undefined ? 0 : String.fromCodePoint(after).length;
  return pattern.fault("invalid character class range", pattern.at, pattern.at + 1 + length);
}

function readNamedClass(
  pattern: PatternText,
): readonly CodePointRange[] | EvaluationError | undefined {
  const start = pattern.at;
  if (!pattern.startsWith("[:")) return undefined;
  const end = pattern.text.indexOf(":]", start + 2);
  if (end < 0) return undefined;
  pattern.at = end + 2;
  const ranges = namedRanges(pattern.text.slice(start, end + 2));
  return ranges ?? pattern.fault("invalid character class range", start);
}

function readRange(
  pattern: PatternText,
  classStart: number,
): readonly CodePointRange[] | EvaluationError {
  const start = pattern.at;
  const first = readClassCharacter(pattern, classStart);
  if (typeof first !== "number") return first;
  const isRange = pattern.startsWith("-") && !pattern.startsWith("-]");
  if (!isRange || pattern.at + 1 >= pattern.text.length) return [[first, first]];
  pattern.at += 1;
  const last = readClassCharacter(pattern, classStart);
  if (typeof last !== "number") return last;
  if (last < first) return pattern.fault("invalid character class range", start);
  return [[first, last]];
}

function readClassCharacter(pattern: PatternText, classStart: number): number | EvaluationError {
  if (pattern.isAtEnd) return pattern.fault("missing closing ]", classStart);
  if (pattern.startsWith("\\")) return pattern.nextEscape();
  const character = pattern.next();
  return character instanceof EvaluationError ? character : (character.codePointAt(0) ?? 0);
}
