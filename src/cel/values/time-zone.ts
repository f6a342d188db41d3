/** A moment on the calendar and clock of a zone; months and days count from 1, weekdays from Sunday as 0. */
export interface TimeParts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly dayOfYear: number;
  readonly weekday: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly millisecond: number;
}

const offsetPattern = /^([+-]?)(\d{1,2}):(\d{2})$/;
const dayMs = 86_400_000;

/** Formatters by zone: making one costs more than a whole evaluation. */
const formatters = new Map<string, Intl.DateTimeFormat>();
const maxFormatters = 600;

/**
 * Returns a moment's parts in a zone, which is an IANA name or an offset such as `+02:00`; undefined for a zone that does not
 * exist.
 */
export function localParts(nanos: bigint, zone: string): TimeParts | undefined {
  const ms = Number(floorDivide(nanos, 1_000_000n));
  const offset = readOffsetMs(zone) ?? zoneOffsetMs(ms, zone);
  return offset === undefined ? undefined : splitParts(ms + offset);
}

function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value < 0n && quotient * by !== value ? quotient - 1n : quotient;
}

function splitParts(localMs: number): TimeParts {
  const date = new Date(localMs);
  const year = date.getUTCFullYear();
  const newYear = new Date(0).setUTCFullYear(year, 0, 1);
  return {
    year,
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    dayOfYear: Math.floor((localMs - newYear) / dayMs) + 1,
    weekday: date.getUTCDay(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    millisecond: date.getUTCMilliseconds(),
  };
}

function readOffsetMs(zone: string): number | undefined {
  if (zone === "" || zone === "UTC") return 0;
  const match = offsetPattern.exec(zone);
  if (match === null) return undefined;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return (match[1] === "-" ? -minutes : minutes) * 60_000;
}

function zoneOffsetMs(ms: number, zone: string): number | undefined {
  const formatter = formatterOf(zone);
  if (formatter === undefined) return undefined;
  const fields = new Map(
    formatter.formatToParts(ms).map(({ type, value }) => [type, Number(value)]),
  );
  const local = new Date(0);
  local.setUTCFullYear(
    fields.get("year") ?? 0,
    (fields.get("month") ?? 1) - 1,
    fields.get("day") ?? 1,
  );
  local.setUTCHours(fields.get("hour") ?? 0, fields.get("minute") ?? 0, fields.get("second") ?? 0);
  const wholeSecond = Math.floor(ms / 1_000) * 1_000;
  return local.getTime() - wholeSecond;
}

function formatterOf(zone: string): Intl.DateTimeFormat | undefined {
  const known = formatters.get(zone);
  if (known !== undefined) return known;
  // Names are case-sensitive in the original's database, and offsets have been read already.
  if (!/^[A-Za-z][A-Za-z0-9_+/-]*$/.test(zone)) return undefined;
  try {
    const formatter = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      calendar: "iso8601",
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    if (formatters.size >= maxFormatters) formatters.clear();
    formatters.set(zone, formatter);
    return formatter;
  } catch {
    // A name that no zone has; the caller has an error for it.
    return undefined;
  }
}
