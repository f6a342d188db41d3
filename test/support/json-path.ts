import { isJsonObject, type JsonValue, ownValue } from "../../src/model/json.ts";

/** Returns the value that the path leads to, or undefined. */
export function valueAt(
  json: JsonValue | undefined,
  path: readonly string[],
): JsonValue | undefined {
  return path.reduce<JsonValue | undefined>(
    (value, name) => (isJsonObject(value) ? ownValue(value, name) : undefined),
    json,
  );
}
