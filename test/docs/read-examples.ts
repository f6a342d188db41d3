import type { JsonValue } from "../../src/model/json.ts";

/** A fenced block: its text, and what stands behind the three backticks. */
export interface Fence {
  readonly kind: "fence";
  readonly info: string;
  readonly text: string;
  /** 1-based, in the document. */
  readonly line: number;
}

/** A table whose cells are plain text: code spans without their backticks. */
export interface Table {
  readonly kind: "table";
  readonly header: readonly string[];
  readonly rows: readonly TableRow[];
}

/** One row, its cells by the header above them. */
export interface TableRow {
  readonly cells: ReadonlyMap<string, string>;
  /** 1-based, in the document. */
  readonly line: number;
}

/** Returns the fenced blocks and tables of a Markdown document, in order. */
export function readBlocks(markdown: string): readonly (Fence | Table)[] {
  const lines = markdown.split("\n");
  const blocks: (Fence | Table)[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    if (line.startsWith("```")) {
      const end = lines.indexOf("```", at + 1);
      const text = lines.slice(at + 1, end).join("\n");
      blocks.push({ kind: "fence", info: line.slice(3), text, line: at + 1 });
      at = end;
    } else if (line.startsWith("|")) {
      const table = readTable(lines, at);
      blocks.push(table);
      at += table.rows.length + 1;
    }
  }
  return blocks;
}

/** Returns the value that examples below the last fence `json value` above a block are evaluated on; null without one. */
export function valueOf(fence: Fence | undefined): JsonValue {
  return fence === undefined ? null : JSON.parse(fence.text);
}

/** Returns the text of a cell that has to be there. */
export function cellOf(row: TableRow, name: string): string {
  const cell = row.cells.get(name);
  if (cell === undefined) throw new Error(`line ${row.line}: no cell \`${name}\``);
  return cell;
}

function readTable(lines: readonly string[], start: number): Table {
  const header = splitCells(lines[start] ?? "");
  const rows: TableRow[] = [];
  for (let at = start + 2; lines[at]?.startsWith("|") === true; at += 1) {
    const cells = splitCells(lines[at] ?? "").map((cell, i) => [header[i] ?? "", cell] as const);
    if (cells.length !== header.length) {
      throw new Error(`line ${at + 1}: not as many cells as columns`);
    }
    rows.push({ cells: new Map(cells), line: at + 1 });
  }
  return { kind: "table", header, rows };
}

/** A `|` inside a cell is written `\|`. */
function splitCells(line: string): readonly string[] {
  const cells = line.split(/(?<!\\)\|/).slice(1, -1);
  return cells.map((cell) => plainText(cell.trim().replaceAll("\\|", "|")));
}

/** The content of a code span, if the cell is nothing but one. */
function plainText(cell: string): string {
  const span = /^(`+)([^]*[^`])\1$|^(`+) ([^]*) \3$/.exec(cell);
  if (span === null) return cell;
  const text = span[2] ?? span[4] ?? "";
  return text.startsWith(" ") && text.endsWith(" ") ? text.slice(1, -1) : text;
}
