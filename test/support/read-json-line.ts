import { JsonFault } from "../../src/json/json-fault.ts";
import { readJson } from "../../src/json/read-json.ts";

/**
 * Returns the value of a line of a vector file, exactly; the caller knows its type. `JSON.parse` would misread keys with a
 * backslash (nodejs/node#63785), and the vectors have many.
 *
 * @throws Error when the line is no JSON
 */
export function readJsonLine(line: string): ReturnType<typeof JSON.parse> {
  const value = readJson(line, { maxDepth: 10_000, halfPairs: "kept" });
  if (value instanceof JsonFault) throw new Error(`no JSON: ${value.kind} at ${value.at}`);
  return value;
}
