import { CelSyntaxError } from "./syntax-error.ts";
import { type CelSymbol, celSymbols, celWords, type Token } from "./token.ts";
import { unescapeBytes, unescapeString } from "./unescape.ts";

const blank = /(?:[\t \r\n\f]|\/\/[^\n]*)*/y;
const identifier = /[A-Za-z_][A-Za-z0-9_]*/y;
const quoted = /`([A-Za-z0-9_./ -]+)`/y;
const double =
  /(?:[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+|\.[0-9]+(?:[eE][+-]?[0-9]+)?)/y;
const integer = /(0x[0-9A-Fa-f]+|[0-9]+)([uU]?)/y;
const textPrefix = /([bB]?[rR]?)("""|'''|"|')/y;

const words: ReadonlySet<string> = new Set(celWords);

/**
 * Returns the tokens of a CEL expression, the last one of kind `end`.
 *
 * @throws CelSyntaxError at the first character that begins no token
 */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let offset = skipBlank(text, 0);
  while (offset < text.length) {
    const { token, end } = readToken(text, offset);
    tokens.push(token);
    offset = skipBlank(text, end);
  }
  tokens.push({ kind: "end", offset: text.length });
  return tokens;
}

function skipBlank(text: string, offset: number): number {
  blank.lastIndex = offset;
  blank.exec(text);
  return blank.lastIndex;
}

interface ReadToken {
  readonly token: Token;
  readonly end: number;
}

function readToken(text: string, offset: number): ReadToken {
  return (
    readText(text, offset) ??
    readName(text, offset) ??
    readNumber(text, offset) ??
    readSymbol(text, offset) ??
    fail(text, offset)
  );
}

function fail(text: string, offset: number): never {
  const character = String.fromCodePoint(text.codePointAt(offset) ?? 0);
  const hint = character === "=" ? "; equality is written `==`" : "";
  throw new CelSyntaxError(`unexpected character \`${character}\`${hint}`, offset);
}

function match(pattern: RegExp, text: string, offset: number): RegExpExecArray | null {
  pattern.lastIndex = offset;
  return pattern.exec(text);
}

function readName(text: string, offset: number): ReadToken | undefined {
  const plain = match(identifier, text, offset)?.[0];
  if (plain !== undefined) {
    const end = offset + plain.length;
    if (isWord(plain)) return { token: { kind: "symbol", text: plain, offset }, end };
    return { token: { kind: "identifier", text: plain, offset }, end };
  }
  const escaped = match(quoted, text, offset);
  if (escaped?.[1] === undefined) return undefined;
  return { token: { kind: "quoted", text: escaped[1], offset }, end: offset + escaped[0].length };
}

function isWord(text: string): text is CelSymbol {
  return words.has(text);
}

function readNumber(text: string, offset: number): ReadToken | undefined {
  const real = match(double, text, offset)?.[0];
  if (real !== undefined) {
    return { token: { kind: "double", text: real, offset }, end: offset + real.length };
  }
  const whole = match(integer, text, offset);
  const digits = whole?.[1];
  if (whole === null || digits === undefined) return undefined;
  const kind = whole[2] === "" ? "int" : "uint";
  return { token: { kind, text: digits, offset }, end: offset + whole[0].length };
}

function readSymbol(text: string, offset: number): ReadToken | undefined {
  const symbol = celSymbols.find((candidate) => text.startsWith(candidate, offset));
  if (symbol === undefined) return undefined;
  return { token: { kind: "symbol", text: symbol, offset }, end: offset + symbol.length };
}

function readText(text: string, offset: number): ReadToken | undefined {
  const start = match(textPrefix, text, offset);
  const quote = start?.[2];
  if (start === null || quote === undefined) return undefined;
  const prefix = (start[1] ?? "").toLowerCase();
  const isRaw = prefix.includes("r");
  const from = offset + start[0].length;
  const end = findQuote(text, from, quote, isRaw);
  if (end === undefined) {
    throw new CelSyntaxError(`the string that begins with ${quote} is not closed`, offset);
  }
  const content = text.slice(from, end);
  const after = end + quote.length;
  if (prefix.includes("b")) {
    const value = isRaw ? rawBytes(content) : unescapeBytes(content, offset);
    return { token: { kind: "bytes", value, offset }, end: after };
  }
  const value = isRaw ? content.replaceAll(/\r\n?/g, "\n") : unescapeString(content, offset);
  return { token: { kind: "string", value, offset }, end: after };
}

function rawBytes(content: string): Uint8Array {
  return new Uint8Array(Buffer.from(content.replaceAll(/\r\n?/g, "\n"), "utf8"));
}

/** Returns where the closing quote stands, or undefined: short quotes end at a line break. */
function findQuote(text: string, from: number, quote: string, isRaw: boolean): number | undefined {
  const isLong = quote.length === 3;
  for (let index = from; index < text.length; index += 1) {
    if (text.startsWith(quote, index)) return index;
    const character = text[index];
    if (!isLong && (character === "\n" || character === "\r")) return undefined;
    if (character === "\\" && !isRaw) index += 1;
  }
  return undefined;
}
