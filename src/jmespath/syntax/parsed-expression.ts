import type { Ast } from "./ast.ts";
import { parseExpression } from "./parse-expression.ts";
import { ExpressionSyntaxError } from "./syntax-error.ts";

/** The text of an expression, and what parsing it gave. */
export interface ParsedExpression {
  readonly text: string;
  /** An error for a text that is no expression; evaluating it then gives that error. */
  readonly ast: Ast | ExpressionSyntaxError;
}

/** Returns the parsed form of a text. */
export type ExpressionParser = (text: string) => ParsedExpression;

/** Creates a parser that parses each text once, however often it is asked for. */
export function createExpressionParser(maxDepth: number): ExpressionParser {
  const known = new Map<string, ParsedExpression>();
  return (text) => {
    const parsed = known.get(text) ?? { text, ast: parseExpression(text, maxDepth) };
    known.set(text, parsed);
    return parsed;
  };
}

/** Returns the syntax tree, or undefined where the text is no expression. */
export function astOf({ ast }: ParsedExpression): Ast | undefined {
  return ast instanceof ExpressionSyntaxError ? undefined : ast;
}
