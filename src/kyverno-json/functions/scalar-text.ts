import { GoInt, type Value } from "../../go-values/value.ts";
import type { Budget } from "../../model/budget.ts";
import type { EvaluationError } from "../../model/evaluation-error.ts";
import { shortestSingle } from "../../model/single-precision.ts";
import { charge } from "../../model/step-limit.ts";

/**
 * Returns the text that matching functions see in place of a scalar, or undefined for null, arrays and objects. Numbers are
 * rounded to single precision and written without an exponent: the Go engine does so.
 */
export function scalarText(value: Value): string | undefined {
  if (typeof value === "string") return value;
  if (typeof value === "number") return singleText(value);
  if (typeof value === "boolean") return String(value);
  return value instanceof GoInt ? String(value.value) : undefined;
}

/** Bytes that the text of a number costs: it is tried digit by digit. */
const BYTES_PER_NUMBER = 1_024;

/** Returns the same, or the error that ends the evaluation when there is no budget for it. */
export function chargedScalarText(
  value: Value,
  budget: Budget,
): string | undefined | EvaluationError {
  const refusal = typeof value === "number" ? charge(budget, BYTES_PER_NUMBER) : undefined;
  return refusal ?? scalarText(value);
}

/** The number rounded to single precision, in the fewest digits that read back as the same (Go's `'f', -1, 32`). */
function singleText(value: number): string {
  const single = Math.fround(value);
  if (Number.isNaN(single)) return "NaN";
  const sign = single < 0 || Object.is(single, -0) ? "-" : "";
  const size = Math.abs(single);
  if (size === Number.POSITIVE_INFINITY) return sign === "" ? "+Inf" : "-Inf";
  const [mantissa = "0", exponent = "0"] = shortestSingle(size).split("e");
  return sign + plainDecimal(mantissa.replace(".", ""), Number(exponent));
}

/** The digits with the point behind the first one moved by the exponent. */
function plainDecimal(digits: string, exponent: number): string {
  if (exponent < 0) return `0.${"0".repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  const fraction = digits.slice(exponent + 1);
  return fraction === "" ? whole : `${whole}.${fraction}`;
}
