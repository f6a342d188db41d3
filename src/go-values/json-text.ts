import { JsonFault } from "../json/json-fault.ts";
import { type JsonSelection, wholeJson } from "../json/json-selection.ts";
import { parseJson } from "../json/parse-json.ts";
import { readJson } from "../json/read-json.ts";
import type { Budget } from "../model/budget.ts";
import { EvaluationError } from "../model/evaluation-error.ts";
import type { JsonValue } from "../model/json.ts";
import { defaultEvaluationLimits } from "../model/limits.ts";
import { charge } from "../model/step-limit.ts";
import { quoteGoString } from "./go-format.ts";
import { goStringToBytes, hasInvalidBytes, sortedKeys } from "./go-string.ts";
import { elementsOf, isPlainObject } from "./semantics.ts";
import { chargedKeys } from "./text-cost.ts";
import { GoInt, GoStruct, ItemsArray, type Value, type ValueObject } from "./value.ts";

/** How deep JSON may nest that is written. */
const MAX_JSON_DEPTH = 1_000;

/**
 * Returns the value of a JSON text, read as Go's `encoding/json` reads it into `any`: numbers are doubles, of equal keys the
 * last wins, lone surrogate escapes and invalid bytes become U+FFFD. Errors have Go's texts and the code
 * `EVALUATION_VALUE`; nesting deeper than `maxDepth` gives `EVALUATION_DEPTH_LIMIT`. What is not selected may be left out of the value.
 */
export function parseJsonText(
  text: string,
  maxDepth: number = defaultEvaluationLimits.maxDepth,
  selection: JsonSelection = wholeJson,
): JsonValue | EvaluationError {
  const value = parseJson(text, maxDepth, selection);
  return value instanceof JsonFault ? toGoError(value, text) : value;
}

/**
 * Returns the same of a text that every reader takes alike; an error where one could take it differently: a key stands twice (Go's
 * decoder makes no difference between cases), a double does not hold a number just as it is written, or characters are
 * no Unicode.
 */
export function parseStrictJsonText(
  text: string,
  maxDepth: number,
  selection: JsonSelection = wholeJson,
): JsonValue | EvaluationError {
  const value = readJson(text, { maxDepth, halfPairs: "replaced", isStrict: true, selection });
  return value instanceof JsonFault ? toGoError(value, text) : value;
}

/** Returns what Go's decoder says of the fault. */
export function toGoError({ kind, at, detail }: JsonFault, text: string): EvaluationError {
  switch (kind) {
    case "syntax":
      return valueError(`invalid character '${quoteByteAt(text, at)}' ${detail}`);
    case "end":
      return valueError("unexpected end of JSON input");
    case "range":
      return valueError(`json: cannot unmarshal number ${detail} into Go value of type float64`);
    case "ambiguous":
      return valueError(`ambiguous JSON: ${detail}`);
    case "depth":
      return new EvaluationError("EVALUATION_DEPTH_LIMIT", "exceeded max depth");
  }
}

/** The byte at fault, or a blank at the end of the text: that is what Go's scanner is fed there. */
function quoteByteAt(text: string, at: number): string {
  const code = text.codePointAt(at) ?? 0x20;
  const byte = goStringToBytes(String.fromCodePoint(code))[0] ?? 0;
  if (byte === 0x27) return "\\'";
  return byte === 0x22 ? '"' : quoteGoString(String.fromCharCode(byte)).slice(1, -1);
}

function valueError(message: string): EvaluationError {
  return new EvaluationError("EVALUATION_VALUE", message);
}

/**
 * Returns the value's JSON text as Go's `json.Marshal` writes it: compact, keys sorted, `<`, `>`, `&`, U+2028 and U+2029
 * escaped, invalid bytes as `\ufffd`. An error for NaN and infinities, and where the text would be longer than
 * `maxLength` UTF-16 units or nest deeper than 1,000, or where the budget ends that has to pay for it, if there is one.
 */
export function formatJson(
  value: Value,
  maxLength: number = defaultEvaluationLimits.maxStringBytes,
  budget?: Budget,
): string | EvaluationError {
  const writer: JsonWriter = { text: "", maxLength, error: undefined, budget };
  writeJson(writer, value, 0);
  return writer.error ?? writer.text;
}

interface JsonWriter {
  text: string;
  readonly maxLength: number;
  error: EvaluationError | undefined;
  readonly budget: Budget | undefined;
}

/** Bytes that a piece of JSON costs to write beside its characters. */
const BYTES_PER_PIECE = 32;
/** Bytes that a character of a text costs to quote; one that is escaped counts once more for each that is added. */
const BYTES_PER_QUOTED = 4;
const BYTES_PER_ADDED = 32;

function writeJson(writer: JsonWriter, value: Value, depth: number): void {
  if (writer.error !== undefined) return;
  if (writer.text.length > writer.maxLength) {
    writer.error = new EvaluationError("EVALUATION_SIZE_LIMIT", "the JSON text is too long");
  } else if (depth > MAX_JSON_DEPTH) {
    writer.error = new EvaluationError("EVALUATION_DEPTH_LIMIT", "the value nests too deep");
  } else if (!canPay(writer, BYTES_PER_PIECE)) {
    return;
  } else if (typeof value === "string") {
    writeText(writer, value);
  } else if (typeof value === "number") {
    writeNumber(writer, value);
  } else if (value instanceof GoInt) {
    writer.text += String(value.value);
  } else if (value instanceof GoStruct) {
    writeStruct(writer, value, depth);
  } else if (value === null || typeof value === "boolean") {
    writer.text += String(value);
  } else {
    writeContainer(writer, value, depth);
  }
}

function writeStruct(
  writer: JsonWriter,
  value: GoStruct,
  depth: number,
  isInList: boolean = false,
): void {
  const text = isInList ? value.addressableText() : value.jsonText();
  if (text === undefined) writeJson(writer, value.toJson(), depth + 1);
  else if (canPay(writer, text.length * BYTES_PER_ADDED)) writer.text += text;
}

function writeText(writer: JsonWriter, text: string): void {
  if (!canPay(writer, text.length * BYTES_PER_QUOTED)) return;
  const quoted = quoteJson(text);
  if (canPay(writer, (quoted.length - text.length) * BYTES_PER_ADDED)) writer.text += quoted;
}

function canPay(writer: JsonWriter, bytes: number): boolean {
  if (writer.budget !== undefined) writer.error ??= charge(writer.budget, bytes);
  return writer.error === undefined;
}

function writeContainer(writer: JsonWriter, value: Value, depth: number): void {
  const elements = elementsOf(value);
  if (value instanceof ItemsArray && value.isNil) {
    writer.text += "null";
  } else if (elements !== undefined) {
    writer.text += "[";
    for (const [i, element] of elements.entries()) {
      if (i > 0) writer.text += ",";
      if (value instanceof ItemsArray && element instanceof GoStruct) {
        writeStruct(writer, element, depth + 1, true);
      } else {
        writeJson(writer, element, depth + 1);
      }
      if (writer.error !== undefined) return;
    }
    writer.text += "]";
  } else if (isPlainObject(value)) {
    writer.text += "{";
    for (const [i, key] of keysOf(writer, value).entries()) {
      if (i > 0) writer.text += ",";
      writeText(writer, key);
      writer.text += ":";
      writeJson(writer, value[key] ?? null, depth + 1);
      if (writer.error !== undefined) return;
    }
    writer.text += "}";
  } else {
    writer.error = unsupported("type: func(interface {}) (interface {}, error)");
  }
}

/** The object's keys in order; none, with the error set, once there is nothing left to pay with. */
function keysOf(writer: JsonWriter, object: ValueObject): readonly string[] {
  if (writer.budget === undefined) return sortedKeys(object);
  const keys = chargedKeys(object, writer.budget);
  if (Array.isArray(keys)) return keys;
  writer.error = keys;
  return [];
}

function writeNumber(writer: JsonWriter, value: number): void {
  if (Number.isFinite(value)) writer.text += Object.is(value, -0) ? "-0" : String(value);
  else if (Number.isNaN(value)) writer.error = unsupported("value: NaN");
  else writer.error = unsupported(value > 0 ? "value: +Inf" : "value: -Inf");
}

function unsupported(what: string): EvaluationError {
  return valueError(`json: unsupported ${what}`);
}

const needsGoEscape = /[<>&\u2028\u2029]/g;

function quoteJson(text: string): string {
  if (hasInvalidBytes(text)) {
    const parts = text.split(invalidByte).map((part) => quoteJson(part).slice(1, -1));
    return `"${parts.join("\\ufffd")}"`;
  }
  return JSON.stringify(text).replace(needsGoEscape, escapeForHtml);
}

/** With the flag only a surrogate that is not half of a pair. */
const invalidByte = /[\ud800-\udfff]/u;

function escapeForHtml(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
