/** The value that a scalar stands for, before it becomes JSON: integers and floats differ as mapping keys. */
export interface ScalarValue {
  readonly kind: "null" | "boolean" | "integer" | "float" | "string";
  /** Integers beyond 2^53 have lost precision here; `digits` has not. */
  readonly value: null | boolean | number | string;
  /** The decimal text of an integer. */
  readonly digits?: string;
}

/** Returns a string as a scalar. */
export function stringScalar(value: string): ScalarValue {
  return { kind: "string", value };
}

const nullScalar: ScalarValue = { kind: "null", value: null };

const words: ReadonlyMap<string, ScalarValue> = new Map([
  ...["", "~", "null", "Null", "NULL"].map((word) => [word, nullScalar] as const),
  ...["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"].map(
    (word) => [word, { kind: "boolean", value: true }] as const,
  ),
  ...["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"].map(
    (word) => [word, { kind: "boolean", value: false }] as const,
  ),
  ...[".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"].map(
    (word) => [word, { kind: "float", value: Number.POSITIVE_INFINITY }] as const,
  ),
  ...["-.inf", "-.Inf", "-.INF"].map(
    (word) => [word, { kind: "float", value: Number.NEGATIVE_INFINITY }] as const,
  ),
  ...[".nan", ".NaN", ".NAN"].map((word) => [word, { kind: "float", value: Number.NaN }] as const),
]);

const longestWord = 5;
const smallInteger = /^[-+]?(?:0|[1-9][0-9]{0,14})$/;
const prefixedInteger = /^([-+]?)0([xXbBoO])([0-9a-fA-F]+)$/;
const plainInteger = /^([-+]?)([0-9]+)$/;
const decimalFloat = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;

const maxInt64 = 9_223_372_036_854_775_807n;
const minInt64 = -9_223_372_036_854_775_808n;
const maxUint64 = 18_446_744_073_709_551_615n;

/** Returns whether an integer fits the original's signed 64 bits; larger ones are another type to it. */
export function isInt64(digits: string): boolean {
  const value = BigInt(digits);
  return value >= minInt64 && value <= maxInt64;
}

/**
 * Returns what an unquoted scalar stands for, by the YAML 1.1 table of go-yaml v2 (no base 60; timestamps are strings; a
 * number with a leading zero is octal, or decimal where it has an 8 or a 9).
 */
export function resolvePlainScalar(text: string): ScalarValue {
  if (text.length <= longestWord) {
    const word = words.get(text);
    if (word !== undefined) return word;
  }
  const first = text.charCodeAt(0);
  const isDigit = first >= 0x30 && first <= 0x39;
  if (isDigit || first === 0x2b || first === 0x2d) {
    return resolveNumber(text.replaceAll("_", ""), text);
  }
  // Underscores count only where the text starts with a digit or a sign.
  if (first === 0x2e) return resolveFloat(text, text);
  return stringScalar(text);
}

function resolveNumber(digits: string, text: string): ScalarValue {
  if (smallInteger.test(digits)) {
    const value = Number(digits) + 0;
    return { kind: "integer", value, digits: String(value) };
  }
  return resolveInteger(digits) ?? resolveFloat(digits, text);
}

function resolveFloat(digits: string, text: string): ScalarValue {
  if (!decimalFloat.test(digits)) return stringScalar(text);
  const value = Number(digits);
  return Number.isFinite(value) ? { kind: "float", value } : stringScalar(text);
}

const prefixes: ReadonlyMap<string, { readonly prefix: string; readonly digits: RegExp }> = new Map(
  [
    ["x", { prefix: "0x", digits: /^[0-9a-fA-F]+$/ }],
    ["o", { prefix: "0o", digits: /^[0-7]+$/ }],
    ["b", { prefix: "0b", digits: /^[01]+$/ }],
    ["", { prefix: "", digits: /^[0-9]+$/ }],
  ],
);

function resolveInteger(text: string): ScalarValue | undefined {
  const prefixed = prefixedInteger.exec(text);
  if (prefixed !== null) {
    const [, sign = "", letter = "", digits = ""] = prefixed;
    return integerOf(sign, letter.toLowerCase(), digits);
  }
  const [, sign = "", digits = ""] = plainInteger.exec(text) ?? [];
  if (digits === "") return undefined;
  return digits.startsWith("0") ? integerOf(sign, "o", digits) : integerOf(sign, "", digits);
}

function integerOf(sign: string, base: string, digits: string): ScalarValue | undefined {
  const rule = prefixes.get(base);
  const significant = digits.replace(/^0+(?=.)/, "");
  // 64 binary digits are the most that can fit; longer texts are not worth converting.
  if (rule === undefined || !rule.digits.test(digits) || significant.length > 64) return undefined;
  const magnitude = BigInt(rule.prefix + significant);
  const value = sign === "-" ? -magnitude : magnitude;
  // Only numbers without a sign get the unsigned range.
  if (value < minInt64 || value > (sign === "" ? maxUint64 : maxInt64)) return undefined;
  return { kind: "integer", value: Number(value), digits: String(value) };
}
