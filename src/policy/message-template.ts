import type { Expression } from "../jmespath/compile.ts";
import type { Scope } from "../jmespath/scope.ts";
import { normalizeBytes } from "../jmespath/text.ts";
import type { Value } from "../jmespath/value.ts";
import { isEvaluationError } from "../model/evaluation-error.ts";

/** A message with its placeholders filled in from the payload. */
export type MessageTemplate = (payload: Value, scope: Scope) => string;

/**
 * A function that fills in `{{ expression }}` (docs/policy-language.md, Messages): a string stands for itself,
 * everything else gives an `ERR (…)` text.
 *
 * What a placeholder gives is never looked at for placeholders again, unlike in the original. `compile` is handed
 * each expression with its offset in the text.
 */
export function compileMessage(
  text: string,
  compile: (statement: string, offset: number) => Expression,
): MessageTemplate {
  const parts: MessageTemplate[] = [];
  let end = 0;
  for (const { start, close } of findPlaceholders(text)) {
    const before = text.slice(end, start);
    parts.push(() => before);
    const [from, to] = trimmedSpan(text, start + 2, close);
    const statement = text.slice(from, to);
    parts.push(compilePlaceholder(statement, compile(statement, from)));
    end = close + 2;
  }
  const rest = text.slice(end);
  if (parts.length === 0) return () => text;
  return (payload, scope) =>
    normalizeBytes(parts.map((part) => part(payload, scope)).join("") + rest);
}

function compilePlaceholder(statement: string, evaluate: Expression): MessageTemplate {
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
