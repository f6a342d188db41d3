/** A place in a text, as YAML's rules count it. */
export interface Mark {
  /** In UTF-16 code units from the start. */
  readonly offset: number;
  /** In characters from the start. */
  readonly index: number;
  /** Counted from 0, a line break of any kind ends one. */
  readonly line: number;
  /** In characters from the start of the line. */
  readonly column: number;
}

/** The character that {@link TextCursor.code} gives behind the end; no text that is read holds the character. */
export const END = 0;
export const TAB = 0x09;
export const SPACE = 0x20;
const BYTE_ORDER_MARK = 0xfeff;

/** Returns whether the character is a blank: a space or a tab. */
export function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}

/** Returns whether the character breaks a line: CR, LF, U+0085, U+2028 or U+2029. */
export function isBreak(code: number): boolean {
  if (code < 0x85) return code === 0x0a || code === 0x0d;
  return code === 0x85 || code === 0x2028 || code === 0x2029;
}

/** Returns whether the character is a break, or the text ends there. */
export function isBreakOrEnd(code: number): boolean {
  return code === END || isBreak(code);
}

/** Returns whether the character is a blank or a break, or the text ends there. */
export function isBlankOrEnd(code: number): boolean {
  return isBlank(code) || isBreakOrEnd(code);
}

/** Returns whether the character may stand in the name of an anchor, a tag's handle or a directive. */
export function isNameCharacter(code: number): boolean {
  return (
    (code >= 0x61 && code <= 0x7a) ||
    (code >= 0x41 && code <= 0x5a) ||
    isDigit(code) ||
    code === 0x5f ||
    code === 0x2d
  );
}

/** Returns whether the character is one of the digits 0 to 9. */
export function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** Reads a well-formed text character by character, and knows where it is. */
export class TextCursor {
  readonly text: string;
  #offset = 0;
  #index = 0;
  #line = 0;
  #column = 0;

  constructor(text: string) {
    this.text = text;
  }

  get offset(): number {
    return this.#offset;
  }

  get line(): number {
    return this.#line;
  }

  get column(): number {
    return this.#column;
  }

  get index(): number {
    return this.#index;
  }

  get mark(): Mark {
    return {
      offset: this.#offset,
      index: this.#index,
      line: this.#line,
      column: this.#column,
    };
  }

  /** The code unit so many units ahead. */
  code(ahead = 0): number {
    const at = this.#offset + ahead;
    return at < this.text.length ? this.text.charCodeAt(at) : END;
  }

  /** Returns whether the text goes on with this. */
  startsWith(wanted: string): boolean {
    return this.text.startsWith(wanted, this.#offset);
  }

  /** Goes on by one character, which is no line break. */
  skip(): void {
    const code = this.code();
    this.#offset += code >= 0xd800 && code <= 0xdbff ? 2 : 1;
    this.#index += 1;
    this.#column += 1;
  }

  /** Goes on by one character, and gives it. */
  read(): string {
    const start = this.#offset;
    this.skip();
    return this.text.slice(start, this.#offset);
  }

  /** Goes on while the test holds, and gives what was passed. */
  readWhile(test: (code: number) => boolean): string {
    const start = this.#offset;
    while (test(this.code())) this.skip();
    return this.text.slice(start, this.#offset);
  }

  /** Goes on behind a line break, and gives it as a value holds it: U+2028 and U+2029 stay what they are. */
  readBreak(): string {
    const code = this.code();
    const units = code === 0x0d && this.code(1) === 0x0a ? 2 : 1;
    this.#offset += units;
    this.#index += units;
    this.#column = 0;
    this.#line += 1;
    return code === 0x2028 || code === 0x2029 ? String.fromCharCode(code) : "\n";
  }

  /** Goes on behind the mark that says that a text is UTF-8: it is no character of the first line. */
  skipByteOrderMark(): void {
    if (this.code() === BYTE_ORDER_MARK) this.#offset += 1;
  }

  /** Counts the line that the text ends in as one that has a break. */
  endLine(): void {
    if (this.#column === 0) return;
    this.#column = 0;
    this.#line += 1;
  }

  /** Returns whether a line begins here with `---` or `...`, and nothing that belongs to it. */
  isAtDocumentMark(): boolean {
    if (this.#column !== 0) return false;
    return (this.startsWith("---") || this.startsWith("...")) && isBlankOrEnd(this.code(3));
  }
}
