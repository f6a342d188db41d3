import { toByteString } from "../../go-values/go-string.ts";
import { EvaluationError } from "../../model/evaluation-error.ts";
import { type GoTime, unixSeconds } from "./go-time.ts";
import { quoteByteString } from "./quote-text.ts";
import {
  isFractionToken,
  newTimeFields,
  readTimeElement,
  type TimeFields,
} from "./time-elements.ts";

/** What stands for a field of the time; everything else in a layout is literal text. */
const layoutToken =
  /January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|0[1-6]|002|15|1|2006|2|_2(?!006)|__2|[345]|PM|pm|[-Z]07(?:0000|:00:00|00|:00)?|[.,](?:0+|9+)(?![0-9])/g;

const dayCounts: readonly number[] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

interface LayoutChunk {
  /** The literal text in front of the token. */
  readonly prefix: string;
  /** Empty at the layout's end. */
  readonly token: string;
}

/** A layout in Go's notation, taken apart. */
export interface GoLayout {
  /** Its bytes, as characters. */
  readonly text: string;
  /** The last one, and no other, has no token. */
  readonly chunks: readonly LayoutChunk[];
}

/** Returns the layout taken apart. */
export function compileLayout(layoutText: string): GoLayout {
  const text = toByteString(layoutText);
  const chunks: LayoutChunk[] = [];
  let start = 0;
  for (const found of text.matchAll(layoutToken)) {
    chunks.push({ prefix: text.slice(start, found.index), token: found[0] });
    start = found.index + found[0].length;
  }
  return { text, chunks: [...chunks, { prefix: text.slice(start), token: "" }] };
}

/** The layout of RFC 3339 in Go's notation: an example, of the time 2006-01-02 15:04:05. */
export const rfc3339Layout: GoLayout = compileLayout("2006-01-02T15:04:05Z07:00");

/**
 * Returns the time a text stands for by a Go reference layout, or Go's error with its exact text (`time.Parse`). A zone that
 * is a mere name counts as UTC, as it does on a server that runs in UTC.
 */
export function parseGoTime(layout: GoLayout, text: string): GoTime | EvaluationError {
  const value = toByteString(text);
  const fields = newTimeFields(value);
  const cannotParse = (wanted: string, found: string): EvaluationError =>
    timeFault(
      value,
      ` as ${quoteByteString(layout.text)}: cannot parse ${quoteByteString(found)} as ${quoteByteString(wanted)}`,
    );
  for (const [i, { prefix, token }] of layout.chunks.entries()) {
    if (!skipLiteral(fields, prefix)) return cannotParse(prefix, fields.rest);
    if (token === "") break;
    const following = layout.chunks[i + 1]?.token ?? "";
    const before = fields.rest;
    const isRead = readTimeElement(fields, token, isFractionToken(following));
    if (fields.outOfRange !== "") return timeFault(value, `: ${fields.outOfRange} out of range`);
    if (!isRead) return cannotParse(token, before);
  }
  if (fields.rest !== "") return timeFault(value, `: extra text: ${quoteByteString(fields.rest)}`);
  return composeTime(fields, value);
}

function timeFault(value: string, problem: string): EvaluationError {
  return new EvaluationError(
    "EVALUATION_VALUE",
    `parsing time ${quoteByteString(value)}${problem}`,
  );
}

/** Returns whether the text goes on with the literal; runs of blanks count as one, and none is as good at the end. */
function skipLiteral(fields: TimeFields, literal: string): boolean {
  for (const part of literal.split(/( +)/)) {
    if (part.startsWith(" ")) {
      if (fields.rest !== "" && !fields.rest.startsWith(" ")) return false;
      fields.rest = fields.rest.replace(/^ +/, "");
    } else {
      const common = commonLength(fields.rest, part);
      fields.rest = fields.rest.slice(common);
      if (common < part.length) return false;
    }
  }
  return true;
}

function commonLength(left: string, right: string): number {
  let length = 0;
  while (length < right.length && left[length] === right[length]) length += 1;
  return length;
}

function composeTime(fields: TimeFields, value: string): GoTime | EvaluationError {
  const fault = applyYearDay(fields);
  if (fault !== "") return timeFault(value, `: ${fault}`);
  const { year } = fields;
  const month = Math.max(fields.month, 1);
  const day = fields.day < 0 ? 1 : fields.day;
  const leapDay = month === 2 && isLeapYear(year) ? 1 : 0;
  if (day < 1 || day > (dayCounts[month - 1] ?? 0) + leapDay) {
    return timeFault(value, ": day out of range");
  }
  const secondOfDay = (hourOfDay(fields) * 60 + fields.minute) * 60 + fields.second;
  const seconds = unixSeconds({ year, month, day }, secondOfDay);
  const { nanosecond: nanoseconds } = fields;
  if (fields.isUtc) return { seconds, nanoseconds, offsetSeconds: 0 };
  if (fields.zoneOffset !== -1) {
    const offsetSeconds = fields.zoneOffset;
    return { seconds: seconds - offsetSeconds, nanoseconds, offsetSeconds };
  }
  // `GMT+3` shows the time in that zone, yet reads the clock as UTC: a quirk of the original.
  const hours = /^GMT([+-][0-9]+)$/.exec(fields.zoneName)?.[1] ?? "0";
  return { seconds, nanoseconds, offsetSeconds: Number(hours) * 3_600 };
}

function hourOfDay(fields: TimeFields): number {
  if (fields.isAfternoon && fields.hour < 12) return fields.hour + 12;
  return fields.isMorning && fields.hour === 12 ? 0 : fields.hour;
}

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** Sets month and day from the day of the year, if there is one; the fault otherwise, or an empty text. */
function applyYearDay(fields: TimeFields): string {
  if (fields.yearDay < 0) return "";
  const isInYear = fields.yearDay >= 1 && fields.yearDay <= (isLeapYear(fields.year) ? 366 : 365);
  if (!isInYear) return "day-of-year out of range";
  const date = new Date(new Date(0).setUTCFullYear(fields.year, 0, fields.yearDay));
  const month = date.getUTCMonth() + 1;
  const day = date.getUTCDate();
  if (fields.month >= 0 && fields.month !== month) return "day-of-year does not match month";
  fields.month = month;
  if (fields.day >= 0 && fields.day !== day) return "day-of-year does not match day";
  fields.day = day;
  return "";
}
