import {
  END,
  isBlank,
  isBlankOrEnd,
  isBreak,
  isBreakOrEnd,
  isDigit,
  SPACE,
  TAB,
  type TextCursor,
} from "./text-cursor.ts";

/** A scalar's value, or what is wrong with it at the place that was come to. */
export type ScannedScalar = { readonly value: string } | { readonly problem: string };

/** White space between two words: the blanks of one line, or line breaks and what is around them. */
class Gap {
  #blanks = "";
  #firstBreak = "";
  #otherBreaks = "";
  hasBreak = false;

  /** Takes in the blanks and breaks ahead; a `\` at a line's end counts as a break that leaves nothing. */
  read(cursor: TextCursor, isAtLineStart: boolean, allowsTab: () => boolean): boolean {
    this.hasBreak = isAtLineStart;
    for (let code = cursor.code(); ; code = cursor.code()) {
      if (isBlank(code)) {
        if (this.hasBreak && code === TAB && !allowsTab()) return false;
        const blank = cursor.read();
        if (!this.hasBreak) this.#blanks += blank;
      } else if (!isBreak(code)) {
        return true;
      } else if (this.hasBreak) {
        this.#otherBreaks += cursor.readBreak();
      } else {
        this.#firstBreak = cursor.readBreak();
        this.hasBreak = true;
      }
    }
  }

  /** What it leaves in the value: a single break is a blank, of several all but the first stay. */
  fold(): string {
    if (!this.hasBreak) return this.#blanks;
    if (this.#firstBreak !== "\n") return this.#firstBreak + this.#otherBreaks;
    return this.#otherBreaks === "" ? " " : this.#otherBreaks;
  }
}

const always = (): boolean => true;

/** The result of scanning a plain scalar. */
export interface PlainScalar {
  readonly value: string;
  /** Where its last character ends. */
  readonly end: TextCursor["mark"];
  /** Whether a line has begun behind it. */
  readonly endsLine: boolean;
}

/** Returns the plain scalar ahead, or what is wrong with it. `indent` is the least indentation of its further lines. */
export function scanPlainScalar(
  cursor: TextCursor,
  indent: number,
  isInFlow: boolean,
): PlainScalar | { readonly problem: string } {
  let value = "";
  let gap = new Gap();
  let end = cursor.mark;
  const allowsTab = (): boolean => cursor.column >= indent;
  while (!cursor.isAtDocumentMark() && cursor.code() !== 0x23) {
    const word = readPlainWord(cursor, isInFlow);
    if (word !== "") {
      value += gap.fold() + word;
      end = cursor.mark;
      gap = new Gap();
    }
    const next = cursor.code();
    if (!isBlank(next) && !isBreak(next)) break;
    const problem = "found a tab character that violates indentation";
    if (!gap.read(cursor, gap.hasBreak, allowsTab)) return { problem };
    if (!isInFlow && cursor.column < indent) break;
  }
  return { value, end, endsLine: gap.hasBreak };
}

function readPlainWord(cursor: TextCursor, isInFlow: boolean): string {
  const start = cursor.offset;
  for (let code = cursor.code(); !isBlankOrEnd(code); code = cursor.code()) {
    if (code === 0x3a && isBlankOrEnd(cursor.code(1))) break;
    if (isInFlow && endsInFlow(code)) break;
    cursor.skip();
  }
  return cursor.text.slice(start, cursor.offset);
}

/** Returns whether the character ends a plain scalar inside brackets: `,`, `?`, `[`, `]`, `{`, `}`. */
function endsInFlow(code: number): boolean {
  return (
    code === 0x2c ||
    code === 0x3f ||
    code === 0x5b ||
    code === 0x5d ||
    code === 0x7b ||
    code === 0x7d
  );
}

/** Returns the quoted scalar ahead, from its first quote to its last. */
export function scanQuotedScalar(cursor: TextCursor): ScannedScalar {
  const quote = cursor.code();
  cursor.skip();
  let value = "";
  for (;;) {
    if (cursor.isAtDocumentMark()) return { problem: "found unexpected document indicator" };
    if (cursor.code() === END) return { problem: "found unexpected end of stream" };
    const word = quote === SINGLE_QUOTE ? readSingleQuoted(cursor) : readDoubleQuoted(cursor);
    if ("problem" in word) return word;
    value += word.value;
    if (cursor.code() === quote) {
      cursor.skip();
      return { value };
    }
    const gap = new Gap();
    gap.read(cursor, word.endsLine, always);
    value += gap.fold();
  }
}

const SINGLE_QUOTE = 0x27;
const DOUBLE_QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** What stands between blanks inside quotes; an escaped break has ended the line behind it. */
type QuotedWord =
  | { readonly value: string; readonly endsLine: boolean }
  | { readonly problem: string };

function readSingleQuoted(cursor: TextCursor): QuotedWord {
  let value = "";
  for (;;) {
    value += cursor.readWhile((code) => !isBlankOrEnd(code) && code !== SINGLE_QUOTE);
    if (!cursor.startsWith("''")) return { value, endsLine: false };
    value += "'";
    cursor.skip();
    cursor.skip();
  }
}

function readDoubleQuoted(cursor: TextCursor): QuotedWord {
  let value = "";
  for (;;) {
    value += cursor.readWhile(
      (code) => !isBlankOrEnd(code) && code !== DOUBLE_QUOTE && code !== BACKSLASH,
    );
    if (cursor.code() !== BACKSLASH) return { value, endsLine: false };
    if (isBreak(cursor.code(1))) {
      cursor.skip();
      cursor.readBreak();
      return { value, endsLine: true };
    }
    const escape = readEscape(cursor);
    if ("problem" in escape) return escape;
    value += escape.value;
  }
}

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

/** YAML 1.1 knows neither `\/` nor pairs of surrogates. */
function readEscape(cursor: TextCursor): ScannedScalar {
  const letter = cursor.text.charAt(cursor.offset + 1);
  const simple = escapes.get(letter);
  const length = hexLengths.get(letter);
  if (simple === undefined && length === undefined) {
    return { problem: "found unknown escape character" };
  }
  cursor.skip();
  cursor.skip();
  if (length === undefined) return { value: simple ?? "" };
  const digits = cursor.text.slice(cursor.offset, cursor.offset + length);
  if (digits.length < length || !/^[0-9A-Fa-f]*$/.test(digits)) {
    return { problem: "did not find expected hexdecimal number" };
  }
  const code = Number.parseInt(digits, 16);
  if ((code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff) {
    return { problem: "found invalid Unicode character escape code" };
  }
  for (let i = 0; i < length; i++) cursor.skip();
  return { value: String.fromCodePoint(code) };
}

/** How the end of a block scalar is cut: all breaks go, the last line's stays, all stay. */
type Chomping = "strip" | "clip" | "keep";

interface BlockHeader {
  readonly chomping: Chomping;
  /** How much deeper than its surroundings it is indented, if it says so. */
  readonly increment: number | undefined;
}

/** Returns the block scalar ahead, from its `|` or `>`; `indent` is that of what it is in, -1 at the top. */
export function scanBlockScalar(cursor: TextCursor, indent: number): ScannedScalar {
  const isLiteral = cursor.read() === "|";
  const header = readBlockHeader(cursor);
  if ("problem" in header) return header;
  const { chomping, increment } = header;
  const lines = new BlockLines(cursor, increment && Math.max(indent, 0) + increment, indent + 1);
  let value = "";
  let lastBreak = "";
  let wasBlank = false;
  let problem = lines.readBreaks();
  while (problem === undefined && lines.isAtContent()) {
    const isIndented = isBlank(cursor.code());
    const folds = !isLiteral && !wasBlank && !isIndented && lastBreak === "\n";
    value += folds ? (lines.breaks === "" ? " " : "") : lastBreak;
    value += lines.breaks + cursor.readWhile((code) => !isBreakOrEnd(code));
    wasBlank = isIndented;
    lastBreak = isBreak(cursor.code()) ? cursor.readBreak() : "";
    problem = lines.readBreaks();
  }
  if (problem !== undefined) return { problem };
  if (chomping !== "strip") value += lastBreak;
  return { value: chomping === "keep" ? value + lines.breaks : value };
}

function readBlockHeader(cursor: TextCursor): BlockHeader | { readonly problem: string } {
  let chomping = readChomping(cursor);
  let increment: number | undefined;
  if (isDigit(cursor.code())) {
    if (cursor.startsWith("0")) return { problem: "found an indentation indicator equal to 0" };
    increment = Number(cursor.read());
    chomping ??= readChomping(cursor);
  }
  cursor.readWhile(isBlank);
  if (cursor.startsWith("#")) cursor.readWhile((code) => !isBreakOrEnd(code));
  if (!isBreakOrEnd(cursor.code())) {
    return { problem: "did not find expected comment or line break" };
  }
  if (isBreak(cursor.code())) cursor.readBreak();
  return { chomping: chomping ?? "clip", increment };
}

function readChomping(cursor: TextCursor): Chomping | undefined {
  if (!cursor.startsWith("+") && !cursor.startsWith("-")) return undefined;
  return cursor.read() === "+" ? "keep" : "strip";
}

/** The indentation of a block scalar's lines, and the empty ones between them. */
class BlockLines {
  readonly #cursor: TextCursor;
  readonly #leastIndent: number;
  /** Undefined until the first line with content, or the longest blank one, has shown it. */
  #indent: number | undefined;
  /** The breaks of the empty lines that were passed last. */
  breaks = "";

  constructor(cursor: TextCursor, indent: number | undefined, leastIndent: number) {
    this.#cursor = cursor;
    this.#indent = indent;
    this.#leastIndent = Math.max(leastIndent, 1);
  }

  /** Returns whether the next line belongs to the scalar. */
  isAtContent(): boolean {
    return this.#cursor.column === this.#indent && this.#cursor.code() !== END;
  }

  /** Passes indentation and empty lines; gives what is wrong with them. */
  readBreaks(): string | undefined {
    const cursor = this.#cursor;
    const limit = this.#indent ?? Number.POSITIVE_INFINITY;
    let longest = 0;
    this.breaks = "";
    for (;;) {
      while (cursor.column < limit && cursor.code() === SPACE) cursor.skip();
      longest = Math.max(longest, cursor.column);
      if (cursor.column < limit && cursor.code() === TAB) {
        return "found a tab character where an indentation space is expected";
      }
      if (!isBreak(cursor.code())) break;
      this.breaks += cursor.readBreak();
    }
    this.#indent ??= Math.max(longest, this.#leastIndent);
    return undefined;
  }
}
