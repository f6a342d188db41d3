/**
 * The elements of a Go time layout (`2006`, `Jan`, `Z07:00` …) and how each is read from a text, as `time.Parse` does.
 * Texts hold one character a byte.
 */

/** The fields of a time that have been read so far; -1 stands for not given. */
export interface TimeFields {
  /** The text that is still to be read. */
  rest: string;
  /** The field whose number is too large, or empty. */
  outOfRange: string;
  year: number;
  month: number;
  day: number;
  yearDay: number;
  hour: number;
  minute: number;
  second: number;
  nanosecond: number;
  /** Both may be set where a layout has `PM` twice. */
  isMorning: boolean;
  isAfternoon: boolean;
  isUtc: boolean;
  /** Seconds; -1 is not given, in the original too. */
  zoneOffset: number;
  zoneName: string;
}

/** Returns fields of which nothing is read yet. */
export function newTimeFields(text: string): TimeFields {
  return {
    rest: text,
    outOfRange: "",
    year: 0,
    month: -1,
    day: -1,
    yearDay: -1,
    hour: 0,
    minute: 0,
    second: 0,
    nanosecond: 0,
    isMorning: false,
    isAfternoon: false,
    isUtc: false,
    zoneOffset: -1,
    zoneName: "",
  };
}

const shortMonths = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
const longMonths =
  "January February March April May June July August September October November December".split(
    " ",
  );
const shortDays = "Sun Mon Tue Wed Thu Fri Sat".split(" ");
const longDays = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");

type Reader = (fields: TimeFields, token: string, fractionFollows: boolean) => boolean;

const readers: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ["2006", readLongYear],
  ["06", readShortYear],
  ["January", (fields) => readMonthName(fields, longMonths)],
  ["Jan", (fields) => readMonthName(fields, shortMonths)],
  ["1", readMonth],
  ["01", readMonth],
  // Days of the week are read, but not compared with the date.
  ["Monday", (fields) => readName(fields, longDays) >= 0],
  ["Mon", (fields) => readName(fields, shortDays) >= 0],
  ["2", readDay],
  ["_2", readDay],
  ["02", readDay],
  ["__2", readYearDay],
  ["002", readYearDay],
  ["15", (fields) => readHour(fields, false, 23)],
  ["3", (fields) => readHour(fields, false, 12)],
  ["03", (fields) => readHour(fields, true, 12)],
  ["4", readMinute],
  ["04", readMinute],
  ["5", readSecond],
  ["05", readSecond],
  ["PM", readMeridiem],
  ["pm", readMeridiem],
  ["MST", readZoneName],
]);

/**
 * Returns whether the text goes on with the layout's element; what was read is in the fields then. `outOfRange` is set when a
 * number is too large, which counts before anything else.
 */
export function readTimeElement(
  fields: TimeFields,
  token: string,
  fractionFollows: boolean,
): boolean {
  const reader = readers.get(token);
  if (reader !== undefined) return reader(fields, token, fractionFollows);
  return isFractionToken(token) ? readFraction(fields, token) : readOffset(fields, token);
}

/** Returns whether the element stands for a fraction of a second (`.000`, `,999`). */
export function isFractionToken(token: string): boolean {
  return /^[.,]/.test(token);
}

/** One or two digits, two when that is asked for; undefined (and nothing read) otherwise. */
function readNumber(fields: TimeFields, isFixed: boolean): number | undefined {
  const digits = (isFixed ? /^[0-9]{2}/ : /^[0-9]{1,2}/).exec(fields.rest)?.[0];
  if (digits === undefined) return undefined;
  fields.rest = fields.rest.slice(digits.length);
  return Number(digits);
}

/** A signed number; a sign alone and nothing at all are zero. */
function parseSigned(text: string): number | undefined {
  if (!/^[+-]?[0-9]*$/.test(text)) return undefined;
  const size = Number(text.replace(/^[+-]/, ""));
  return text.startsWith("-") ? -size : size;
}

function isTwoDigitToken(token: string): boolean {
  return token.startsWith("0");
}

function readLongYear(fields: TimeFields): boolean {
  if (!/^[0-9]{4}/.test(fields.rest)) return false;
  fields.year = Number(fields.rest.slice(0, 4));
  fields.rest = fields.rest.slice(4);
  return true;
}

function readShortYear(fields: TimeFields): boolean {
  const year = parseSigned(fields.rest.slice(0, 2));
  if (fields.rest.length < 2 || year === undefined) return false;
  fields.year = year + (year >= 69 ? 1_900 : 2_000);
  fields.rest = fields.rest.slice(2);
  return true;
}

/** The index of the name the text goes on with, in upper or lower case, or -1. */
function readName(fields: TimeFields, names: readonly string[]): number {
  const index = names.findIndex(
    (name) => fields.rest.slice(0, name.length).toLowerCase() === name.toLowerCase(),
  );
  fields.rest = fields.rest.slice(names[index]?.length ?? 0);
  return index;
}

function readMonthName(fields: TimeFields, names: readonly string[]): boolean {
  fields.month = readName(fields, names) + 1;
  return fields.month > 0;
}

function readMonth(fields: TimeFields, token: string): boolean {
  const month = readNumber(fields, isTwoDigitToken(token));
  if (month === undefined) return false;
  if (month < 1 || month > 12) fields.outOfRange = "month";
  fields.month = month;
  return true;
}

function readDay(fields: TimeFields, token: string): boolean {
  if (token === "_2") fields.rest = fields.rest.replace(/^ /, "");
  const day = readNumber(fields, isTwoDigitToken(token));
  if (day === undefined) return false;
  fields.day = day;
  return true;
}

function readYearDay(fields: TimeFields, token: string): boolean {
  if (token === "__2") fields.rest = fields.rest.replace(/^ {1,2}/, "");
  const digits = (token === "002" ? /^[0-9]{3}/ : /^[0-9]{1,3}/).exec(fields.rest)?.[0];
  if (digits === undefined) return false;
  fields.yearDay = Number(digits);
  fields.rest = fields.rest.slice(digits.length);
  return true;
}

function readHour(fields: TimeFields, isFixed: boolean, largest: number): boolean {
  const hour = readNumber(fields, isFixed);
  if (hour === undefined) return false;
  if (hour > largest) fields.outOfRange = "hour";
  fields.hour = hour;
  return true;
}

function readMinute(fields: TimeFields, token: string): boolean {
  const minute = readNumber(fields, isTwoDigitToken(token));
  if (minute === undefined) return false;
  if (minute > 59) fields.outOfRange = "minute";
  fields.minute = minute;
  return true;
}

function readSecond(fields: TimeFields, token: string, fractionFollows: boolean): boolean {
  const second = readNumber(fields, isTwoDigitToken(token));
  if (second === undefined) return false;
  fields.second = second;
  if (second > 59) fields.outOfRange = "second";
  else if (!fractionFollows) readOptionalFraction(fields);
  return true;
}

/** Reads a fraction of any length, if there is one: also where the layout has none. */
function readOptionalFraction(fields: TimeFields): void {
  const fraction = /^[.,]([0-9]+)/.exec(fields.rest);
  if (fraction === null) return;
  const [text, digits = ""] = fraction;
  fields.nanosecond = Number(digits.slice(0, 9).padEnd(9, "0"));
  fields.rest = fields.rest.slice(text.length);
}

function readFraction(fields: TimeFields, token: string): boolean {
  if (token[1] === "9") {
    readOptionalFraction(fields);
    return true;
  }
  const text = fields.rest.slice(0, token.length);
  const nanoseconds = parseSigned(text.slice(1, 10));
  if (text.length < token.length || !isFractionToken(text) || nanoseconds === undefined) {
    return false;
  }
  if (nanoseconds < 0) fields.outOfRange = "fractional second";
  fields.nanosecond = nanoseconds * 10 ** Math.max(10 - token.length, 0);
  fields.rest = fields.rest.slice(token.length);
  return true;
}

function readMeridiem(fields: TimeFields, token: string): boolean {
  const text = fields.rest.slice(0, 2);
  const isAfternoon = text === token;
  if (!isAfternoon && text !== (token === "PM" ? "AM" : "am")) return false;
  if (isAfternoon) fields.isAfternoon = true;
  else fields.isMorning = true;
  fields.rest = fields.rest.slice(2);
  return true;
}

/** Reads `+07`, `+0700`, `+07:00`, with seconds or without, as the token has it; `Z` where the token starts so. */
function readOffset(fields: TimeFields, token: string): boolean {
  if (token.startsWith("Z") && fields.rest.startsWith("Z")) {
    fields.isUtc = true;
    fields.rest = fields.rest.slice(1);
    return true;
  }
  const text = fields.rest.slice(0, token.length);
  const isShaped = text.length === token.length && hasColons(text, token);
  if (!isShaped) return false;
  fields.rest = fields.rest.slice(token.length);
  // The first part that is no number ends the reading; what was read before it is still checked.
  const parts = offsetParts(text, token.includes(":") ? 3 : 2);
  const stop = parts.indexOf(-1);
  const [hours = 0, minutes = 0, seconds = 0] = stop < 0 ? parts : parts.slice(0, stop);
  if (hours > 24) fields.outOfRange = "time zone offset hour";
  if (minutes > 60) fields.outOfRange = "time zone offset minute";
  if (seconds > 60) fields.outOfRange = "time zone offset second";
  const offset = (hours * 60 + minutes) * 60 + seconds;
  fields.zoneOffset = text.startsWith("-") ? -offset : offset;
  return stop < 0 && /^[+-]/.test(text);
}

/** Returns whether the text has its colons where the token has them. */
function hasColons(text: string, token: string): boolean {
  return [3, 6].every((at) => token[at] !== ":" || text[at] === ":");
}

/** The two-digit numbers after the sign, so many characters apart; -1 for one that is none. */
function offsetParts(text: string, distance: number): readonly number[] {
  const parts: number[] = [];
  for (let at = 1; at < text.length; at += distance) {
    const part = text.slice(at, at + 2);
    parts.push(/^[0-9]{2}$/.test(part) ? Number(part) : -1);
  }
  return parts;
}

/** Reads an abbreviation such as `EST`, `GMT+3` or `+03`; only `UTC` has a meaning. */
function readZoneName(fields: TimeFields): boolean {
  if (fields.rest.startsWith("UTC")) {
    fields.isUtc = true;
    fields.rest = fields.rest.slice(3);
    return true;
  }
  const name = zoneNameOf(fields.rest);
  fields.zoneName = name;
  fields.rest = fields.rest.slice(name.length);
  return name !== "";
}

function zoneNameOf(text: string): string {
  if (text.length < 3) return "";
  const special = /^(?:ChST|MeST)/.exec(text);
  if (special !== null) return special[0];
  if (text.startsWith("GMT")) return `GMT${signedHour(text.slice(3))}`;
  if (/^[+-]/.test(text)) return signedHour(text);
  const letters = /^[A-Z]{1,6}/.exec(text)?.[0] ?? "";
  if (letters.length === 3) return letters;
  const isName = letters.length === 4 || letters.length === 5;
  return isName && (letters.endsWith("T") || letters === "WITA") ? letters : "";
}

/** A signed number up to 23, or nothing. */
function signedHour(text: string): string {
  const hour = /^[+-][0-9]+/.exec(text)?.[0] ?? "";
  return Math.abs(Number(hour)) <= 23 ? hour : "";
}
