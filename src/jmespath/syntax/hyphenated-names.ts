import { ExpressionSyntaxError } from "./syntax-error.ts";
import type { Token } from "./token.ts";
import { tokenize } from "./tokenize.ts";

/**
 * Returns where names stand that a hyphen cuts in two, such as `x-role`: to the language that is `x` minus `role`. A
 * subtraction that is meant has blanks, or something other than names, around its sign.
 */
export function findHyphenatedNames(text: string): readonly number[] {
  if (!/\w-[A-Za-z_]/.test(text)) return [];
  const tokens = tokenize(text);
  if (tokens instanceof ExpressionSyntaxError) return [];
  const starts: number[] = [];
  for (const [index, token] of tokens.entries()) {
    const before = tokens[index - 1];
    if (token.kind !== "Minus" || !isName(before) || !isName(tokens[index + 1])) continue;
    const isTight =
      before.offset + before.text.length === token.offset &&
      tokens[index + 1]?.offset === token.offset + token.text.length;
    const isGoingOn = starts.length > 0 && tokens[index - 2]?.kind === "Minus";
    if (isTight && !isGoingOn) starts.push(before.offset);
  }
  return starts;
}

function isName(token: Token | undefined): token is Token {
  return token?.kind === "UnquotedIdentifier";
}
