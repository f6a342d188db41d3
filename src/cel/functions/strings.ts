import type { EvaluationError } from "../../model/evaluation-error.ts";
import { charge } from "../../model/step-limit.ts";
import { codePointLength, offsetOf } from "../values/code-points.ts";
import { valueError } from "../values/errors.ts";
import type { CelList, CelResult } from "../values/value.ts";
import { type CelFunction, define, defineMethod, listOf, types } from "./define.ts";
import type { Frame } from "./frame.ts";

const { bool, int, string } = types;
const strings = listOf(string);

/** White space as Unicode's White_Space property has it, which `trim` cuts off. */
const leadingSpace = /^[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;
const trailingSpace = /[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+$/;

const outOfRange: EvaluationError = valueError("index out of range");

/** Runs once the text's length has been charged for. */
function reading(frame: Frame, length: number, run: () => CelResult): CelResult {
  return charge(frame.budget, length) ?? run();
}

/** Returns the offset in UTF-16 units of a code point's index, or undefined outside 0 to the text's length. */
function place(text: string, index: bigint): number | undefined {
  if (index < 0n || index > BigInt(text.length)) return undefined;
  const length = codePointLength(text);
  if (index > BigInt(length)) return undefined;
  return length === text.length ? Number(index) : offsetOf(text, Number(index));
}

function charAt(text: string, index: bigint): CelResult {
  const offset = place(text, index);
  if (offset === undefined) return outOfRange;
  const point = text.codePointAt(offset);
  return point === undefined ? "" : String.fromCodePoint(point);
}

function indexOf(text: string, part: string, from: bigint): CelResult {
  if (part === "") return from;
  if (from < 0n) return outOfRange;
  const offset = place(text, from);
  if (offset === undefined) return -1n;
  const found = text.indexOf(part, offset);
  return found === -1 ? -1n : BigInt(codePointLength(text.slice(0, found)));
}

function lastIndexOf(text: string, part: string, from: bigint | undefined): CelResult {
  if (from === undefined) {
    if (part === "") return BigInt(codePointLength(text));
    const found = text.lastIndexOf(part);
    return found === -1 ? -1n : BigInt(codePointLength(text.slice(0, found)));
  }
  if (part === "") return from;
  if (from < 0n) return outOfRange;
  const offset = place(text, from);
  if (offset === undefined) return -1n;
  const found = text.lastIndexOf(part, offset);
  return found === -1 ? -1n : BigInt(codePointLength(text.slice(0, found)));
}

function substring(text: string, start: bigint, end: bigint | undefined): CelResult {
  const from = place(text, start);
  const to = end === undefined ? text.length : place(text, end);
  if (from === undefined || to === undefined) return outOfRange;
  return from > to ? valueError("invalid substring range") : text.slice(from, to);
}

function replace(
  frame: Frame,
  text: string,
  [from, to]: readonly [string, string],
  limit: bigint,
): CelResult {
  const most = limit < 0n || limit > BigInt(text.length + 1) ? text.length + 1 : Number(limit);
  const found = from === "" ? text.length + 1 : Math.floor(text.length / from.length);
  const built = text.length + Math.min(most, found) * to.length;
  return reading(frame, text.length + built, () => replaceFirst(text, from, to, most));
}

/** Returns the code points of a text, each a text. */
function pointsOf(text: string): string[] {
  return Array.from(text);
}

/** Go's `strings.Replace`: the empty text is found before each code point and at the end. */
function replaceFirst(text: string, from: string, to: string, most: number): string {
  const parts = from === "" ? ["", ...pointsOf(text), ""] : text.split(from);
  if (from === "") {
    const points = pointsOf(text);
    const places = Math.min(most, points.length + 1);
    return (
      points.map((point, at) => (at < places ? to + point : point)).join("") +
      (places > points.length ? to : "")
    );
  }
  const replaced = Math.min(most, parts.length - 1);
  return (
    parts.slice(0, replaced + 1).join(to) +
    parts
      .slice(replaced + 1)
      .map((part) => from + part)
      .join("")
  );
}

function split(text: string, separator: string, limit: bigint | undefined): CelList {
  if (limit === 0n) return [];
  const parts = separator === "" ? pointsOf(text) : text.split(separator);
  if (limit === undefined || limit < 0n || BigInt(parts.length) <= limit) return parts;
  const kept = Number(limit) - 1;
  return [...parts.slice(0, kept), parts.slice(kept).join(separator)];
}

function mapAscii(text: string, pattern: RegExp, convert: (letter: string) => string): string {
  return text.replaceAll(pattern, convert);
}

function join(frame: Frame, list: CelList, separator: string): CelResult {
  let length = separator.length * list.length;
  const parts: string[] = [];
  for (const part of list) {
    if (typeof part !== "string") return valueError("no such overload: join");
    length += part.length;
    parts.push(part);
  }
  return reading(frame, length, () => parts.join(separator));
}

/** Returns the text in quotes, with escapes for what the original cannot show. */
function quote(text: string): string {
  const escapes: ReadonlyMap<string, string> = new Map([
    ["\u0007", "\\a"],
    ["\b", "\\b"],
    ["\f", "\\f"],
    ["\n", "\\n"],
    ["\r", "\\r"],
    ["\t", "\\t"],
    ["\v", "\\v"],
    ["\\", "\\\\"],
    ['"', '\\"'],
  ]);
  return `"${Array.from(text, (letter) => escapes.get(letter) ?? letter).join("")}"`;
}

/** The strings of the standard library. */
const standardStrings: readonly CelFunction[] = [
  defineMethod("contains", [string, string], bool, (frame, text, part) =>
    reading(frame, text.length, () => text.includes(part)),
  ),
  defineMethod("startsWith", [string, string], bool, (frame, text, part) =>
    reading(frame, part.length, () => text.startsWith(part)),
  ),
  defineMethod("endsWith", [string, string], bool, (frame, text, part) =>
    reading(frame, part.length, () => text.endsWith(part)),
  ),
];

/** The strings extension of cel-go, without `format`. */
export const stringFunctions: readonly CelFunction[] = [
  ...standardStrings,
  defineMethod("charAt", [string, int], string, (frame, text, index) =>
    reading(frame, text.length, () => charAt(text, index)),
  ),
  defineMethod("indexOf", [string, string], int, (frame, text, part) =>
    reading(frame, text.length, () => indexOf(text, part, 0n)),
  ),
  defineMethod("indexOf", [string, string, int], int, (frame, text, part, from) =>
    reading(frame, text.length, () => indexOf(text, part, from)),
  ),
  defineMethod("lastIndexOf", [string, string], int, (frame, text, part) =>
    reading(frame, text.length, () => lastIndexOf(text, part, undefined)),
  ),
  defineMethod("lastIndexOf", [string, string, int], int, (frame, text, part, from) =>
    reading(frame, text.length, () => lastIndexOf(text, part, from)),
  ),
  defineMethod("join", [strings], string, (frame, list) => join(frame, list, "")),
  defineMethod("join", [strings, string], string, (frame, list, separator) =>
    join(frame, list, separator),
  ),
  defineMethod("lowerAscii", [string], string, (frame, text) =>
    reading(frame, text.length, () => mapAscii(text, /[A-Z]+/g, (part) => part.toLowerCase())),
  ),
  defineMethod("upperAscii", [string], string, (frame, text) =>
    reading(frame, text.length, () => mapAscii(text, /[a-z]+/g, (part) => part.toUpperCase())),
  ),
  defineMethod("replace", [string, string, string], string, (frame, text, from, to) =>
    replace(frame, text, [from, to], -1n),
  ),
  defineMethod("replace", [string, string, string, int], string, (frame, text, from, to, limit) =>
    replace(frame, text, [from, to], limit),
  ),
  defineMethod("split", [string, string], strings, (frame, text, separator) =>
    reading(frame, 17 * text.length, () => split(text, separator, undefined)),
  ),
  defineMethod("split", [string, string, int], strings, (frame, text, separator, limit) =>
    reading(frame, 17 * text.length, () => split(text, separator, limit)),
  ),
  defineMethod("substring", [string, int], string, (frame, text, start) =>
    reading(frame, text.length, () => substring(text, start, undefined)),
  ),
  defineMethod("substring", [string, int, int], string, (frame, text, start, end) =>
    reading(frame, text.length, () => substring(text, start, end)),
  ),
  defineMethod("trim", [string], string, (frame, text) =>
    reading(frame, text.length, () => text.replace(leadingSpace, "").replace(trailingSpace, "")),
  ),
  defineMethod("reverse", [string], string, (frame, text) =>
    reading(frame, 17 * text.length, () => Array.from(text).toReversed().join("")),
  ),
  define("strings.quote", [string], string, (frame, text) =>
    reading(frame, 2 * text.length, () => quote(text)),
  ),
];
