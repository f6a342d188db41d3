import { EvaluationError } from "../../model/evaluation-error.ts";

/** Goes through a pattern, one code point after another, and words Go's errors about it. */
export class PatternText {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** Returns whether the end is reached. */
  get isAtEnd(): boolean {
    return this.at >= this.text.length;
  }

  /** Returns whether the pattern goes on with the text. */
  startsWith(text: string): boolean {
    return this.text.startsWith(text, this.at);
  }

  /** Goes past the text if the pattern goes on with it. */
  skip(text: string): boolean {
    if (!this.startsWith(text)) return false;
    this.at += text.length;
    return true;
  }

  /** The next code point, or an error where the pattern is not UTF-8; U+FFFD at the end. */
  next(): string | EvaluationError {
    const [character = "\ufffd"] = this.text.slice(this.at, this.at + 2);
    if (/^[\ud800-\udfff]$/.test(character)) return this.fault("invalid UTF-8", this.at, Infinity);
    this.at = Math.min(this.at + character.length, this.text.length);
    return character;
  }

  /** Go's error with the part of the pattern from `start` to `end`. */
  fault(problem: string, start: number, end: number = this.at): EvaluationError {
    return new EvaluationError(
      "EVALUATION_VALUE",
      `error parsing regexp: ${problem}: \`${this.text.slice(start, end)}\``,
    );
  }

  /** The code point that the escape sequence here stands for, or an error; the pattern is at its backslash. */
  nextEscape(): number | EvaluationError {
    const start = this.at;
    this.at += 1;
    if (this.isAtEnd) return this.fault("trailing backslash at end of expression", this.at);
    const character = this.next();
    if (character instanceof EvaluationError) return character;
    const simple = simpleEscapes.get(character);
    if (simple !== undefined) return simple;
    if (/[0-7]/.test(character)) {
      // `\1` alone would refer back to a group.
      const digits = /[0-7]{0,2}/y;
      digits.lastIndex = this.at;
      const more = digits.exec(this.text)?.[0] ?? "";
      if (character !== "0" && more === "") return this.fault("invalid escape sequence", start);
      this.at += more.length;
      return Number.parseInt(character + more, 8);
    }
    if (character === "x") return this.#nextHexadecimal(start);
    const isPunctuation = /^[\0-\x7f]$/.test(character) && !/^[A-Za-z0-9]$/.test(character);
    return isPunctuation ? character.charCodeAt(0) : this.fault("invalid escape sequence", start);
  }

  #nextHexadecimal(start: number): number | EvaluationError {
    if (this.skip("{")) return this.#nextBraced(start);
    if (this.isAtEnd) return this.fault("invalid escape sequence", start);
    // Go looks at both characters before it refuses one.
    const first = this.next();
    if (first instanceof EvaluationError) return first;
    const second = this.next();
    if (second instanceof EvaluationError) return second;
    const isNumber = hexadecimalDigit.test(first) && hexadecimalDigit.test(second);
    return isNumber
      ? Number.parseInt(first + second, 16)
      : this.fault("invalid escape sequence", start);
  }

  #nextBraced(start: number): number | EvaluationError {
    let value = 0;
    for (let count = 0; !this.isAtEnd; count += 1) {
      const character = this.next();
      if (character instanceof EvaluationError) return character;
      if (character === "}" && count > 0) return value;
      value = hexadecimalDigit.test(character)
        ? value * 16 + Number.parseInt(character, 16)
        : Number.NaN;
      if (!(value <= 0x10ffff)) break;
    }
    return this.fault("invalid escape sequence", start);
  }
}

const hexadecimalDigit = /^[0-9A-Fa-f]$/;

const simpleEscapes: ReadonlyMap<string, number> = new Map([
  ["a", 0x07],
  ["f", 0x0c],
  ["n", 0x0a],
  ["r", 0x0d],
  ["t", 0x09],
  ["v", 0x0b],
]);
