import type {
  ExpressionParser,
  ParsedExpression,
} from "../../jmespath/syntax/parsed-expression.ts";

/** A message with its placeholders found and their expressions parsed. */
export interface ParsedMessage {
  readonly text: string;
  /** In the order of the text. */
  readonly placeholders: readonly Placeholder[];
  /** Whether the text has braces that no placeholder takes, such as those of one that spans lines. */
  readonly hasStrayBraces: boolean;
}

/** A `{{ expression }}` in a message: the text from `start` up to, not including, `end`. */
interface Placeholder {
  readonly start: number;
  readonly end: number;
  /** The place in the text where the expression starts. */
  readonly offset: number;
  readonly expression: ParsedExpression;
}

/** Finds the placeholders of a message and parses their expressions. */
export function parseMessage(text: string, parse: ExpressionParser): ParsedMessage {
  let hasStrayBraces = false;
  let done = 0;
  const placeholders = findSpans(text).map(({ start, close }): Placeholder => {
    hasStrayBraces ||= hasBraces(text.slice(done, start));
    const [from, to] = trimmedSpan(text, start + 2, close);
    done = close + 2;
    return { start, end: done, offset: from, expression: parse(text.slice(from, to)) };
  });
  hasStrayBraces ||= hasBraces(text.slice(done));
  return { text, placeholders, hasStrayBraces };
}

/** Returns whether the text has the braces that open or close a placeholder. */
export function hasBraces(text: string): boolean {
  return text.includes("{{") || text.includes("}}");
}

/** The place where a placeholder starts, and where its closing braces are. */
interface Span {
  readonly start: number;
  readonly close: number;
}

/** All matches of `{{(.*?)}}`, found in one pass however many braces there are. */
function findSpans(text: string): Span[] {
  const found: Span[] = [];
  let start = text.indexOf("{{");
  let close = text.indexOf("}}", start + 2);
  while (start >= 0 && close >= 0) {
    const lineBreak = text.slice(start + 2, close).lastIndexOf("\n");
    if (lineBreak >= 0) {
      start = text.indexOf("{{", start + 2 + lineBreak);
    } else {
      found.push({ start, close });
      start = text.indexOf("{{", close + 2);
    }
    if (start > close - 2) close = text.indexOf("}}", start + 2);
  }
  return found;
}

/** The span without the white space (Go `unicode.IsSpace`) around it. */
function trimmedSpan(text: string, start: number, end: number): [number, number] {
  let from = start;
  let to = end;
  while (from < to && isSpace(text.charAt(from))) from += 1;
  while (to > from && isSpace(text.charAt(to - 1))) to -= 1;
  return [from, to];
}

/** JavaScript's white space is Go's, but for the byte order mark, which is none, and U+0085, which is. */
function isSpace(character: string): boolean {
  return character === "\u0085" || (character !== "\ufeff" && character.trim() === "");
}
