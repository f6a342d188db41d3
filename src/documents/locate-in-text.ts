import type { Diagnostic } from "../model/diagnostic.ts";
import type { FieldPath } from "../model/document-fault.ts";
import type { ParsedDocument } from "../model/policy-language.ts";
import type { Position } from "../model/position.ts";
import { renderCodeFrame } from "../yaml/code-frame.ts";

/**
 * Returns the place, and the line with a caret under it, of an offset in a text that a document holds as a scalar or as a
 * key: as closely as the file shows the text. Escapes that the file spells otherwise give the start of the scalar's key.
 */
export function locateInText(
  { fileText, locate }: Pick<ParsedDocument, "fileText" | "locate">,
  path: FieldPath,
  text: string,
  offset: number,
  isKey: boolean = false,
): Pick<Diagnostic, "line" | "column" | "frame"> {
  const start = locate(path);
  const position = findInFile(fileText, start, keyLengthOf(path, isKey), text, offset) ?? start;
  const frame = renderCodeFrame(fileText, position);
  return { line: position.line, column: position.column, ...(frame !== undefined && { frame }) };
}

function keyLengthOf(path: FieldPath, isKey: boolean): number {
  const last = path.at(-1);
  return !isKey && typeof last === "string" ? last.length : 0;
}

function findInFile(
  fileText: string,
  start: Position,
  keyLength: number,
  text: string,
  offset: number,
): Position | undefined {
  if (text === "") return undefined;
  const lineStart = offsetOfLine(fileText, start.line);
  const from = lineStart + start.column - 1 + keyLength;
  const lineEnd = fileText.indexOf("\n", from);
  const line = fileText.slice(from, lineEnd === -1 ? undefined : lineEnd);
  const inLine = line.indexOf(text);
  if (inLine >= 0) return { line: start.line, column: from + inLine + offset - lineStart + 1 };
  const at = align(fileText, from, text, offset);
  return at === undefined ? undefined : positionAt(fileText, at);
}

/** What may stand between a key and its scalar: the colon, tags and anchors are rare, block and quote signs are not. */
const opening = /^\s*:?\s*(?:[|>][-+0-9]*[^\n]*\n|["'])?\s*/;

/**
 * Returns where in the file the text's offset is, or undefined where the two cannot be laid on each other: blanks of any
 * length stand for one another, since YAML folds and indents them, and quotes may be escaped.
 */
function align(fileText: string, from: number, text: string, offset: number): number | undefined {
  let at = from + (opening.exec(fileText.slice(from, from + 1_000))?.[0].length ?? 0);
  let found: number | undefined;
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charAt(index);
    if (isBlank(character)) {
      if (index === offset) found = at;
      continue;
    }
    while (isBlank(fileText.charAt(at))) at += 1;
    const isEscaped = isEscapedQuote(fileText, at, character);
    if (!isEscaped && fileText.charAt(at) !== character) return undefined;
    if (index === offset) found = at;
    at += isEscaped ? 2 : 1;
  }
  return found ?? at;
}

function isBlank(character: string): boolean {
  return character === " " || character === "\n" || character === "\t" || character === "\r";
}

/** Returns whether the file spells the character with two: `''`, `\"` or `\\`. */
function isEscapedQuote(fileText: string, at: number, character: string): boolean {
  const pair = fileText.slice(at, at + 2);
  return (
    (character === "'" && pair === "''") || (/["\\]/.test(character) && pair === `\\${character}`)
  );
}

function offsetOfLine(text: string, line: number): number {
  let start = 0;
  for (let at = 1; at < line; at += 1) {
    const end = text.indexOf("\n", start);
    if (end === -1) return start;
    start = end + 1;
  }
  return start;
}

function positionAt(text: string, offset: number): Position {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  return { line: before.split("\n").length, column: offset - lineStart + 1 };
}
