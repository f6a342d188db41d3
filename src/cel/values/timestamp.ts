import { CelTimestamp } from "./value.ts";

const pattern =
  /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(?:Z|([+-])(\d{2}):(\d{2}))$/;

const nanosPerSecond = 1_000_000_000n;

/** Milliseconds since 1970 at the beginning of year 1, which `Date.UTC` takes for 1901. */
const yearOneMs = -62_135_596_800_000;
const endMs = 253_402_300_800_000;

/** Returns whether the moment lies in the years 1 to 9999. */
export function isInRange(nanos: bigint): boolean {
  return nanos >= BigInt(yearOneMs) * 1_000_000n && nanos < BigInt(endMs) * 1_000_000n;
}

/** Returns the moment that a text of RFC 3339 names, or undefined when it is none: days and hours have to exist. */
export function parseTimestamp(text: string): CelTimestamp | undefined {
  const parts = pattern.exec(text);
  if (parts === null) return undefined;
  const localSeconds = readLocalTime(parts.slice(1, 7).map(Number));
  const offsetMinutes = readOffset(parts[8], Number(parts[9] ?? 0), Number(parts[10] ?? 0));
  if (localSeconds === undefined || offsetMinutes === undefined) return undefined;
  const fraction = BigInt((parts[7] ?? "").slice(0, 9).padEnd(9, "0"));
  const nanos = BigInt(localSeconds - offsetMinutes * 60) * nanosPerSecond + fraction;
  return isInRange(nanos) ? new CelTimestamp(nanos, offsetMinutes) : undefined;
}

/** Returns the seconds since 1970 as they would be in UTC, or undefined for a day or time that does not exist. */
function readLocalTime(parts: readonly number[]): number | undefined {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const isDate = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  if (!isDate || hour > 23 || minute > 59 || second > 59) return undefined;
  return date.getTime() / 1_000 + hour * 3_600 + minute * 60 + second;
}

function readOffset(sign: string | undefined, hours: number, minutes: number): number | undefined {
  if (sign === undefined) return 0;
  if (hours > 23 || minutes > 59) return undefined;
  const offset = hours * 60 + minutes;
  return sign === "-" ? -offset : offset;
}
