import { type EvaluationError, isEvaluationError } from "../../model/evaluation-error.ts";
import { charge, refuseLength } from "../../model/step-limit.ts";
import { valueError } from "../values/errors.ts";
import { type FormatClause, type FormatVerb, readFormat } from "../values/format-text.ts";
import { plainDouble } from "../values/go-double.ts";
import { CelMap } from "../values/map.ts";
import { renderTimestamp } from "../values/render-time.ts";
import { sizeOf } from "../values/size-of.ts";
import {
  CelDuration,
  type CelList,
  type CelResult,
  CelTimestamp,
  CelTypeValue,
  CelUint,
  type CelValue,
  isList,
} from "../values/value.ts";
import { type CelFunction, defineMethod, listOf, types } from "./define.ts";
import type { Frame } from "./frame.ts";

const { dyn, string } = types;

/** `format` of cel-go's strings extension. */
export const formatFunction: CelFunction = defineMethod(
  "format",
  [string, listOf(dyn)],
  string,
  (frame, text, values) => format(frame, text, values),
);

function format(frame: Frame, text: string, values: CelList): CelResult {
  const unpaid = charge(frame.budget, text.length * 2 + sizeOf(values) * 2);
  if (unpaid !== undefined) return unpaid;
  const pieces = readFormat(text);
  if (typeof pieces === "string") return valueError(pieces);
  let shown = "";
  let used = 0;
  for (const piece of pieces) {
    if (typeof piece === "string") {
      shown += piece;
      continue;
    }
    if (used >= values.length) return valueError(`index ${used} out of range`);
    const part = formatClause(piece, values[used++] ?? null);
    if (isEvaluationError(part)) return part;
    shown += part;
    const tooLong = refuseLength(frame.budget, shown.length);
    if (tooLong !== undefined) return tooLong;
  }
  return used < values.length ? valueError("too many arguments for `format`") : shown;
}

/** How each verb shows a value; undefined where it does not take it. */
const verbs: Readonly<
  Record<FormatVerb, (value: CelValue, precision?: number) => string | EvaluationError | undefined>
> = {
  s: formatText,
  d: (value) => (isNumber(value) ? formatText(value) : undefined),
  f: (value, precision) => (isNumber(value) ? formatFixed(numberOf(value), precision) : undefined),
  e: (value, precision) =>
    isNumber(value) ? formatScientific(numberOf(value), precision) : undefined,
  b: (value) => (typeof value === "boolean" ? String(Number(value)) : formatWhole(value, 2)),
  o: (value) => formatWhole(value, 8),
  x: formatHex,
  X: (value) => formatHex(value)?.toUpperCase(),
};

function formatClause(
  { verb, precision }: FormatClause,
  value: CelValue,
): string | EvaluationError {
  return verbs[verb](value, precision) ?? wrong(verb);
}

function wrong(verb: string): EvaluationError {
  return valueError(`\`%${verb}\` does not take this value`);
}

function isNumber(value: CelValue): value is number | bigint | CelUint {
  return typeof value === "number" || typeof value === "bigint" || value instanceof CelUint;
}

function numberOf(value: number | bigint | CelUint): number {
  return Number(value instanceof CelUint ? value.value : value);
}

function formatText(value: CelValue): string | EvaluationError {
  if (typeof value === "string") return value;
  if (typeof value === "boolean" || typeof value === "bigint") return String(value);
  if (typeof value === "number") return notFinite(value) ?? plainDouble(value);
  if (value === null) return "null";
  if (value instanceof CelUint) return String(value.value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString("utf8");
  if (value instanceof CelTimestamp) return renderTimestamp(new CelTimestamp(value.nanos));
  if (value instanceof CelDuration) return `${plainDouble(Number(value.nanos) / 1e9)}s`;
  if (value instanceof CelTypeValue) return value.name;
  if (isList(value)) return joined(value.map(formatText), "[", "]");
  return value instanceof CelMap ? formatMap(value) : wrong("s");
}

function formatMap(map: CelMap): string | EvaluationError {
  const members: [string, string][] = [];
  for (const [key, member] of map.entries()) {
    const isKey = typeof key === "string" || typeof key === "boolean" || typeof key === "bigint";
    const name = isKey || key instanceof CelUint ? formatText(key) : wrong("s");
    const shown = formatText(member);
    if (isEvaluationError(name)) return name;
    if (isEvaluationError(shown)) return shown;
    members.push([name, shown]);
  }
  const sorted = members.toSorted(([a], [b]) => (a < b ? -1 : Number(a > b)));
  return `{${sorted.map(([name, shown]) => `${name}: ${shown}`).join(", ")}}`;
}

function joined(
  parts: readonly (string | EvaluationError)[],
  open: string,
  close: string,
): string | EvaluationError {
  const texts: string[] = [];
  for (const part of parts) {
    if (isEvaluationError(part)) return part;
    texts.push(part);
  }
  return `${open}${texts.join(", ")}${close}`;
}

function notFinite(value: number): string | undefined {
  if (Number.isNaN(value)) return "NaN";
  if (value === Number.POSITIVE_INFINITY) return "Infinity";
  return value === Number.NEGATIVE_INFINITY ? "-Infinity" : undefined;
}

const defaultPrecision = 6;

function formatFixed(value: number, precision = defaultPrecision): string {
  const named = notFinite(value);
  if (named !== undefined) return named;
  // From 1e21 on `toFixed` writes exponents; such doubles are whole.
  if (Math.abs(value) < 1e21) return value.toFixed(precision);
  return precision === 0 ? String(BigInt(value)) : `${BigInt(value)}.${"0".repeat(precision)}`;
}

function formatScientific(value: number, precision = defaultPrecision): string {
  const named = notFinite(value);
  if (named !== undefined) return named;
  return value
    .toExponential(precision)
    .replace(/e([+-])(\d)$/, (_, sign: string, digit: string) => `e${sign}0${digit}`);
}

function formatWhole(value: CelValue, base: number): string | undefined {
  if (value instanceof CelUint) return value.value.toString(base);
  return typeof value === "bigint" ? value.toString(base) : undefined;
}

function formatHex(value: CelValue): string | undefined {
  if (typeof value === "string") return Buffer.from(value).toString("hex");
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  return formatWhole(value, 16);
}
