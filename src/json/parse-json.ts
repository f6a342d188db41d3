import type { JsonArray, JsonObject, JsonValue } from "../model/json.ts";
import { JsonFault } from "./json-fault.ts";
import type { JsonSelection } from "./json-selection.ts";
import { parseNatively } from "./native-json.ts";
import { type JsonReading, readJson } from "./read-json.ts";

/** Up to this length, in UTF-16 units, the engine's own parser is quicker than ours: it has no shapes to learn first. */
const maxNativeLength = 1_024;

/**
 * Returns the value of a JSON text as Go's `encoding/json` reads it into `any`, or why it is none: numbers are doubles, of equal
 * keys the last wins, halves of surrogate pairs and bytes that are not UTF-8 become U+FFFD. What is not selected may be left out.
 */
export function parseJson(
  text: string,
  maxDepth: number,
  selection: JsonSelection,
): JsonValue | JsonFault {
  if (text.length <= maxNativeLength && text.isWellFormed() && !mayEscapeHalfPairs(text)) {
    const value = parseNatively(text);
    if (value !== undefined && isInBounds(value, maxDepth)) return value;
  }
  const reading: JsonReading = { maxDepth, halfPairs: "replaced", selection };
  return readJson(text, reading);
}

/** How deep what our own threads write may nest; it is far from that. */
const maxOwnDepth = 1_000;

/**
 * Returns the value of a text that `JSON.stringify` wrote, exactly; the caller knows its type. Keys in there may be a client's,
 * and those with quotes, backslashes or control characters are written escaped.
 *
 * @throws Error when it is no JSON
 */
export function parseOwnJson(text: string): ReturnType<typeof JSON.parse> {
  const value = parseNatively(text) ?? readJson(text, { maxDepth: maxOwnDepth, halfPairs: "kept" });
  if (value instanceof JsonFault) throw new Error(`no JSON: ${value.kind} at ${value.at}`);
  return value;
}

/** A pair of such escapes forms a character and a single one has to be replaced: too rare to tell apart here. */
function mayEscapeHalfPairs(text: string): boolean {
  return text.includes("\\ud") || text.includes("\\uD");
}

/** Returns whether doubles hold all numbers, and nothing is nested too deep. */
function isInBounds(value: JsonValue, maxDepth: number): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value !== "object" || value === null) return true;
  if (maxDepth <= 0) return false;
  if (isJsonArray(value)) {
    for (const element of value) if (!isInBounds(element, maxDepth - 1)) return false;
    return true;
  }
  // Several times as fast as Object.values() on many objects of one shape.
  for (const key in value) if (!isInBounds(value[key] ?? null, maxDepth - 1)) return false;
  return true;
}

function isJsonArray(value: JsonArray | JsonObject): value is JsonArray {
  return Array.isArray(value);
}
