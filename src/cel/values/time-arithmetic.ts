import type { EvaluationError } from "../../model/evaluation-error.ts";
import { valueError } from "./errors.ts";
import { isInRange } from "./timestamp.ts";
import { CelDuration, CelTimestamp } from "./value.ts";

const maxNanos = 2n ** 63n - 1n;
const minNanos = -(2n ** 63n);

/** Returns the moment a span later, or the error that it is outside the years 1 to 9999. */
export function addToTimestamp(time: CelTimestamp, nanos: bigint): CelTimestamp | EvaluationError {
  const sum = time.nanos + nanos;
  return isInRange(sum)
    ? new CelTimestamp(sum, time.offsetMinutes)
    : valueError("timestamp overflow");
}

/** Returns the span from the second moment to the first, or the error that it does not fit. */
export function subtractTimestamps(
  a: CelTimestamp,
  b: CelTimestamp,
): CelDuration | EvaluationError {
  return toDuration(a.nanos - b.nanos);
}

/** Returns the sum of two spans, or the error that it does not fit. */
export function addDurations(a: bigint, b: bigint): CelDuration | EvaluationError {
  return toDuration(a + b);
}

/** Returns the span of so many nanoseconds, or the error that it does not fit into 64 bits. */
export function toDuration(nanos: bigint): CelDuration | EvaluationError {
  return nanos < minNanos || nanos > maxNanos
    ? valueError("duration overflow")
    : new CelDuration(nanos);
}
