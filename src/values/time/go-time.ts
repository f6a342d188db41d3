/**
 * Go's `time.Time` as far as policies see it: an instant to the nanosecond with the zone offset it is shown in.
 */
export interface GoTime {
  /** Seconds since 1970-01-01T00:00:00Z. */
  readonly seconds: number;
  /** 0 to 999,999,999, always counted forwards. */
  readonly nanoseconds: number;
  /** Seconds east of UTC. */
  readonly offsetSeconds: number;
}

const NANOSECONDS_PER_SECOND = 1_000_000_000n;
/** Seconds from Go's zero time, 0001-01-01T00:00:00Z, to 1970. */
const SECONDS_BEFORE_1970 = 62_135_596_800n;
const MAX_INT64: bigint = 2n ** 63n - 1n;
const MIN_INT64: bigint = -(2n ** 63n);

/** Returns the seconds since 1970 of a date and time of day; the fields may run over, as in Go's `time.Date`. */
export function unixSeconds(
  date: { readonly year: number; readonly month: number; readonly day: number },
  secondOfDay: number,
): number {
  // `Date.UTC` takes the years 0 to 99 for 1900 to 1999.
  const midnightMs = new Date(0).setUTCFullYear(date.year, date.month - 1, date.day);
  return midnightMs / 1_000 + secondOfDay;
}

/** Returns the time of a clock that counts milliseconds since 1970, in UTC. */
export function timeOfClock(nowMs: number): GoTime {
  const seconds = Math.floor(nowMs / 1_000);
  const nanoseconds = Math.floor((nowMs - seconds * 1_000) * 1e6);
  return { seconds, nanoseconds, offsetSeconds: 0 };
}

/** The nanoseconds since 1970. */
function unixNanoseconds(time: GoTime): bigint {
  return BigInt(time.seconds) * NANOSECONDS_PER_SECOND + BigInt(time.nanoseconds);
}

function fromUnixNanoseconds(total: bigint, offsetSeconds: number): GoTime {
  const nanoseconds = floorModulo(total, NANOSECONDS_PER_SECOND);
  const seconds = (total - nanoseconds) / NANOSECONDS_PER_SECOND;
  return { seconds: Number(seconds), nanoseconds: Number(nanoseconds), offsetSeconds };
}

function floorModulo(value: bigint, divisor: bigint): bigint {
  const remainder = value % divisor;
  return remainder < 0n ? remainder + divisor : remainder;
}

/** Returns the time so many nanoseconds later, in the same zone. */
export function addDuration(time: GoTime, nanoseconds: bigint): GoTime {
  return fromUnixNanoseconds(unixNanoseconds(time) + nanoseconds, time.offsetSeconds);
}

/** Returns the nanoseconds from `start` to `end`, kept within 64 bits (about 292 years). */
export function durationBetween(start: GoTime, end: GoTime): bigint {
  const nanoseconds = unixNanoseconds(end) - unixNanoseconds(start);
  if (nanoseconds > MAX_INT64) return MAX_INT64;
  return nanoseconds < MIN_INT64 ? MIN_INT64 : nanoseconds;
}

/** Returns the time rounded down to a multiple of the duration since Go's zero time; unchanged when that is not positive. */
export function truncateTime(time: GoTime, nanoseconds: bigint): GoTime {
  if (nanoseconds <= 0n) return time;
  const sinceZero = unixNanoseconds(time) + SECONDS_BEFORE_1970 * NANOSECONDS_PER_SECOND;
  return addDuration(time, -floorModulo(sinceZero, nanoseconds));
}

/** Returns whether the first instant is strictly before the second one. */
export function isBefore(first: GoTime, second: GoTime): boolean {
  return first.seconds === second.seconds
    ? first.nanoseconds < second.nanoseconds
    : first.seconds < second.seconds;
}

/** A `Date` whose UTC fields show the time in its own zone, to the second. */
function localDate(time: GoTime): Date {
  return new Date((time.seconds + time.offsetSeconds) * 1_000);
}

/** Returns the RFC 3339 text in the time's own zone, without fraction. */
export function formatRfc3339(time: GoTime): string {
  const date = localDate(time);
  const year = date.getUTCFullYear();
  const yearText = `${year < 0 ? "-" : ""}${pad(Math.abs(year), 4)}`;
  const day = `${yearText}-${pad(date.getUTCMonth() + 1, 2)}-${pad(date.getUTCDate(), 2)}`;
  const clock = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()];
  return `${day}T${clock.map((field) => pad(field, 2)).join(":")}${formatOffset(time.offsetSeconds)}`;
}

function formatOffset(offsetSeconds: number): string {
  if (offsetSeconds === 0) return "Z";
  const minutes = Math.trunc(offsetSeconds / 60);
  const size = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${pad(Math.trunc(size / 60), 2)}:${pad(size % 60, 2)}`;
}

function pad(field: number, width: number): string {
  return field.toString().padStart(width, "0");
}

/** Returns the cron line `minute hour day month weekday` of the time in its own zone; Sunday is 0. */
export function formatCron(time: GoTime): string {
  const date = localDate(time);
  return [
    date.getUTCMinutes(),
    date.getUTCHours(),
    date.getUTCDate(),
    date.getUTCMonth() + 1,
    date.getUTCDay(),
  ].join(" ");
}
