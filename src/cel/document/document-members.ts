import { isJsonObject, type JsonValue, ownValue } from "../../model/json.ts";

/** Returns an object's own member, or undefined for anything else. */
export function memberOf(value: JsonValue | undefined, name: string): JsonValue | undefined {
  return isJsonObject(value) ? ownValue(value, name) : undefined;
}

/** Returns the value when it is a list, else an empty one. */
export function itemsOf(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : [];
}

/** Returns the value when it is a string, else an empty one. */
export function textOf(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}

const rfc3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/;

/** Returns the moment of an RFC 3339 time, in milliseconds since 1970-01-01T00:00:00Z, or undefined for any other text. */
export function parseExpiry(text: string): number | undefined {
  const moment = rfc3339.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(moment) ? undefined : moment;
}
