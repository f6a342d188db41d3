import { EvaluationError } from "../../model/evaluation-error.ts";
import { quoteTimeText } from "./quote-text.ts";

/**
 * Go's `time.Duration`: signed nanoseconds in 64 bits, read and written as the Go standard library does
 * (`time.ParseDuration`, `Duration.String`).
 */

const nanosecondsPerUnit: ReadonlyMap<string, number> = new Map([
  ["ns", 1],
  ["us", 1e3],
  ["\u00b5s", 1e3],
  ["\u03bcs", 1e3],
  ["ms", 1e6],
  ["s", 1e9],
  ["m", 60e9],
  ["h", 3600e9],
]);

const TWO_POW_63: bigint = 2n ** 63n;
/** The fraction's digits are added up only as long as they fit (like Go's int64). */
const MAX_FRACTION_PREFIX: bigint = (TWO_POW_63 - 1n) / 10n;

/** Returns the nearest a double can be had as int64: what amd64 gives, so the smallest int64 for NaN and what does not fit. */
export function toInt64(value: number): bigint {
  const truncated = Math.trunc(value);
  const fits = truncated >= -(2 ** 63) && truncated < 2 ** 63;
  return fits ? BigInt(truncated) : -TWO_POW_63;
}

/** Returns the nanoseconds of a duration text such as `1h30m` or `-1.5s`, or Go's error (`time: invalid duration "x"`). */
export function parseDuration(text: string): bigint | EvaluationError {
  const signed = text.startsWith("-") || text.startsWith("+");
  let at = signed ? 1 : 0;
  if (text.slice(at, at + 2) === "0") return 0n;
  if (at === text.length) return durationFault("invalid duration", text);
  let total = 0n;
  while (at < text.length) {
    const element = readElement(text, at);
    if (element instanceof EvaluationError) return element;
    total = BigInt.asUintN(64, total + element.nanoseconds);
    if (total > TWO_POW_63) return durationFault("invalid duration", text);
    at = element.end;
  }
  if (text.startsWith("-")) return BigInt.asIntN(64, -total);
  return total === TWO_POW_63 ? durationFault("invalid duration", text) : total;
}

/** One number with its unit, at most 2^63 nanoseconds. */
function readElement(
  text: string,
  start: number,
): { nanoseconds: bigint; end: number } | EvaluationError {
  const whole = digitsAt(text, start);
  let at = start + whole.length;
  let fraction = "";
  if (text[at] === ".") {
    fraction = digitsAt(text, at + 1);
    at += 1 + fraction.length;
  }
  const value = readWholeNumber(whole);
  if (whole + fraction === "" || value === undefined) {
    return durationFault("invalid duration", text);
  }
  const unit = /[^.0-9]*/y;
  unit.lastIndex = at;
  const unitText = unit.exec(text)?.[0] ?? "";
  if (unitText === "") return durationFault("missing unit in duration", text);
  const factor = nanosecondsPerUnit.get(unitText);
  if (factor === undefined) {
    return durationFault(`unknown unit ${quoteTimeText(unitText)} in duration`, text);
  }
  const nanoseconds = value * BigInt(factor) + readFraction(fraction, factor);
  if (nanoseconds > TWO_POW_63) return durationFault("invalid duration", text);
  return { nanoseconds, end: at + unitText.length };
}

function digitsAt(text: string, at: number): string {
  const digits = /[0-9]*/y;
  digits.lastIndex = at;
  return digits.exec(text)?.[0] ?? "";
}

/** The number, or undefined when it is above 2^63; never more than 19 digits become a bigint. */
function readWholeNumber(digits: string): bigint | undefined {
  const significant = digits.replace(/^0+/, "");
  if (significant.length > 19) return undefined;
  const value = BigInt(significant);
  return value > TWO_POW_63 ? undefined : value;
}

/** The fraction in nanoseconds, in the same double arithmetic as Go's, so that it rounds alike. */
function readFraction(digits: string, factor: number): bigint {
  let value = 0n;
  let scale = 1;
  for (const digit of digits) {
    if (value > MAX_FRACTION_PREFIX) break;
    const next = value * 10n + BigInt(digit);
    if (next > TWO_POW_63) break;
    value = next;
    scale *= 10;
  }
  return BigInt(Math.trunc(Number(value) * (factor / scale)));
}

function durationFault(problem: string, text: string): EvaluationError {
  return new EvaluationError("EVALUATION_VALUE", `time: ${problem} ${quoteTimeText(text)}`);
}

/** Returns the text of a duration as Go prints it: `0s`, `1.5ms`, `-1h0m0.25s`. */
export function formatDuration(nanoseconds: bigint): string {
  if (nanoseconds === 0n) return "0s";
  const sign = nanoseconds < 0n ? "-" : "";
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  if (size < 1_000n) return `${sign}${size}ns`;
  if (size < 1_000_000n) return `${sign}${formatDecimal(size, 3)}µs`;
  if (size < 1_000_000_000n) return `${sign}${formatDecimal(size, 6)}ms`;
  const seconds = `${formatDecimal(size % 60_000_000_000n, 9)}s`;
  const minutes = size / 60_000_000_000n;
  if (minutes === 0n) return `${sign}${seconds}`;
  if (minutes < 60n) return `${sign}${minutes}m${seconds}`;
  return `${sign}${minutes / 60n}h${minutes % 60n}m${seconds}`;
}

/** `size / 10^decimals` without trailing zeros. */
function formatDecimal(size: bigint, decimals: number): string {
  const unit = 10n ** BigInt(decimals);
  const fraction = (size % unit).toString().padStart(decimals, "0").replace(/0+$/, "");
  return fraction === "" ? `${size / unit}` : `${size / unit}.${fraction}`;
}

/** Returns the seconds of a duration as Go's `Duration.Seconds` computes them. */
export function durationSeconds(nanoseconds: bigint): number {
  return Number(nanoseconds / 1_000_000_000n) + Number(nanoseconds % 1_000_000_000n) / 1e9;
}
