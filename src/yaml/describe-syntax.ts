import type { SyntaxProblem } from "./compose-document.ts";
import { parserText, scannerText } from "./go-text.ts";

/** Makes the original's text of a problem that the package found at `offset`. */
type Describe = (text: string, offset: number, message: string) => string;

function scanner(problem: string): Describe {
  return (text, offset) => scannerText(text, offset, problem);
}

function parser(problem: string): Describe {
  return (text, offset) => parserText(text, offset, problem);
}

const badCharacter = scanner("found character that cannot start any token");
const badName = scanner("did not find expected alphabetic or numeric character");
const noNode = parser("did not find expected node content");

/** By the package's code and the start of its message; the first row that fits counts. */
const rows: readonly (readonly [code: string, start: string, describe: Describe])[] = [
  ["tab", "", badCharacter],
  ["TAB_AS_INDENT", "", badCharacter],
  ["BAD_SCALAR_START", "Plain value cannot start with flow", noNode],
  ["BAD_SCALAR_START", "", badCharacter],
  ["BAD_ALIAS", "", badName],
  ["ALIAS_PROPS", "", noNode],
  ["MULTIPLE_ANCHORS", "", noNode],
  ["MULTIPLE_TAGS", "", noNode],
  ["BLOCK_IN_FLOW", "", noNode],
  ["TAG_RESOLVE_FAILED", "", parser("found undefined tag handle")],
  ["BLOCK_AS_IMPLICIT_KEY", "A block sequence", parser("did not find expected key")],
  ["BLOCK_AS_IMPLICIT_KEY", "", describeNestedKey],
  ["MULTILINE_IMPLICIT_KEY", "", describeNestedKey],
  ["KEY_OVER_1024_CHARS", "", describeMissingColon],
  ["MISSING_CHAR", "Missing closing", describeOpenQuote],
  ["MISSING_CHAR", "Implicit map keys", describeMissingColon],
  ["MISSING_CHAR", "Tags and anchors", badName],
  ["MISSING_CHAR", "Flow ", describeOpenFlow],
  ["MISSING_CHAR", "Missing ", describeFlowItem],
  ["BAD_INDENT", "Flow ", describeOpenFlow],
  ["BAD_INDENT", "", describeIndent],
  [
    "UNEXPECTED_TOKEN",
    "Unexpected block-seq-ind",
    scanner("block sequence entries are not allowed in this context"),
  ],
  [
    "UNEXPECTED_TOKEN",
    "Block scalar header includes extra characters: |0",
    scanner("found an indentation indicator equal to 0"),
  ],
  [
    "UNEXPECTED_TOKEN",
    "Block scalar header",
    scanner("did not find expected comment or line break"),
  ],
  ["UNEXPECTED_TOKEN", "Unexpected scalar at node end", describeExtraNode],
  ["UNEXPECTED_TOKEN", "", noNode],
];

/** What the original says about a problem: its line numbers and words, as far as the package's findings tell. */
export function describeSyntax(problem: SyntaxProblem, text: string): string {
  const { code, message, offset } = problem;
  const row = rows.find((candidate) => candidate[0] === code && message.startsWith(candidate[1]));
  return (row?.[2] ?? noNode)(text, offset, message);
}

/** A key where none may start: the original finds the indicator that makes it one. */
function describeNestedKey(text: string, offset: number): string {
  if (/^-[ \n]/.test(text.slice(offset, offset + 2))) return noNode(text, offset, "");
  if (/^\?[ \n]/.test(text.slice(offset, offset + 2))) {
    return scannerText(text, offset, "mapping keys are not allowed in this context");
  }
  const colon = text.slice(offset).search(/:(?:\s|$)/);
  const at = colon < 0 ? offset : offset + colon;
  return scannerText(text, at, "mapping values are not allowed in this context");
}

/** A key without a colon: found when the next token is read. */
function describeMissingColon(text: string, offset: number): string {
  return scannerText(text, nextLineWithContent(text, offset), "could not find expected ':'");
}

function nextLineWithContent(text: string, offset: number): number {
  const lineEnd = text.indexOf("\n", offset);
  if (lineEnd < 0) return text.length;
  const content = /^(?:[ ]*(?:#[^\n]*)?\n)*/.exec(text.slice(lineEnd + 1))?.[0] ?? "";
  return lineEnd + 1 + content.length;
}

/** The original allows any indentation inside quotes, so it may see no fault where the quote is closed further down. */
function describeOpenQuote(text: string, offset: number, message: string): string {
  const quote = message.includes('"') ? '"' : "'";
  if (text.includes(quote, offset)) return "";
  return scannerText(text, text.length, "found unexpected end of stream");
}

/** The same holds for a flow collection that is closed further down. */
function describeOpenFlow(text: string, offset: number, message: string): string {
  const end = /map/i.test(message) ? "}" : "]";
  if (text.includes(end, offset)) return "";
  const before = text.slice(0, offset).trimEnd().at(-1) ?? "";
  const rest = text.slice(offset).search(/\S/);
  const at = rest < 0 ? text.length : offset + rest;
  if ("[{,:".includes(before)) return parserText(text, at, "did not find expected node content");
  return describeFlowItem(text, at, message);
}

function describeFlowItem(text: string, offset: number, message: string): string {
  const end = /map/i.test(message) ? "}" : "]";
  return parserText(text, offset, `did not find expected ',' or '${end}'`);
}

/** An item that is not in line with the others: a key out of place, or no key at all. */
function describeIndent(text: string, offset: number, message: string): string {
  const start = offset + Math.max(0, text.slice(offset).search(/\S/));
  const lineEnd = text.indexOf("\n", start);
  const line = text.slice(start, lineEnd < 0 ? text.length : lineEnd);
  const isKey = /:(?:\s|$)/.test(line) || /^[-?](?:\s|$)/.test(line);
  if (!isKey && isOpenColumn(text, start)) return describeMissingColon(text, start);
  const expected = message.includes("sequence item") ? "'-' indicator" : "key";
  return parserText(text, start, `did not find expected ${expected}`);
}

/** Whether a collection that is still open stands in the column of the offset. */
function isOpenColumn(text: string, offset: number): boolean {
  const lineStart = text.lastIndexOf("\n", offset - 1) + 1;
  const column = offset - lineStart;
  const lines = text.slice(0, lineStart).split("\n").toReversed();
  for (const line of lines) {
    const prefix = /^ *(?:- +)*/.exec(line)?.[0] ?? "";
    if (prefix.length === line.length) continue;
    const columns = [prefix.length, ...[...prefix.matchAll(/-/g)].map(({ index }) => index)];
    if (columns.includes(column)) return true;
    if (Math.min(...columns) <= column) return false;
  }
  return false;
}

/** A second node where one has ended; what was expected depends on the collection it is in. */
function describeExtraNode(text: string, offset: number): string {
  const lineStart = text.lastIndexOf("\n", offset - 1) + 1;
  const line = text.slice(lineStart, offset);
  if (/:(?:\s|$)/.test(line)) return parserText(text, offset, "did not find expected key");
  if (/^ *- /.test(line)) return parserText(text, offset, "did not find expected '-' indicator");
  return parserText(text, offset, "did not find expected <document start>");
}
