import { EvaluationError } from "../model/evaluation-error.ts";

/**
 * Kubernetes quantities (`1500m`, `1Gi`, `12e6`) in exact decimals, as apimachinery's `resource.Quantity` reads and
 * prints them. Numbers of more than {@link MAX_DIGITS} digits, which only hostile text makes, are refused.
 */
export interface Quantity {
  /** The value times 10^scale. */
  readonly unscaled: bigint;
  /** Decimal places; below zero where the text had a suffix or exponent. It decides how far a quotient goes. */
  readonly scale: number;
  readonly format: QuantityFormat;
}

/** How a quantity is printed: with `k M G`, with `e3`, with `Ki Mi Gi`. */
type QuantityFormat = "decimal" | "exponent" | "binary";

/** Go's words on a text that does not look like a quantity at all. */
export const quantityFormatMessage: string =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

const MAX_DIGITS = 4_096;
/** Beyond this the original's 32-bit exponents wrap around. */
const MAX_EXPONENT = 1e9;
const NANO_SCALE = 9;
const MAX_BINARY: bigint = 2n ** 63n - 1n;

const decimalExponents: ReadonlyMap<string, number> = new Map([
  ["n", -9],
  ["u", -6],
  ["m", -3],
  ["", 0],
  ["k", 3],
  ["M", 6],
  ["G", 9],
  ["T", 12],
  ["P", 15],
  ["E", 18],
]);
const binaryExponents: ReadonlyMap<string, number> = new Map([
  ["Ki", 10],
  ["Mi", 20],
  ["Gi", 30],
  ["Ti", 40],
  ["Pi", 50],
  ["Ei", 60],
]);
const decimalSuffixes: ReadonlyMap<number, string> = invert(decimalExponents);
const binarySuffixes: ReadonlyMap<number, string> = invert(binaryExponents);

function invert(table: ReadonlyMap<string, number>): ReadonlyMap<number, string> {
  return new Map([...table].map(([suffix, exponent]) => [exponent, suffix]));
}

function sizeFault(): EvaluationError {
  return new EvaluationError(
    "EVALUATION_SIZE_LIMIT",
    `a quantity has more than ${MAX_DIGITS} digits`,
  );
}

/** 10^exponent, or the fault when it is too large to compute with. */
function powerOfTen(exponent: number): bigint | EvaluationError {
  return exponent > MAX_DIGITS ? sizeFault() : 10n ** BigInt(exponent);
}

/** Returns the quantity a text stands for, undefined when it stands for none, or an error when it is too large. */
export function parseQuantity(text: string): Quantity | EvaluationError | undefined {
  const parts = splitQuantity(text);
  const suffix = parts && interpretSuffix(parts.suffix);
  if (parts === undefined || suffix === undefined) return undefined;
  if (parts.whole.length + parts.fraction.length > MAX_DIGITS) return sizeFault();
  if (Math.abs(suffix.exponent) > MAX_EXPONENT) return sizeFault();
  const size = BigInt(parts.whole + parts.fraction);
  const isBinary = suffix.format === "binary";
  const scale = isBinary ? parts.fraction.length : parts.fraction.length - suffix.exponent;
  const value = isBinary ? size << BigInt(suffix.exponent) : size;
  const sign = parts.negative ? -1n : 1n;
  if (isShort(parts, suffix.exponent, isBinary)) {
    return { unscaled: sign * value, scale, format: suffix.format };
  }
  if (!parts.hasDigits) return undefined;
  const rounded = roundUpToNano(value, scale);
  if (rounded instanceof EvaluationError) return rounded;
  const limited = isBinary ? limitBinary(rounded) : { ...rounded, format: suffix.format };
  return { ...limited, unscaled: sign * limited.unscaled };
}

type Decimal = Pick<Quantity, "unscaled" | "scale">;

interface QuantityParts {
  readonly negative: boolean;
  /** Digits without leading zeros, at least `0`. */
  readonly whole: string;
  readonly fraction: string;
  /** A point or a sign alone stands for zero too, but not everywhere. */
  readonly hasDigits: boolean;
  readonly suffix: string;
}

/** Cuts the text up; digits may be missing on either side of the point, and on both. */
function splitQuantity(text: string): QuantityParts | undefined {
  if (text === "") return undefined;
  let at = 0;
  const take = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0] ?? "";
    at += found.length;
    return found;
  };
  const sign = take(/[+-]?/y);
  const zeros = take(/0*/y);
  const digits = take(/[0-9]*/y);
  const fraction = take(/(?:\.[0-9]*)?/y).slice(1);
  const suffix = take(/[eEinumkKMGTP]*/y) + take(/[+-]?/y) + take(/[0-9]*/y);
  if (at < text.length) return undefined;
  const hasDigits = zeros + digits + fraction !== "";
  return { negative: sign === "-", whole: digits || "0", fraction, hasDigits, suffix };
}

function interpretSuffix(suffix: string): { exponent: number; format: QuantityFormat } | undefined {
  const decimal = decimalExponents.get(suffix);
  if (decimal !== undefined) return { exponent: decimal, format: "decimal" };
  const binary = binaryExponents.get(suffix);
  if (binary !== undefined) return { exponent: binary, format: "binary" };
  const digits = /^[eE]([+-]?)0*([0-9]+)$/.exec(suffix);
  if (digits === null) return undefined;
  const [, sign = "", size = ""] = digits;
  // The original reads 64 bits and keeps the lower 32.
  if (size.length > 19) return undefined;
  const exponent = BigInt(sign + size);
  if (BigInt.asIntN(64, exponent) !== exponent) return undefined;
  return { exponent: Number(BigInt.asIntN(32, exponent)), format: "exponent" };
}

/** Returns whether the original keeps the value in 64 bits, which saves it from being rounded and capped. */
function isShort(parts: QuantityParts, exponent: number, isBinary: boolean): boolean {
  const { whole, fraction } = parts;
  if (isBinary) return fraction === "" && 14 - whole.length - (exponent * 3) / 10 >= 0;
  return whole.length + fraction.length <= 18 && fraction.length - exponent <= NANO_SCALE;
}

/** The binary size, at most 2^63-1; what is below one is printed in decimals. */
function limitBinary(size: Decimal): Quantity {
  const one = 10n ** BigInt(size.scale);
  if (size.unscaled > MAX_BINARY * one) return { unscaled: MAX_BINARY, scale: 0, format: "binary" };
  const isBelowOne = size.unscaled > 0n && size.unscaled < one;
  return { ...size, format: isBelowOne ? "decimal" : "binary" };
}

/** The size with exactly nine decimals, rounded away from zero; a zero stays as it is. */
function roundUpToNano(size: bigint, scale: number): Decimal | EvaluationError {
  if (size === 0n) return { unscaled: size, scale };
  if (scale - NANO_SCALE > MAX_DIGITS * 2) return { unscaled: 1n, scale: NANO_SCALE };
  if (scale <= NANO_SCALE) {
    const factor = powerOfTen(NANO_SCALE - scale);
    if (factor instanceof EvaluationError) return factor;
    return { unscaled: size * factor, scale: NANO_SCALE };
  }
  const divisor = 10n ** BigInt(scale - NANO_SCALE);
  return { unscaled: (size + divisor - 1n) / divisor, scale: NANO_SCALE };
}

/** Returns the sum; its format is the left operand's, or the right one's when the left is zero. */
export function addQuantities(left: Quantity, right: Quantity): Quantity | EvaluationError {
  if (left.unscaled === 0n) return right;
  if (right.unscaled === 0n) return left;
  const scale = Math.max(left.scale, right.scale);
  const leftFactor = powerOfTen(scale - left.scale);
  const rightFactor = powerOfTen(scale - right.scale);
  if (leftFactor instanceof EvaluationError) return leftFactor;
  if (rightFactor instanceof EvaluationError) return rightFactor;
  const unscaled = left.unscaled * leftFactor + right.unscaled * rightFactor;
  return { unscaled, scale, format: left.format };
}

/** Returns the quantity with the other sign. */
export function negateQuantity(quantity: Quantity): Quantity {
  return { ...quantity, unscaled: -quantity.unscaled };
}

/** Returns the exact product in the left operand's format. */
export function multiplyQuantity(left: Quantity, right: Quantity): Quantity {
  return {
    unscaled: left.unscaled * right.unscaled,
    scale: left.scale + right.scale,
    format: left.format,
  };
}

/** Returns the quotient with as many decimals as the more precise operand has, cut off; the divisor is not zero. */
export function divideQuantity(left: Quantity, right: Quantity): Quantity | EvaluationError {
  const scale = Math.max(left.scale, right.scale);
  const shift = scale - left.scale + right.scale;
  const factor = powerOfTen(Math.abs(shift));
  if (factor instanceof EvaluationError) {
    // Either far too many digits, or so small that nothing is left.
    return shift > 0 && left.unscaled !== 0n
      ? factor
      : { unscaled: 0n, scale, format: left.format };
  }
  const unscaled =
    shift > 0
      ? (left.unscaled * factor) / right.unscaled
      : left.unscaled / (right.unscaled * factor);
  return { unscaled, scale, format: left.format };
}

/** Returns the nearest double as the original computes it: mantissa times a power of ten, each rounded. */
export function approximateQuantity(quantity: Quantity): number {
  const mantissa = Number(quantity.unscaled);
  return quantity.scale === 0 ? mantissa : mantissa * approximatePowerOfTen(-quantity.scale);
}

/** Go's `math.Pow10`: a product (or quotient) of two table entries. */
function approximatePowerOfTen(exponent: number): number {
  if (exponent > 308) return Infinity;
  if (exponent < -323) return 0;
  const size = Math.abs(exponent);
  const large = size - (size % 32);
  const small = Number(`1e${size % 32}`);
  return exponent < 0 ? Number(`1e-${large}`) / small : Number(`1e${large}`) * small;
}

/** Returns the canonical text; an exponent that has no suffix is left out, as in the original. */
export function formatQuantity(quantity: Quantity): string | EvaluationError {
  if (quantity.unscaled === 0n) return "0";
  if (quantity.format === "binary") {
    const binary = formatBinary(quantity);
    if (binary !== undefined) return binary;
  }
  const digits = quantity.unscaled.toString();
  const zeros = digits.length - digits.replace(/(?<!0)0+$/, "").length;
  const exponent = zeros - quantity.scale;
  const aligned = Math.floor(exponent / 3) * 3;
  const number = digits.slice(0, digits.length - zeros) + "0".repeat(exponent - aligned);
  if (quantity.format !== "exponent") return number + (decimalSuffixes.get(aligned) ?? "");
  return aligned === 0 ? number : `${number}e${aligned}`;
}

/** The text with a binary suffix; undefined when the decimal one is to be used: small and fractional values. */
function formatBinary(quantity: Quantity): string | EvaluationError | undefined {
  const factor = powerOfTen(Math.abs(quantity.scale));
  if (factor instanceof EvaluationError) return factor;
  if (quantity.scale > 0 && quantity.unscaled % factor !== 0n) return undefined;
  let value = quantity.scale > 0 ? quantity.unscaled / factor : quantity.unscaled * factor;
  if (value > -1024n && value < 1024n) return undefined;
  let exponent = 0;
  while (value % 1024n === 0n) {
    value /= 1024n;
    exponent += 10;
  }
  return `${value}${binarySuffixes.get(exponent) ?? ""}`;
}
