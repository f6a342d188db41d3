import { parseTimestamp } from "../values/timestamp.ts";

/** Returns whether the text is a date as in `2026-01-31`. */
export function isDate(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && parseTimestamp(`${text}T00:00:00Z`) !== undefined;
}

/** Returns whether the text is a moment in RFC 3339. */
export function isDateTime(text: string): boolean {
  return parseTimestamp(text) !== undefined;
}
