import { quoteGoRune } from "../../go-values/go-format.ts";
import { parseJsonText } from "../../go-values/json-text.ts";
import { isEvaluationError } from "../../model/evaluation-error.ts";
import { ExpressionSyntaxError } from "./syntax-error.ts";
import type { Token, TokenKind } from "./token.ts";

/** The tokens spelt by fixed characters; of those starting alike the longer come first. */
const fixedTokens: ReadonlyMap<string, readonly (readonly [string, TokenKind])[]> = new Map([
  [
    "|",
    [
      ["||", "Or"],
      ["|", "Pipe"],
    ],
  ],
  [
    "&",
    [
      ["&&", "And"],
      ["&", "Expref"],
    ],
  ],
  [
    "=",
    [
      ["==", "EQ"],
      ["=", "Assign"],
    ],
  ],
  [
    "!",
    [
      ["!=", "NE"],
      ["!", "Not"],
    ],
  ],
  [
    "<",
    [
      ["<=", "LTE"],
      ["<", "LT"],
    ],
  ],
  [
    ">",
    [
      [">=", "GTE"],
      [">", "GT"],
    ],
  ],
  [
    "/",
    [
      ["//", "Div"],
      ["/", "Divide"],
    ],
  ],
  [
    "[",
    [
      ["[?", "Filter"],
      ["[]", "Flatten"],
      ["[", "Lbracket"],
    ],
  ],
  [".", [[".", "Dot"]]],
  ["*", [["*", "Star"]]],
  [",", [[",", "Comma"]]],
  [":", [[":", "Colon"]]],
  ["{", [["{", "Lbrace"]]],
  ["}", [["}", "Rbrace"]]],
  ["]", [["]", "Rbracket"]]],
  ["(", [["(", "Lparen"]]],
  [")", [[")", "Rparen"]]],
  ["@", [["@", "Current"]]],
  ["+", [["+", "Plus"]]],
  ["%", [["%", "Modulo"]]],
  ["-", [["-", "Minus"]]],
  ["\u2212", [["\u2212", "Minus"]]],
  ["\u00d7", [["\u00d7", "Multiply"]]],
  ["\u00f7", [["\u00f7", "Divide"]]],
]);

const blanks = /[ \t\r\n]*/y;
const identifier = /[A-Za-z_][A-Za-z0-9_]*/y;
const variable = /\$[A-Za-z0-9_]*/y;
const number = /-?[0-9]+/y;
/**
 * Returns the expression's tokens, the last of kind `EOF`, or the first error in it. Quoted identifiers are decoded here, JSON
 * literals when parsed, as in the Go library, whose order of errors this keeps.
 */
export function tokenize(text: string): readonly Token[] | ExpressionSyntaxError {
  const tokens: Token[] = [];
  let at = skipBlanks(text, 0);
  while (at < text.length) {
    const read = readToken(text, at);
    if (read instanceof ExpressionSyntaxError) return read;
    tokens.push(read.token);
    at = skipBlanks(text, read.end);
  }
  tokens.push({ kind: "EOF", text: "", offset: text.length });
  return tokens;
}

interface ReadToken {
  readonly token: Token;
  readonly end: number;
}

function readToken(text: string, offset: number): ReadToken | ExpressionSyntaxError {
  const name = matchAt(identifier, text, offset);
  if (name !== undefined) return token("UnquotedIdentifier", name, offset, name.length);
  const reference = matchAt(variable, text, offset);
  if (reference !== undefined) {
    return token(reference === "$" ? "Root" : "Varref", reference, offset, reference.length);
  }
  const digits = matchAt(number, text, offset);
  if (digits !== undefined) return token("Number", digits, offset, digits.length);
  const first = text.charAt(offset);
  if (first === "'" || first === '"' || first === "`") return readDelimited(text, offset, first);
  for (const [spelling, kind] of fixedTokens.get(first) ?? []) {
    if (text.startsWith(spelling, offset)) return token(kind, spelling, offset, spelling.length);
  }
  const character = String.fromCodePoint(text.codePointAt(offset) ?? 0);
  return new ExpressionSyntaxError(`SyntaxError: Unknown char: ${quoteGoRune(character)}`, offset);
}

function readDelimited(
  text: string,
  offset: number,
  delimiter: string,
): ReadToken | ExpressionSyntaxError {
  const end = endOfDelimited(text, offset, delimiter);
  if (end === undefined) {
    return new ExpressionSyntaxError(`SyntaxError: Unclosed delimiter: ${delimiter}`, offset);
  }
  const quoted = text.slice(offset, end);
  const inner = quoted.slice(1, -1);
  if (delimiter === "`") {
    return token("JSONLiteral", inner.replaceAll("\\`", "`"), offset, quoted.length);
  }
  if (delimiter === "'") {
    return token("StringLiteral", inner.replace(/\\(['\\])/g, "$1"), offset, quoted.length);
  }
  const decoded = parseJsonText(quoted);
  if (isEvaluationError(decoded)) return new ExpressionSyntaxError(decoded.message, offset);
  // What stands in quotes cannot decode to anything else.
  const name = typeof decoded === "string" ? decoded : "";
  return token("QuotedIdentifier", name, offset, quoted.length);
}

/** The place after the closing delimiter; a backslash takes the next character along. */
function endOfDelimited(text: string, start: number, delimiter: string): number | undefined {
  for (let i = start + 1; i < text.length; i++) {
    const character = text.charAt(i);
    if (character === delimiter) return i + 1;
    if (character === "\\") i++;
  }
  return undefined;
}

function token(kind: TokenKind, text: string, offset: number, length: number): ReadToken {
  return { token: { kind, text, offset }, end: offset + length };
}

function skipBlanks(text: string, at: number): number {
  return at + (matchAt(blanks, text, at)?.length ?? 0);
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}
