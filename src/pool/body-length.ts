import type { CheckInput } from "../model/check-input.ts";
import { isJsonObject, type JsonObject, ownValue } from "../model/json.ts";

/** Returns how long the body is that policies get to see, in characters; 0 when they see none. */
export function bodyLength({ payload }: CheckInput): number {
  const http = objectAt(objectAt(payload, "request"), "http");
  return http === undefined ? 0 : textLength(http, "body") + textLength(http, "rawBody");
}

function objectAt(object: JsonObject | undefined, name: string): JsonObject | undefined {
  const value = object && ownValue(object, name);
  return isJsonObject(value) ? value : undefined;
}

function textLength(object: JsonObject, name: string): number {
  const value = ownValue(object, name);
  return typeof value === "string" ? value.length : 0;
}
