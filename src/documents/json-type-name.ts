import type { JsonValue } from "../model/json.ts";

/** Returns Go's JSON decoder's name for the type of a value. */
export function jsonTypeName(value: JsonValue): string {
  if (Array.isArray(value)) return "array";
  return typeof value === "boolean" ? "bool" : typeof value;
}
