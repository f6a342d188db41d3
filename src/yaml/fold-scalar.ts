/** A quoted or plain scalar's value, or what is wrong with it: for people, and in the original's words. */
export interface FoldedScalar {
  readonly value: string;
  readonly fault?: EscapeFault;
}

interface EscapeFault {
  readonly message: string;
  readonly problem: string;
  /** Counted from the opening quote. */
  readonly at: number;
}

const breaks = /[\n\r\u0085\u2028\u2029]/;
const foldable = /[\n\r\u0085\u2028\u2029\\']/;
const gap = /[ \t\n\r\u0085\u2028\u2029]+/y;
const solid = /[^ \t\n\r\u0085\u2028\u2029\\]+/y;

const escapes: ReadonlyMap<string, string> = new Map([
  ["0", "\0"],
  ["a", "\x07"],
  ["b", "\b"],
  ["t", "\t"],
  ["\t", "\t"],
  ["n", "\n"],
  ["v", "\v"],
  ["f", "\f"],
  ["r", "\r"],
  ["e", "\x1b"],
  [" ", " "],
  ['"', '"'],
  ["'", "'"],
  ["\\", "\\"],
  ["N", "\u0085"],
  ["_", "\u00a0"],
  ["L", "\u2028"],
  ["P", "\u2029"],
]);

const hexLengths: ReadonlyMap<string, number> = new Map([
  ["x", 2],
  ["u", 4],
  ["U", 8],
]);

/**
 * The value of a plain scalar over one or more lines: a line break becomes a blank, n breaks become n-1, and
 * U+2028 and U+2029 stay what they are.
 */
export function foldPlainScalar(source: string): string {
  return breaks.test(source) ? fold(source, false).value : source;
}

/** The value of a single-quoted scalar, given with its quotes. */
export function foldSingleQuoted(source: string): string {
  const inner = source.slice(1, -1);
  if (!foldable.test(inner)) return inner;
  return fold(inner, false).value.replaceAll("''", "'");
}

/**
 * The value of a double-quoted scalar, given with its quotes. `fault.at` counts from the opening quote. The escapes
 * are YAML 1.1's: neither `\/` nor surrogate pairs.
 */
export function foldDoubleQuoted(source: string): FoldedScalar {
  const inner = source.slice(1, -1);
  return foldable.test(inner) ? fold(inner, true) : { value: inner };
}

/** One pass over blanks, breaks, escapes and the rest, as libyaml's scanner makes it. */
function fold(text: string, hasEscapes: boolean): FoldedScalar {
  let value = "";
  let at = 0;
  let atLineStart = false;
  while (at < text.length) {
    const blanks = matchAt(gap, text, at);
    if (blanks !== "") {
      value += foldGap(blanks, atLineStart);
      at += blanks.length;
      atLineStart = false;
      continue;
    }
    if (text[at] !== "\\" || !hasEscapes) {
      const run = text[at] === "\\" ? "\\" : matchAt(solid, text, at);
      value += run;
      at += run.length;
      atLineStart = false;
      continue;
    }
    const escape = readEscape(text, at);
    if (typeof escape === "string") return { value, fault: faultOf(escape, text, at) };
    value += escape.value;
    at += escape.length;
    atLineStart = escape.endsLine;
  }
  return { value };
}

function matchAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? "";
}

/** Blanks and breaks between two words; after an escaped break the line has already ended. */
function foldGap(blanks: string, atLineStart: boolean): string {
  const found = blanks.replace(/[ \t]+/g, "").replace(/[\r\u0085]/g, "\n");
  if (found === "") return atLineStart ? "" : blanks;
  if (atLineStart) return found;
  if (!found.startsWith("\n")) return found;
  return found.length === 1 ? " " : found.slice(1);
}

interface Escape {
  readonly value: string;
  readonly length: number;
  readonly endsLine: boolean;
}

const unknownEscape = "found unknown escape character";
const invalidCode = "found invalid Unicode character escape code";
const missingDigit = "did not find expected hexdecimal number";

function readEscape(text: string, at: number): Escape | string {
  const letter = text[at + 1] ?? "";
  if (breaks.test(letter)) return { value: "", length: 2, endsLine: true };
  const simple = escapes.get(letter);
  if (simple !== undefined) return { value: simple, length: 2, endsLine: false };
  const digits = hexLengths.get(letter);
  if (digits === undefined) return unknownEscape;
  const hex = text.slice(at + 2, at + 2 + digits);
  if (hex.length < digits || !/^[0-9A-Fa-f]+$/.test(hex)) return missingDigit;
  const code = Number.parseInt(hex, 16);
  if ((code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff) return invalidCode;
  return { value: String.fromCodePoint(code), length: 2 + digits, endsLine: false };
}

function faultOf(problem: string, text: string, at: number): EscapeFault {
  const shown = text.slice(at, at + 6);
  const message =
    problem === invalidCode
      ? `\`${shown}\` is half of a surrogate pair or no character at all`
      : `\`${shown}\` does not start with an escape of YAML 1.1`;
  return { message, problem, at: at + 1 };
}
