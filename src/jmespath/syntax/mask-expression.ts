import { maskText } from "../../model/client-texts.ts";
import type { ParsedExpression } from "./parsed-expression.ts";
import { ExpressionSyntaxError } from "./syntax-error.ts";
import type { Token } from "./token.ts";
import { tokenize } from "./tokenize.ts";

/**
 * Returns the expression's text without what stands in quotes: literals, and quoted names unless they follow a dot,
 * since a literal in the wrong quotes is a name. What is no expression is masked whole.
 */
export function maskExpression({ text, ast }: ParsedExpression): string {
  if (ast instanceof ExpressionSyntaxError) return maskText;
  const tokens = tokenize(text);
  if (tokens instanceof ExpressionSyntaxError) return maskText;
  let masked = "";
  let end = 0;
  for (const [index, token] of tokens.entries()) {
    if (!isMasked(token, tokens[index - 1])) continue;
    const next = tokens[index + 1]?.offset ?? text.length;
    const blanks = /[ \t\r\n]*$/.exec(text.slice(token.offset, next))?.[0] ?? "";
    masked += `${text.slice(end, token.offset)}${maskText}${blanks}`;
    end = next;
  }
  return masked + text.slice(end);
}

function isMasked({ kind }: Token, before: Token | undefined): boolean {
  if (kind === "StringLiteral" || kind === "JSONLiteral") return true;
  return kind === "QuotedIdentifier" && before?.kind !== "Dot";
}
