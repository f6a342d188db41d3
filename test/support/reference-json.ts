import { quoteGoString } from "../../src/go-values/go-format.ts";
import { goStringToBytes, hasInvalidBytes } from "../../src/go-values/go-string.ts";
import { setField } from "../../src/go-values/semantics.ts";
import { EvaluationError } from "../../src/model/evaluation-error.ts";
import type { JsonValue } from "../../src/model/json.ts";

/** The longest number at a place. */
const numberPattern = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
/** All but quotes, backslashes and what is below the space. */
const plainCharacters = /[ !#-[\]-\uffff]*/y;
const hexDigits = /^[0-9a-fA-F]$/;

const simpleEscapes: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["\\", "\\"],
  ["/", "/"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
]);

/**
 * Returns the value of a JSON text as Go's `encoding/json` reads it, or what Go says is wrong with it: character by character
 * and without a thought for speed, to hold the reader that serves against.
 */
export function readReferenceJson(text: string, maxDepth: number): JsonValue | EvaluationError {
  const reader = new Reader(text, maxDepth);
  const value = reader.readDocument();
  return reader.error ?? reader.numberError ?? value;
}

class Reader {
  readonly #text: string;
  readonly #maxDepth: number;
  readonly #hasInvalidBytes: boolean;
  #at = 0;
  /** Set once the text turned out not to be JSON; whatever is returned then has no meaning. */
  error: EvaluationError | undefined;
  /** A number that no double holds: reported only when the rest is well-formed, as Go does. */
  numberError: EvaluationError | undefined;

  constructor(text: string, maxDepth: number) {
    this.#text = text;
    this.#maxDepth = maxDepth;
    this.#hasInvalidBytes = hasInvalidBytes(text);
  }

  readDocument(): JsonValue {
    const value = this.#readValue(0);
    this.#skipBlanks();
    if (this.#at < this.#text.length) this.#fail("after top-level value");
    return value;
  }

  #readValue(depth: number): JsonValue {
    this.#skipBlanks();
    const character = this.#text.charAt(this.#at);
    switch (character) {
      case "{":
        return this.#readObject(depth + 1);
      case "[":
        return this.#readArray(depth + 1);
      case '"':
        return this.#readString();
      case "t":
        return this.#readWord("true", true);
      case "f":
        return this.#readWord("false", false);
      case "n":
        return this.#readWord("null", null);
      default:
        if (character === "-" || isDigit(character)) return this.#readNumber();
        return this.#failOrEnd("looking for beginning of value");
    }
  }

  #readObject(depth: number): JsonValue {
    const object: { [key: string]: JsonValue } = {};
    this.#at++;
    if (this.#isTooDeep(depth) || this.#takes("}")) return object;
    while (this.error === undefined) {
      this.#skipBlanks();
      if (this.#text.charAt(this.#at) !== '"') {
        return this.#failOrEnd("looking for beginning of object key string");
      }
      const key = this.#readString();
      if (!this.#takes(":")) return this.#failOrEnd("after object key");
      setField(object, key, this.#readValue(depth));
      if (this.#takes("}")) return object;
      if (!this.#takes(",")) return this.#failOrEnd("after object key:value pair");
    }
    return object;
  }

  #readArray(depth: number): JsonValue {
    const array: JsonValue[] = [];
    this.#at++;
    if (this.#isTooDeep(depth) || this.#takes("]")) return array;
    while (this.error === undefined) {
      array.push(this.#readValue(depth));
      if (this.#takes("]")) return array;
      if (!this.#takes(",")) return this.#failOrEnd("after array element");
    }
    return array;
  }

  #readString(): string {
    this.#at++;
    let result = "";
    let hasEscapes = false;
    while (this.error === undefined) {
      const start = this.#at;
      plainCharacters.lastIndex = start;
      plainCharacters.test(this.#text);
      this.#at = plainCharacters.lastIndex;
      const run = this.#text.slice(start, this.#at);
      result += this.#hasInvalidBytes ? run.toWellFormed() : run;
      const character = this.#text.charAt(this.#at);
      if (character === '"') {
        this.#at++;
        return hasEscapes ? result.toWellFormed() : result;
      }
      if (character === "\\") {
        hasEscapes = true;
        result += this.#readEscape();
      } else {
        this.#failOrEnd("in string literal");
      }
    }
    return result;
  }

  #readEscape(): string {
    this.#at++;
    const character = this.#text.charAt(this.#at);
    const simple = simpleEscapes.get(character);
    if (simple !== undefined) {
      this.#at++;
      return simple;
    }
    if (character === "u") return this.#readUnicodeEscape();
    this.#fail("in string escape code");
    return "";
  }

  /** A pair of escapes forms one character because both end up side by side; what stays alone is replaced later. */
  #readUnicodeEscape(): string {
    this.#at++;
    const start = this.#at;
    for (; this.#at < start + 4; this.#at++) {
      if (!hexDigits.test(this.#text.charAt(this.#at))) {
        this.#fail("in \\u hexadecimal character escape");
        return "";
      }
    }
    return String.fromCharCode(Number.parseInt(this.#text.slice(start, this.#at), 16));
  }

  #readWord(word: string, value: JsonValue): JsonValue {
    for (let i = 1; i < word.length; i++) {
      this.#at++;
      if (this.#text.charAt(this.#at) !== word.charAt(i)) {
        return this.#fail(`in literal ${word} (expecting '${word.charAt(i)}')`);
      }
    }
    this.#at++;
    return value;
  }

  #readNumber(): JsonValue {
    numberPattern.lastIndex = this.#at;
    const digits = numberPattern.exec(this.#text)?.[0];
    if (digits === undefined) {
      this.#at++;
      return this.#fail("in numeric literal");
    }
    this.#at += digits.length;
    // The longest match stops in front of a dot or an exponent that lacks its digits.
    const next = this.#text.charAt(this.#at);
    if (next === "." && !/[.eE]/.test(digits)) {
      this.#at++;
      return this.#fail("after decimal point in numeric literal");
    }
    if ((next === "e" || next === "E") && !/[eE]/.test(digits)) {
      this.#at++;
      if (/[+-]/.test(this.#text.charAt(this.#at))) this.#at++;
      return this.#fail("in exponent of numeric literal");
    }
    const value = Number(digits);
    if (!Number.isFinite(value)) {
      this.numberError ??= new EvaluationError(
        "EVALUATION_VALUE",
        `json: cannot unmarshal number ${digits} into Go value of type float64`,
      );
    }
    return value;
  }

  #isTooDeep(depth: number): boolean {
    if (depth <= this.#maxDepth) return false;
    this.error = new EvaluationError("EVALUATION_DEPTH_LIMIT", "exceeded max depth");
    return true;
  }

  #takes(character: string): boolean {
    this.#skipBlanks();
    if (this.#text.charAt(this.#at) !== character) return false;
    this.#at++;
    return true;
  }

  #skipBlanks(): void {
    while (isBlank(this.#text.charCodeAt(this.#at))) this.#at++;
  }

  #failOrEnd(where: string): null {
    if (this.#at < this.#text.length) return this.#fail(where);
    this.error ??= new EvaluationError("EVALUATION_VALUE", "unexpected end of JSON input");
    return null;
  }

  /** Names the byte at fault, the end of the text as a blank: that is what Go's scanner is fed there. */
  #fail(where: string): null {
    const code = this.#text.codePointAt(this.#at) ?? 0x20;
    const byte = goStringToBytes(String.fromCodePoint(code))[0] ?? 0;
    const quoted = byte === 0x22 ? '"' : quoteGoString(String.fromCharCode(byte)).slice(1, -1);
    this.error ??= new EvaluationError(
      "EVALUATION_VALUE",
      `invalid character '${byte === 0x27 ? "\\'" : quoted}' ${where}`,
    );
    return null;
  }
}

function isDigit(character: string): boolean {
  return character >= "0" && character <= "9";
}

function isBlank(unit: number): boolean {
  return unit === 0x20 || unit === 0x0a || unit === 0x0d || unit === 0x09;
}
