import type { JsonValue } from "../model/json.ts";
import { shortestSingle } from "../model/single-precision.ts";
import { isInt64, type ScalarValue } from "./resolve-scalar.ts";

/** Longer texts are cut: aliases can make a long one print many times. */
const maxShown = 100;

/** Returns Go's `%#v` of a value its YAML library decoded: how keys and values show in its error texts. */
export function formatDecoded(value: JsonValue): string {
  if (value === null) return "<nil>";
  if (typeof value === "string") return quoteText(value.slice(0, maxShown));
  if (typeof value === "number") {
    return Number.isInteger(value) ? String(BigInt(value)) : formatFloat(value, 64);
  }
  if (typeof value !== "object") return String(value);
  if (Array.isArray(value)) {
    return `[]interface {}{${value.map((item) => formatNested(item)).join(", ")}}`;
  }
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const inner = members.map(([key, item]) => `${quoteText(key)}:${formatNested(item)}`);
  return `map[interface {}]interface {}{${inner.join(", ")}}`;
}

function formatNested(value: JsonValue): string {
  return value === null ? "interface {}(nil)" : formatDecoded(value);
}

/** Returns Go's `%#v` of a mapping key. */
export function formatKey(key: ScalarValue): string {
  if (key.digits === undefined || isInt64(key.digits)) {
    return key.digits ?? formatDecoded(key.value);
  }
  return `0x${BigInt(key.digits).toString(16)}`;
}

/**
 * Returns the text that a key which is no string gets in JSON: floats as 32-bit floats, as the original prints them
 * (`123456789.5` → `1.2345679e+08`).
 */
export function keyText(key: ScalarValue): string {
  if (key.kind !== "float") return key.digits ?? String(key.value);
  const text = formatFloat(Number(key.value), 32);
  return floatKeys.get(text) ?? text;
}

const floatKeys: ReadonlyMap<string, string> = new Map([
  ["+Inf", ".inf"],
  ["-Inf", "-.inf"],
  ["NaN", ".nan"],
]);

/** Go's shortest `%g` of a number at 32 or 64 bits: an exponent below -4 and from 6 on. */
function formatFloat(value: number, bits: 32 | 64): string {
  const rounded = bits === 32 ? Math.fround(value) : value;
  if (Number.isNaN(rounded)) return "NaN";
  if (!Number.isFinite(rounded)) return rounded > 0 ? "+Inf" : "-Inf";
  const size = Math.abs(rounded);
  const digits = bits === 32 ? shortestSingle(size) : size.toExponential();
  const [mantissa = "", exponentText = "0"] = digits.split("e");
  const exponent = Number(exponentText);
  const sign = rounded < 0 || Object.is(rounded, -0) ? "-" : "";
  if (exponent < -4 || exponent >= 6) return exponential(sign + mantissa, exponent);
  return sign + String(Number(`${mantissa}e${exponentText}`));
}

function exponential(mantissa: string, exponent: number): string {
  const digits = String(Math.abs(exponent)).padStart(2, "0");
  return `${mantissa}e${exponent < 0 ? "-" : "+"}${digits}`;
}

const quoted: ReadonlyMap<string, string> = new Map([
  ["\x07", "\\a"],
  ["\b", "\\b"],
  ["\f", "\\f"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
  ["\v", "\\v"],
  ["\\", "\\\\"],
  ['"', '\\"'],
]);

const unprintable = /["\\]|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu;

/** Returns a Go string literal of the text (`%q`). */
export function quoteText(text: string): string {
  const inner = text.replace(unprintable, (character) => {
    const short = quoted.get(character);
    if (short !== undefined) return short;
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x80) return `\\x${code.toString(16).padStart(2, "0")}`;
    const hex = code.toString(16);
    return code > 0xffff ? `\\U${hex.padStart(8, "0")}` : `\\u${hex.padStart(4, "0")}`;
  });
  return `"${inner}"`;
}
