import { isEvaluationError } from "../../model/evaluation-error.ts";
import { charge } from "../../model/step-limit.ts";
import { parseDuration } from "../../values/time/duration.ts";
import { typeType } from "../types/type.ts";
import { codePointLength } from "../values/code-points.ts";
import { valueError } from "../values/errors.ts";
import { formatGoNumber } from "../values/go-double.ts";
import { toInt, toUint } from "../values/numbers.ts";
import { renderDuration, renderTimestamp } from "../values/render-time.ts";
import { sizeOf } from "../values/size-of.ts";
import { toDuration } from "../values/time-arithmetic.ts";
import { isInRange, parseTimestamp } from "../values/timestamp.ts";
import { typeNameOf } from "../values/type-name.ts";
import { CelTimestamp, CelTypeValue, CelUint } from "../values/value.ts";
import { anyOf, type CelFunction, define, defineMethod, listOf, mapOf, types } from "./define.ts";

const { bool, int, uint, double, string, bytes, timestamp, duration, dyn } = types;
const a = anyOf("A");
const b = anyOf("B");

const truths: ReadonlyMap<string, boolean> = new Map([
  ...["1", "t", "T", "TRUE", "True", "true"].map((text): [string, boolean] => [text, true]),
  ...["0", "f", "F", "FALSE", "False", "false"].map((text): [string, boolean] => [text, false]),
]);

const nanosPerSecond = 1_000_000_000n;

/** Go's syntax of decimal floating point numbers, with `inf` and `nan`; underscores and hexadecimal forms need a base prefix. */
const doublePattern = /^[+-]?(?:\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)$/;
const infinityPattern = /^([+-]?)(?:inf|infinity)$/i;
const hexPattern = /^([+-]?)0[xX]([0-9a-fA-F]*)\.?([0-9a-fA-F]*)[pP]([+-]?\d+)$/;

function parseDouble(text: string): number | undefined {
  if (/^nan$/i.test(text)) return Number.NaN;
  const infinite = infinityPattern.exec(text);
  if (infinite !== null) return infinite[1] === "-" ? -Infinity : Infinity;
  const hex = hexPattern.exec(text);
  if (hex !== null) return parseHexDouble(hex);
  if (!doublePattern.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

function parseHexDouble([, sign, whole = "", fraction = "", exponent = "0"]: RegExpExecArray):
  | number
  | undefined {
  const digits = `${whole}${fraction}`;
  if (digits === "") return undefined;
  const value = Number(BigInt(`0x${digits}`)) * 2 ** (Number(exponent) - 4 * fraction.length);
  if (!Number.isFinite(value)) return undefined;
  return sign === "-" ? -value : value;
}

function intOfDouble(value: number): ReturnType<typeof toInt> {
  // The original refuses the edge, which a double cannot tell from what lies beyond.
  if (!(value > -(2 ** 63) && value < 2 ** 63)) return valueErrorOf("int");
  return BigInt(Math.trunc(value));
}

function valueErrorOf(type: string): ReturnType<typeof valueError> {
  return valueError(`the value does not fit into ${type}`);
}

function parseWhole(text: string): bigint | undefined {
  return /^[+-]?\d+$/.test(text) ? BigInt(text.replace(/^\+/, "")) : undefined;
}

const toInts: readonly CelFunction[] = [
  define("int", [int], int, (_, value) => value),
  define("int", [uint], int, (_, { value }) => toInt(value)),
  define("int", [double], int, (_, value) => intOfDouble(value)),
  define("int", [string], int, (_, text) => {
    const value = parseWhole(text);
    return value === undefined ? valueErrorOf("int") : toInt(value);
  }),
  define("int", [timestamp], int, (_, { nanos }) => floorDivide(nanos, nanosPerSecond)),
  define("int", [duration], int, (_, { nanos }) => nanos),
];

function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value < 0n && quotient * by !== value ? quotient - 1n : quotient;
}

const toUints: readonly CelFunction[] = [
  define("uint", [uint], uint, (_, value) => value),
  define("uint", [int], uint, (_, value) => toUint(value)),
  define("uint", [double], uint, (_, value) =>
    value >= 0 && value < 2 ** 64 ? new CelUint(BigInt(Math.trunc(value))) : valueErrorOf("uint"),
  ),
  define("uint", [string], uint, (_, text) =>
    /^\d+$/.test(text) ? toUint(BigInt(text)) : valueErrorOf("uint"),
  ),
];

const toDoubles: readonly CelFunction[] = [
  define("double", [double], double, (_, value) => value),
  define("double", [int], double, (_, value) => Number(value)),
  define("double", [uint], double, (_, { value }) => Number(value)),
  define("double", [string], double, (_, text) => parseDouble(text) ?? valueErrorOf("double")),
];

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decodeText(data: Uint8Array): string | undefined {
  try {
    return decoder.decode(data);
  } catch {
    // Bytes that are not UTF-8: the caller has an error for them.
    return undefined;
  }
}

const toStrings: readonly CelFunction[] = [
  define("string", [string], string, (_, value) => value),
  define("string", [bool], string, (_, value) => String(value)),
  define("string", [int], string, (_, value) => String(value)),
  define("string", [uint], string, (_, { value }) => String(value)),
  define("string", [double], string, (_, value) => formatGoNumber(value)),
  define("string", [bytes], string, (frame, value) => {
    const unpaid = charge(frame.budget, value.length);
    return (
      unpaid ?? decodeText(value) ?? valueError("invalid UTF-8 in bytes, cannot convert to string")
    );
  }),
  define("string", [timestamp], string, (_, value) => renderTimestamp(value)),
  define("string", [duration], string, (_, value) => renderDuration(value)),
];

const toOthers: readonly CelFunction[] = [
  define("bool", [bool], bool, (_, value) => value),
  define("bool", [string], bool, (_, text) => truths.get(text) ?? valueErrorOf("bool")),
  define("bytes", [bytes], bytes, (_, value) => value),
  define("bytes", [string], bytes, (frame, text) => {
    const unpaid = charge(frame.budget, text.length);
    return unpaid ?? new Uint8Array(Buffer.from(text, "utf8"));
  }),
  define("timestamp", [timestamp], timestamp, (_, value) => value),
  define(
    "timestamp",
    [string],
    timestamp,
    (_, text) => parseTimestamp(text) ?? valueError("the text is not a timestamp"),
  ),
  define("timestamp", [int], timestamp, (_, seconds) => {
    const nanos = seconds * nanosPerSecond;
    return isInRange(nanos) ? new CelTimestamp(nanos) : valueError("timestamp overflow");
  }),
  define("duration", [duration], duration, (_, value) => value),
  define("duration", [string], duration, (_, text) => {
    const nanos = parseDuration(text);
    return isEvaluationError(nanos) ? valueError("the text is not a duration") : toDuration(nanos);
  }),
  define("duration", [int], duration, () => valueError("an int is not a duration")),
  define("dyn", [a], dyn, (_, value) => value),
  define("type", [a], typeType(a.type), (_, value) => new CelTypeValue(typeNameOf(value))),
];

const sizes: readonly CelFunction[] = [define, defineMethod].flatMap((declare) => [
  declare("size", [string], int, (frame, text) => {
    const unpaid = charge(frame.budget, text.length);
    return unpaid ?? BigInt(codePointLength(text));
  }),
  declare("size", [bytes], int, (_, value) => BigInt(value.length)),
  declare("size", [listOf(a)], int, (_, list) => BigInt(list.length)),
  declare("size", [mapOf(a, b)], int, (frame, map) => {
    const unpaid = charge(frame.budget, sizeOf(map));
    return unpaid ?? BigInt(map.size);
  }),
]);

/** Conversions between types, `type`, `dyn` and `size`. */
export const conversions: readonly CelFunction[] = [
  ...toInts,
  ...toUints,
  ...toDoubles,
  ...toStrings,
  ...toOthers,
  ...sizes,
];
