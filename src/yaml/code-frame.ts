import type { Position } from "../model/position.ts";

/** How much of a long line is shown, in UTF-16 units, and how much of it in front of the place. */
const shownWidth = 120;
const shownBefore = 60;

/**
 * Returns the line of the text with a caret under the place, both behind the line's number; undefined when the text has no
 * such line. Control characters are shown as spaces, a long line only around the place.
 */
export function renderCodeFrame(text: string, position: Position): string | undefined {
  const line = lineOf(text, position.line);
  if (line === undefined || position.column < 1) return undefined;
  const start = line.length <= shownWidth ? 0 : Math.max(0, position.column - 1 - shownBefore);
  const shown = toPlainText(line.slice(start, start + shownWidth));
  const number = String(position.line);
  const margin = " ".repeat(number.length);
  const caret = `${" ".repeat(position.column - 1 - start)}^`;
  return `${number} | ${shown}\n${margin} | ${caret}`;
}

/** The text's line of that number (1-based), without its end; undefined when there is none. */
function lineOf(text: string, number: number): string | undefined {
  const lineEnd = /\r?\n/g;
  let start = 0;
  for (let at = 1; at < number; at += 1) {
    if (lineEnd.exec(text) === null) return undefined;
    start = lineEnd.lastIndex;
  }
  const end = lineEnd.exec(text);
  return number < 1 ? undefined : text.slice(start, end?.index);
}

function toPlainText(line: string): string {
  return line.replace(/\p{Cc}/gu, " ");
}
