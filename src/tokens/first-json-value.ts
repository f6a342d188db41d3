const leadingSpace = /^[ \t\r\n]*/;
// Also what only starts like a number, so that the decoder sees and reports what is wrong with it.
const numberStart = /^-?(?:0|[1-9][0-9]*)?(?:\.[0-9]*)?(?:[eE][+-]?[0-9]*)?/;
const stringText = /^"(?:[^"\\]|\\[^])*"?/;
const structural = /"(?:[^"\\]|\\[^])*"?|[[{\]}]/g;

/**
 * Returns the part of the text that Go's streaming `json.Decoder` would read as its first value: leading blanks and one value,
 * or, where that value is broken, enough of it to show the same fault. Undefined when there is nothing but blanks.
 */
export function firstJsonValue(text: string): string | undefined {
  const start = leadingSpace.exec(text)?.[0].length ?? 0;
  if (start === text.length) return undefined;
  return text.slice(0, start + valueLength(text.slice(start)));
}

function valueLength(text: string): number {
  const first = text.charAt(0);
  if (first === "{" || first === "[") return containerLength(text);
  if (first === '"') return stringText.exec(text)?.[0].length ?? 1;
  if (first === "f") return 5;
  if (first === "t" || first === "n") return 4;
  const length = numberStart.exec(text)?.[0].length ?? 0;
  return /[0-9]/.test(text.charAt(length - 1)) ? length : length + 1;
}

/** Brackets of both kinds are counted alike: a wrong one ends a part that the decoder refuses at that very place. */
function containerLength(text: string): number {
  let depth = 0;
  for (const match of text.matchAll(structural)) {
    if (match[0] === "{" || match[0] === "[") depth += 1;
    if (match[0] === "}" || match[0] === "]") depth -= 1;
    if (depth === 0) return match.index + 1;
  }
  return text.length;
}
