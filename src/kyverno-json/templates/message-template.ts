import { normalizeBytes } from "../../go-values/go-string.ts";
import type { Value } from "../../go-values/value.ts";
import type { Expression } from "../../jmespath/compile/compile.ts";
import type { Scope } from "../../jmespath/compile/scope.ts";
import type { ParsedExpression } from "../../jmespath/syntax/parsed-expression.ts";
import { ExpressionSyntaxError } from "../../jmespath/syntax/syntax-error.ts";
import type { ClientTexts } from "../../model/client-texts.ts";
import { isEvaluationError } from "../../model/evaluation-error.ts";
import { hasBraces, type ParsedMessage } from "./parse-message.ts";

/** A message with its placeholders filled in from the payload. */
export type MessageTemplate = (payload: Value, scope: Scope) => string;

/** What stands for a placeholder that gives no text. */
const failedText = "ERR";

/**
 * Compiles a message to a function that fills in `{{ expression }}` (docs/policy-language.md, Messages): a string
 * stands for itself, everything else gives `ERR`, and in the original's texts the expression and the reason besides.
 *
 * The result of a placeholder is never searched for placeholders again, unlike in the original. `compile` is handed
 * each expression with its offset in the text.
 */
export function compileMessage(
  message: ParsedMessage,
  texts: ClientTexts,
  compile: (expression: ParsedExpression, offset: number) => Expression,
): MessageTemplate {
  const { text, placeholders } = message;
  const parts = new Map<string, MessagePart>();
  for (const { start, end, offset, expression } of placeholders) {
    const part = placeholderPart(expression.text, texts, compile(expression, offset));
    const whole = text.slice(start, end);
    if (!parts.has(whole)) parts.set(whole, part);
  }
  const pieces = splitMessage(message, parts).map((piece) =>
    typeof piece === "string" ? writtenPart(piece, texts) : piece,
  );
  return (payload, scope) => {
    let filled = "";
    for (const piece of pieces) {
      const shown = piece(payload, scope);
      if (shown === undefined) return failedText;
      filled += shown;
    }
    return normalizeBytes(filled);
  };
}

/** With more placeholders than this one is looked for only where it was found: each takes a pass over the message. */
const maxPasses = 1_000;

/**
 * The message cut at its placeholders. Each is replaced wherever its text stands, the first ones first: `{{ a }}` also
 * inside of `{{ {{ a }}`, which then is no placeholder any more.
 */
function splitMessage(
  message: ParsedMessage,
  parts: ReadonlyMap<string, MessagePart>,
): readonly (string | MessagePart)[] {
  const mayOverlap = [...parts.keys()].some((whole) => whole.includes("{{", 1));
  if (!mayOverlap || parts.size > maxPasses) return splitOnce(message, parts);
  let pieces: readonly (string | MessagePart)[] = [message.text];
  for (const [whole, part] of parts) {
    pieces = pieces.flatMap((piece) =>
      typeof piece === "string" ? cut(piece, whole, part) : [piece],
    );
  }
  return pieces;
}

function splitOnce(
  { text, placeholders }: ParsedMessage,
  parts: ReadonlyMap<string, MessagePart>,
): readonly (string | MessagePart)[] {
  const pieces: (string | MessagePart)[] = [];
  let done = 0;
  for (const { start, end } of placeholders) {
    pieces.push(text.slice(done, start));
    done = end;
    const part = parts.get(text.slice(start, end));
    if (part !== undefined) pieces.push(part);
  }
  return [...pieces, text.slice(done)];
}

function cut(text: string, whole: string, part: MessagePart): readonly (string | MessagePart)[] {
  return text.split(whole).flatMap((rest, index) => (index === 0 ? [rest] : [part, rest]));
}

/** A piece of a message; undefined when nothing of the message can be shown. */
type MessagePart = (payload: Value, scope: Scope) => string | undefined;

/** Braces that no placeholder took are the rest of one that was cut short, and so is the text between them. */
function writtenPart(text: string, texts: ClientTexts): MessagePart {
  const shown = texts === "masked" && hasBraces(text) ? failedText : text;
  return () => shown;
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
