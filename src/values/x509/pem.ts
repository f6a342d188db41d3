/** A block of PEM text. */
export interface PemBlock {
  readonly type: string;
  readonly bytes: Uint8Array;
}

const BEGIN = "-----BEGIN ";
const END = "\n-----END ";
const RULE = "-----";

/** Returns the first well-formed PEM block of a text, or undefined when there is none; text around it is skipped. */
export function parsePem(text: string): PemBlock | undefined {
  let start = 0;
  for (;;) {
    const end = text.indexOf(END, start);
    if (end < 0) return undefined;
    // The nearest beginning in front of this end counts; earlier ones are broken blocks.
    const begin = start + text.slice(start, end).lastIndexOf(BEGIN);
    const isLineStart = begin === start || text[begin - 1] === "\n";
    if (begin >= start && isLineStart) {
      const block = parseBlock(text, begin + BEGIN.length, end);
      if (block !== undefined) return block;
    }
    start = end + END.length;
  }
}

function parseBlock(text: string, start: number, end: number): PemBlock | undefined {
  const typeEnd = text.indexOf("\n", start);
  const typeLine = trimLine(text.slice(start, typeEnd));
  if (!typeLine.endsWith(RULE)) return undefined;
  const afterEnd = text.slice(end + END.length);
  const newline = afterEnd.indexOf("\n");
  const endLine = trimLine(newline < 0 ? afterEnd : afterEnd.slice(0, newline));
  if (endLine !== typeLine) return undefined;
  const body = skipHeaders(text.slice(Math.min(typeEnd + 1, end), end));
  const bytes = body === undefined ? undefined : decodeBase64(body);
  return bytes && { type: typeLine.slice(0, -RULE.length), bytes };
}

function trimLine(line: string): string {
  return line.replace(/\r$/, "").replace(/(?<![ \t])[ \t]+$/, "");
}

/** What comes after the lines with a colon, or undefined when nothing does. */
function skipHeaders(body: string): string | undefined {
  let at = 0;
  while (at <= body.length) {
    const newline = body.indexOf("\n", at);
    const end = newline < 0 ? body.length : newline;
    if (!body.slice(at, end).includes(":")) return body.slice(at);
    at = end + 1;
  }
  return undefined;
}

/** The bytes of padded base64 with white space in it, or undefined. */
function decodeBase64(text: string): Uint8Array | undefined {
  const digits = text.replace(/[ \t\r\n]/g, "");
  const isWhole = digits.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(digits);
  return isWhole ? Buffer.from(digits, "base64") : undefined;
}
