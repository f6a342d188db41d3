import { normalizeBytes } from "../../go-values/go-string.ts";
import type { Value } from "../../go-values/value.ts";
import type { Expression } from "../../jmespath/compile/compile.ts";
import type { Scope } from "../../jmespath/compile/scope.ts";
import { ExpressionSyntaxError } from "../../jmespath/syntax/syntax-error.ts";
import type { ClientTexts } from "../../model/client-texts.ts";
import { isEvaluationError } from "../../model/evaluation-error.ts";

/** A message with its placeholders filled in from the payload. */
export type MessageTemplate = (payload: Value, scope: Scope) => string;

/** What stands for a placeholder that gives no text. */
const failedText = "ERR";

/**
 * A function that fills in `{{ expression }}` (docs/policy-language.md, Messages): a string stands for itself,
 * everything else gives `ERR`, and in the original's texts the expression and the reason besides.
 *
 * What a placeholder gives is never looked at for placeholders again, unlike in the original. `compile` is handed
 * each expression with its offset in the text.
 */
export function compileMessage(
  text: string,
  texts: ClientTexts,
  compile: (statement: string, offset: number) => Expression,
): MessageTemplate {
  const placeholders = new Map<string, MessagePart>();
  for (const { start, close } of findPlaceholders(text)) {
    const [from, to] = trimmedSpan(text, start + 2, close);
    const statement = text.slice(from, to);
    const part = placeholderPart(statement, texts, compile(statement, from));
    const whole = text.slice(start, close + 2);
    if (!placeholders.has(whole)) placeholders.set(whole, part);
  }
  const parts = splitMessage(text, placeholders).map((piece) =>
    typeof piece === "string" ? writtenPart(piece, texts) : piece,
  );
  return (payload, scope) => {
    let message = "";
    for (const part of parts) {
      const shown = part(payload, scope);
      if (shown === undefined) return failedText;
      message += shown;
    }
    return normalizeBytes(message);
  };
}

/** Returns whether the text has braces that no placeholder takes, such as those of one that spans lines. */
export function hasStrayBraces(text: string): boolean {
  let end = 0;
  for (const { start, close } of findPlaceholders(text)) {
    if (isCut(text.slice(end, start))) return true;
    end = close + 2;
  }
  return isCut(text.slice(end));
}

/** With more placeholders than this one is looked for only where it was found: each takes a pass over the message. */
const maxPasses = 1_000;

/**
 * The message cut at its placeholders. Each is replaced wherever its text stands, the first ones first: `{{ a }}` also
 * inside of `{{ {{ a }}`, which then is no placeholder any more.
 */
function splitMessage(
  text: string,
  placeholders: ReadonlyMap<string, MessagePart>,
): readonly (string | MessagePart)[] {
  const mayOverlap = [...placeholders.keys()].some((whole) => whole.includes("{{", 1));
  if (!mayOverlap || placeholders.size > maxPasses) return splitOnce(text, placeholders);
  let pieces: readonly (string | MessagePart)[] = [text];
  for (const [whole, part] of placeholders) {
    pieces = pieces.flatMap((piece) =>
      typeof piece === "string" ? cut(piece, whole, part) : [piece],
    );
  }
  return pieces;
}

function splitOnce(
  text: string,
  placeholders: ReadonlyMap<string, MessagePart>,
): readonly (string | MessagePart)[] {
  const pieces: (string | MessagePart)[] = [];
  let end = 0;
  for (const { start, close } of findPlaceholders(text)) {
    pieces.push(text.slice(end, start));
    end = close + 2;
    const part = placeholders.get(text.slice(start, end));
    if (part !== undefined) pieces.push(part);
  }
  return [...pieces, text.slice(end)];
}

function cut(text: string, whole: string, part: MessagePart): readonly (string | MessagePart)[] {
  return text.split(whole).flatMap((rest, index) => (index === 0 ? [rest] : [part, rest]));
}

/** A piece of a message; undefined when nothing of the message can be shown. */
type MessagePart = (payload: Value, scope: Scope) => string | undefined;

/** Braces that no placeholder took are the rest of one that was cut short, and so is the text between them. */
function writtenPart(text: string, texts: ClientTexts): MessagePart {
  const shown = texts === "masked" && isCut(text) ? failedText : text;
  return () => shown;
}

function isCut(text: string): boolean {
  return text.includes("{{") || text.includes("}}");
}

function placeholderPart(statement: string, texts: ClientTexts, evaluate: Expression): MessagePart {
  if (texts === "original") return originalPart(statement, evaluate);
  return (payload, scope) => {
    const result = evaluate(payload, scope);
    // A literal with `}}` in it ends the placeholder, and its rest stands in the message as if it were text.
    if (result instanceof ExpressionSyntaxError) return undefined;
    return typeof result === "string" ? result : failedText;
  };
}

function originalPart(statement: string, evaluate: Expression): MessagePart {
  return (payload, scope) => {
    const result = evaluate(payload, scope);
    if (typeof result === "string") return result;
    if (result === null) return `ERR (${statement} not found)`;
    return isEvaluationError(result)
      ? `ERR (${statement} - ${result.message})`
      : `ERR (${statement} not a string)`;
  };
}

/** Where a placeholder starts, and where its closing braces are. */
interface Placeholder {
  readonly start: number;
  readonly close: number;
}

/** All matches of `{{(.*?)}}`, found in one pass however many braces there are. */
function findPlaceholders(text: string): Placeholder[] {
  const found: Placeholder[] = [];
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
