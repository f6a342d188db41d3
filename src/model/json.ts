/**
 * Plain JSON data as policies and requests carry it.
 *
 * Objects are read through {@link ownValue} only: names such as `constructor` or `__proto__` are ordinary keys.
 */

/** A JSON value. */
export type JsonValue = null | boolean | number | string | JsonArray | JsonObject;

/** A JSON array that nobody may change. */
export type JsonArray = readonly JsonValue[];

/** A JSON object that nobody may change. */
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/** Returns whether the value is a JSON object: neither null, an array nor a scalar. */
export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Returns the object's own value under the key, or undefined: inherited names and accessors are never reached. */
export function ownValue<T>(object: { readonly [key: string]: T }, key: string): T | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}
