import type { Budget } from "../model/budget.ts";
import { defaultEvaluationLimits } from "../model/limits.ts";
import { charge } from "../model/step-limit.ts";
import { sortedKeys } from "./go-string.ts";
import { isPrintable } from "./printable.ts";
import { elementsOf, isPlainObject } from "./semantics.ts";
import { chargedKeys } from "./text-cost.ts";
import {
  ExpressionReference,
  GoInt,
  GoStruct,
  ItemsArray,
  type Value,
  type ValueObject,
} from "./value.ts";

/** How deep containers are printed; what is below is left out. */
const MAX_PRINT_DEPTH = 1_000;

const namedEscapes: ReadonlyMap<number, string> = new Map([
  [0x07, "\\a"],
  [0x08, "\\b"],
  [0x09, "\\t"],
  [0x0a, "\\n"],
  [0x0b, "\\v"],
  [0x0c, "\\f"],
  [0x0d, "\\r"],
  [0x22, '\\"'],
  [0x5c, "\\\\"],
]);

/** Returns the number as Go's `%v` prints it: exponent form below 1e-04 and from 1e+06 on. */
export function formatGoNumber(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (value === Number.POSITIVE_INFINITY) return "+Inf";
  if (value === Number.NEGATIVE_INFINITY) return "-Inf";
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const size = Math.abs(value);
  if (size >= 1e-4 && size < 1e6) return String(value);
  const [mantissa = "", exponent = ""] = value.toExponential().split("e");
  return `${mantissa}e${exponent.charAt(0)}${exponent.slice(1).padStart(2, "0")}`;
}

const needsNoEscape = /^[ !#-[\]-~]*$/;

/** Bytes that a character costs to quote, where one pass does and where each is looked up. */
const BYTES_PER_PLAIN_QUOTED = 2;
const BYTES_PER_QUOTED = 64;

/** Returns the string in Go's double quotes (`%q`); what Unicode 15.0 does not call printable is escaped. */
export function quoteGoString(text: string): string {
  if (needsNoEscape.test(text)) return `"${text}"`;
  let result = '"';
  for (const character of text) result += escapeCharacter(character);
  return `${result}"`;
}

/** Returns the character, no quote itself, in single quotes; what is not ASCII is escaped (Go `strconv.QuoteRuneToASCII`). */
export function quoteGoRune(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x80) return `'${escapeCharacter(character)}'`;
  return `'${code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`}'`;
}

/**
 * Returns the value as Go's `%v` prints it: `map[a:1 b:x]`, `[1 x <nil>]`. Where it would grow beyond `maxLength` UTF-16
 * units, or nests too deep, the rest is left out; and where the budget ends that has to pay for it, if there is one:
 * the caller has to look.
 */
export function formatGoValue(
  value: Value,
  maxLength: number = defaultEvaluationLimits.maxStringBytes,
  budget?: Budget,
): string {
  const writer = new Writer(maxLength, budget);
  writeValue(writer, value, 0);
  return writer.text;
}

/**
 * Returns the value as Go's `%#v` prints it: `map[string]interface {}{"a":1}`, `[]interface {}{"x", interface {}(nil)}`.
 * Bounded like {@link formatGoValue}.
 */
export function formatGoSyntax(
  value: Value,
  maxLength: number = defaultEvaluationLimits.maxStringBytes,
  budget?: Budget,
): string {
  if (value === null) return "<nil>";
  const writer = new Writer(maxLength, budget);
  writeSyntax(writer, value, 0);
  return writer.text;
}

/** Text that stops growing at its limit: values may share parts, so that printing them in full has no bound. */
class Writer {
  text = "";
  readonly #maxLength: number;
  readonly #budget: Budget | undefined;

  constructor(maxLength: number, budget: Budget | undefined) {
    this.#maxLength = maxLength;
    this.#budget = budget;
  }

  get isFull(): boolean {
    return this.text.length >= this.#maxLength || (this.#budget?.stepsLeft ?? 0) < 0;
  }

  add(text: string): void {
    if (!this.isFull && this.#canPay(text.length)) this.text += text;
  }

  addQuoted(text: string): void {
    if (this.isFull) return;
    const cost = needsNoEscape.test(text) ? BYTES_PER_PLAIN_QUOTED : BYTES_PER_QUOTED;
    if (this.#canPay(text.length * cost)) this.text += quoteGoString(text);
  }

  /** The object's keys in order; none once there is nothing left to pay with. */
  keysOf(object: ValueObject): readonly string[] {
    if (this.#budget === undefined) return sortedKeys(object);
    const keys = chargedKeys(object, this.#budget);
    return Array.isArray(keys) ? keys : [];
  }

  #canPay(bytes: number): boolean {
    return (
      this.#budget === undefined || charge(this.#budget, BYTES_PER_PIECE + bytes) === undefined
    );
  }
}

/** Bytes that adding a piece costs beside its characters. */
const BYTES_PER_PIECE = 32;

function writeValue(writer: Writer, value: Value, depth: number): void {
  if (value === null) {
    writer.add("<nil>");
  } else if (typeof value === "string") {
    writer.add(value);
  } else if (typeof value === "number") {
    writer.add(formatGoNumber(value));
  } else if (typeof value === "boolean") {
    writer.add(String(value));
  } else if (value instanceof GoInt) {
    writer.add(String(value.value));
  } else if (value instanceof ExpressionReference) {
    writer.add("0xc000000000");
  } else if (depth > MAX_PRINT_DEPTH) {
    return;
  } else if (value instanceof GoStruct) {
    writer.add(value.goText());
  } else if (isPlainObject(value)) {
    writeAll(writer, "map[", writer.keysOf(value), " ", "]", (key) => {
      writer.add(`${key}:`);
      writeValue(writer, value[key] ?? null, depth + 1);
    });
  } else {
    writeAll(writer, "[", elementsOf(value) ?? [], " ", "]", (element) => {
      writeValue(writer, element, depth + 1);
    });
  }
}

function writeSyntax(writer: Writer, value: Value, depth: number): void {
  if (value === null) {
    writer.add("interface {}(nil)");
  } else if (typeof value === "string") {
    writer.addQuoted(value);
  } else if (typeof value !== "object" || value instanceof GoInt) {
    writeValue(writer, value, depth);
  } else if (depth > MAX_PRINT_DEPTH) {
    return;
  } else if (isPlainObject(value)) {
    writeSyntaxObject(writer, value, depth);
  } else if (value instanceof ExpressionReference) {
    writer.add("(functions.ExpRef)(0xc000000000)");
  } else if (value instanceof GoStruct) {
    writer.add(value.goSyntax());
  } else if (value instanceof ItemsArray && value.isNil) {
    writer.add(`${value.typeName}(nil)`);
  } else {
    const typeName = value instanceof ItemsArray ? value.typeName : "[]interface {}";
    writeAll(writer, `${typeName}{`, elementsOf(value) ?? [], ", ", "}", (element) => {
      writeSyntax(writer, element, depth + 1);
    });
  }
}

function writeSyntaxObject(writer: Writer, value: ValueObject, depth: number): void {
  writeAll(writer, "map[string]interface {}{", writer.keysOf(value), ", ", "}", (key) => {
    writer.addQuoted(key);
    writer.add(":");
    writeSyntax(writer, value[key] ?? null, depth + 1);
  });
}

function writeAll<T>(
  writer: Writer,
  open: string,
  elements: readonly T[],
  separator: string,
  close: string,
  write: (element: T) => void,
): void {
  writer.add(open);
  for (const [i, element] of elements.entries()) {
    if (writer.isFull) return;
    if (i > 0) writer.add(separator);
    write(element);
  }
  writer.add(close);
}

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const named = namedEscapes.get(code);
  if (named !== undefined) return named;
  if (isPrintable(code)) return character;
  if (code >= 0xdc80 && code <= 0xdcff) return `\\x${hex(code & 0xff, 2)}`;
  if (code < 0x20 || code === 0x7f) return `\\x${hex(code, 2)}`;
  return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
}

function hex(code: number, width: number): string {
  return code.toString(16).padStart(width, "0");
}
