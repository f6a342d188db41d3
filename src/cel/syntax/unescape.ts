import { CelSyntaxError } from "./syntax-error.ts";

const simpleEscapes: ReadonlyMap<string, number> = new Map([
  ["a", 0x07],
  ["b", 0x08],
  ["f", 0x0c],
  ["n", 0x0a],
  ["r", 0x0d],
  ["t", 0x09],
  ["v", 0x0b],
  ["\\", 0x5c],
  ["'", 0x27],
  ['"', 0x22],
  ["`", 0x60],
  ["?", 0x3f],
]);

const hexLengths: ReadonlyMap<string, number> = new Map([
  ["x", 2],
  ["X", 2],
  ["u", 4],
  ["U", 8],
]);

/** One escape sequence: the number it stands for and the characters that it takes, the backslash among them. */
interface Escape {
  readonly code: number;
  readonly length: number;
  readonly isUnicode: boolean;
}

/**
 * Returns the text that a string literal's content stands for.
 *
 * @param content what stands between the quotes
 * @param offset where the literal begins, for faults
 * @throws CelSyntaxError for unknown escapes and for surrogates or numbers that are no code point
 */
export function unescapeString(content: string, offset: number): string {
  return unescape(content, offset, (code) => {
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
      throw new CelSyntaxError("invalid unicode code point", offset);
    }
    return String.fromCodePoint(code);
  });
}

/** Returns the bytes that a bytes literal's content stands for: text as UTF-8, `\x` and octal escapes as single bytes. */
export function unescapeBytes(content: string, offset: number): Uint8Array {
  const parts: Uint8Array[] = [];
  let text = "";
  unescape(
    content,
    offset,
    (code, isUnicode) => {
      if (isUnicode) throw new CelSyntaxError("`\\u` escapes are not allowed in bytes", offset);
      parts.push(Buffer.from(text, "utf8"), Uint8Array.of(code));
      text = "";
      return "";
    },
    (plain) => {
      text += plain;
    },
  );
  parts.push(Buffer.from(text, "utf8"));
  return new Uint8Array(Buffer.concat(parts));
}

function unescape(
  content: string,
  offset: number,
  render: (code: number, isUnicode: boolean) => string,
  onPlain?: (text: string) => void,
): string {
  let result = "";
  let index = 0;
  while (index < content.length) {
    const slash = content.indexOf("\\", index);
    const end = slash === -1 ? content.length : slash;
    const plain = content.slice(index, end).replaceAll(/\r\n?/g, "\n");
    onPlain?.(plain);
    result += plain;
    if (slash === -1) break;
    const { code, length, isUnicode } = readEscape(content, slash, offset);
    result += render(code, isUnicode);
    index = slash + length;
  }
  return result;
}

function readEscape(content: string, at: number, offset: number): Escape {
  const letter = content[at + 1] ?? "";
  const simple = simpleEscapes.get(letter);
  if (simple !== undefined) return { code: simple, length: 2, isUnicode: false };
  const hexLength = hexLengths.get(letter);
  if (hexLength !== undefined) {
    const digits = content.slice(at + 2, at + 2 + hexLength);
    if (digits.length !== hexLength || !/^[0-9A-Fa-f]+$/.test(digits)) throw unknownEscape(offset);
    const isUnicode = letter === "u" || letter === "U";
    return { code: Number.parseInt(digits, 16), length: 2 + hexLength, isUnicode };
  }
  const octal = content.slice(at + 1, at + 4);
  if (!/^[0-3][0-7]{2}$/.test(octal)) throw unknownEscape(offset);
  return { code: Number.parseInt(octal, 8), length: 4, isUnicode: false };
}

function unknownEscape(offset: number): CelSyntaxError {
  return new CelSyntaxError("unknown escape sequence in a string", offset);
}
