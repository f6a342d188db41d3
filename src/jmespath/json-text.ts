import { EvaluationError } from "../model/evaluation-error.ts";
import type { JsonValue } from "../model/json.ts";
import { defaultEvaluationLimits } from "../model/limits.ts";
import { quoteGoString } from "./go-format.ts";
import { elementsOf, isPlainObject, setField } from "./semantics.ts";
import { goStringToBytes, hasInvalidBytes, sortedKeys, toCodePoints } from "./text.ts";
import { GoInt, GoStruct, ItemsArray, type Value } from "./value.ts";

/** How deep JSON may nest; Go itself allows 10,000. */
const MAX_DEPTH = 1_000;

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
 * The value of a JSON text, read as Go's `encoding/json` reads it into `any`: numbers are doubles, of equal keys the
 * last wins, lone surrogate escapes and invalid bytes become U+FFFD. Errors have Go's texts and the code
 * `EVALUATION_VALUE`; nesting deeper than 1,000 gives `EVALUATION_DEPTH_LIMIT`.
 */
export function parseJsonText(text: string): JsonValue | EvaluationError {
  const reader = new Reader(text);
  const value = reader.readDocument();
  return reader.error ?? reader.numberError ?? value;
}

class Reader {
  readonly #text: string;
  readonly #hasInvalidBytes: boolean;
  #at = 0;
  /** Set once the text turned out not to be JSON; whatever is returned then has no meaning. */
  error: EvaluationError | undefined;
  /** A number that no double holds: reported only when the rest is well-formed, as Go does. */
  numberError: EvaluationError | undefined;

  constructor(text: string) {
    this.#text = text;
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
      result += this.#hasInvalidBytes ? replaceInvalid(run) : run;
      const character = this.#text.charAt(this.#at);
      if (character === '"') {
        this.#at++;
        return hasEscapes ? replaceInvalid(result) : result;
      }
      if (character === "\\") {
        hasEscapes = true;
        result += this.#readEscape();
      } else this.#failOrEnd("in string literal");
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
    if (depth <= MAX_DEPTH) return false;
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

/**
 * The value's JSON text as Go's `json.Marshal` writes it: compact, keys sorted, `<`, `>`, `&`, U+2028 and U+2029
 * escaped, invalid bytes as `\ufffd`. An error for NaN and infinities, and where the text would be longer than
 * `maxLength` UTF-16 units or nest deeper than 1,000.
 */
export function formatJson(
  value: Value,
  maxLength: number = defaultEvaluationLimits.maxStringBytes,
): string | EvaluationError {
  const writer: JsonWriter = { text: "", maxLength, error: undefined };
  writeJson(writer, value, 0);
  return writer.error ?? writer.text;
}

interface JsonWriter {
  text: string;
  readonly maxLength: number;
  error: EvaluationError | undefined;
}

function writeJson(writer: JsonWriter, value: Value, depth: number): void {
  if (writer.error !== undefined) return;
  if (writer.text.length > writer.maxLength) {
    writer.error = new EvaluationError("EVALUATION_SIZE_LIMIT", "the JSON text is too long");
  } else if (depth > MAX_DEPTH) {
    writer.error = new EvaluationError("EVALUATION_DEPTH_LIMIT", "the value nests too deep");
  } else if (typeof value === "string") writer.text += quoteJson(value);
  else if (typeof value === "number") writeNumber(writer, value);
  else if (value instanceof GoInt) writer.text += String(value.value);
  else if (value instanceof GoStruct) writeStruct(writer, value, depth);
  else if (value === null || typeof value === "boolean") writer.text += String(value);
  else writeContainer(writer, value, depth);
}

function writeStruct(writer: JsonWriter, value: GoStruct, depth: number): void {
  const text = value.jsonText();
  if (text === undefined) writeJson(writer, value.toJson(), depth + 1);
  else writer.text += text;
}

function writeContainer(writer: JsonWriter, value: Value, depth: number): void {
  const elements = elementsOf(value);
  if (value instanceof ItemsArray && value.isNil) writer.text += "null";
  else if (elements !== undefined) {
    writer.text += "[";
    for (const [i, element] of elements.entries()) {
      if (i > 0) writer.text += ",";
      writeJson(writer, element, depth + 1);
      if (writer.error !== undefined) return;
    }
    writer.text += "]";
  } else if (isPlainObject(value)) {
    writer.text += "{";
    for (const [i, key] of sortedKeys(value).entries()) {
      writer.text += `${i > 0 ? "," : ""}${quoteJson(key)}:`;
      writeJson(writer, value[key] ?? null, depth + 1);
      if (writer.error !== undefined) return;
    }
    writer.text += "}";
  } else {
    writer.error = unsupported("type: functions.ExpRef");
  }
}

function writeNumber(writer: JsonWriter, value: number): void {
  if (Number.isFinite(value)) writer.text += Object.is(value, -0) ? "-0" : String(value);
  else if (Number.isNaN(value)) writer.error = unsupported("value: NaN");
  else writer.error = unsupported(value > 0 ? "value: +Inf" : "value: -Inf");
}

function unsupported(what: string): EvaluationError {
  return new EvaluationError("EVALUATION_VALUE", `json: unsupported ${what}`);
}

const needsGoEscape = /[<>&\u2028\u2029]/g;

function quoteJson(text: string): string {
  if (hasInvalidBytes(text)) return `"${toCodePoints(text).map(quoteJsonCharacter).join("")}"`;
  return JSON.stringify(text).replace(needsGoEscape, escapeForHtml);
}

function quoteJsonCharacter(character: string): string {
  return hasInvalidBytes(character) ? "\\ufffd" : quoteJson(character).slice(1, -1);
}

function escapeForHtml(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

function replaceInvalid(text: string): string {
  return text.replace(/[\ud800-\udfff]/gu, "\ufffd");
}

function isDigit(character: string): boolean {
  return character >= "0" && character <= "9";
}

function isBlank(unit: number): boolean {
  return unit === 0x20 || unit === 0x0a || unit === 0x0d || unit === 0x09;
}
