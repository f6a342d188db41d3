const lineBreaks = "\n\r\u0085\u2028\u2029";

/** How many line breaks of any kind stand before the offset; `\r\n` must not occur. */
export function countBreaks(text: string, offset: number): number {
  let count = 0;
  for (let at = 0; at < offset; at += 1) if (lineBreaks.includes(text.charAt(at))) count += 1;
  return count;
}

/** The original's text for what its scanner refuses: it numbers lines from 1 and leaves out the first. */
export function scannerText(text: string, offset: number, problem: string): string {
  const line = countBreaks(text, offset);
  return line === 0 ? `yaml: ${problem}` : `yaml: line ${line + 1}: ${problem}`;
}

/** The original's text for what its parser refuses: it numbers lines from 0 and leaves out the first. */
export function parserText(text: string, offset: number, problem: string): string {
  const line = countBreaks(text, offset);
  return line === 0 ? `yaml: ${problem}` : `yaml: line ${line}: ${problem}`;
}
