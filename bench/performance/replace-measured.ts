/**
 * Returns the text with those lines between its comments `<!-- measured:NAME -->` and `<!-- measured:end -->`; the same text when
 * it has no such comments.
 */
export function replaceMeasured(text: string, name: string, lines: readonly string[]): string {
  const opening = `<!-- measured:${name} -->`;
  const start = text.indexOf(opening);
  const end = text.indexOf("<!-- measured:end -->", start);
  if (start === -1 || end === -1) return text;
  const before = text.slice(0, start + opening.length);
  return `${before}\n\n${lines.join("\n")}\n\n${text.slice(end)}`;
}
