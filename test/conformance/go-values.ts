import { goStringToBytes, hasInvalidBytes } from "../../src/go-values/go-string.ts";
import {
  ExpressionReference,
  GoInt,
  GoStruct,
  ItemsArray,
  type Value,
} from "../../src/go-values/value.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../src/model/json.ts";

/**
 * Returns the engine's value for a vector's input: plain JSON, and the tags `int` and `float`. Throws for any other tag.
 * Frozen, so that an engine that changes its input is found out.
 */
export function parseGoValue(json: JsonValue): Value {
  if (Array.isArray(json)) return Object.freeze(json.map(parseGoValue));
  if (!isJsonObject(json)) return json;
  if (Object.hasOwn(json, "$go")) return parseTagged(json);
  const entries = Object.entries(json).map(([key, value]) => [key, parseGoValue(value)] as const);
  return Object.freeze(fromEntries(entries));
}

function parseTagged(json: JsonObject): Value {
  const { $go: tag, v: text } = json;
  if (tag === "int") return new GoInt(Number(text));
  if (tag === "float" && typeof text === "string") return Number(text.replace("Inf", "Infinity"));
  throw new Error(`\`${JSON.stringify(json)}\` is not known on input`);
}

/** Returns the vector's notation for an engine's value: plain JSON where JSON can carry it, `{ $go, v }` where it cannot. */
export function formatGoValue(value: Value): JsonValue {
  if (value === null || typeof value === "boolean") return value;
  if (typeof value === "number") return formatNumber(value);
  if (typeof value === "string") return formatText(value);
  if (value instanceof GoInt) return { $go: "int", v: String(value.value) };
  if (value instanceof ItemsArray) {
    return { $go: "[]map[string]interface {}", v: value.items.map(formatGoValue) };
  }
  if (value instanceof GoStruct) return { $go: value.typeName, v: formatGoValue(value.toJson()) };
  if (value instanceof ExpressionReference) return { $go: "expref", v: null };
  if (isArray(value)) return value.map(formatGoValue);
  const plain = fromEntries(Object.entries(value).map(([key, item]) => [key, formatGoValue(item)]));
  return Object.hasOwn(plain, "$go") ? { $go: "map", v: plain } : plain;
}

/**
 * Returns a text that two values share exactly when they are equal: keys sorted, numbers as doubles.
 *
 * @param anyOrder sorts every array as well
 */
export function canonicalText(json: JsonValue, anyOrder = false): string {
  if (Array.isArray(json)) {
    const items = json.map((item) => canonicalText(item, anyOrder));
    return `[${(anyOrder ? items.toSorted() : items).join(",")}]`;
  }
  if (!isJsonObject(json)) return JSON.stringify(json);
  const members = Object.entries(json).map(
    ([key, value]) => `${JSON.stringify(key)}:${canonicalText(value, anyOrder)}`,
  );
  return `{${members.toSorted().join(",")}}`;
}

function formatNumber(value: number): JsonValue {
  if (Number.isNaN(value)) return { $go: "float", v: "NaN" };
  if (!Number.isFinite(value)) return { $go: "float", v: value > 0 ? "+Inf" : "-Inf" };
  return Object.is(value, -0) ? { $go: "float", v: "-0" } : value;
}

function formatText(value: string): JsonValue {
  if (!hasInvalidBytes(value)) return value;
  return { $go: "bytes", v: Buffer.from(goStringToBytes(value)).toString("base64") };
}

function isArray(value: object): value is readonly Value[] {
  return Array.isArray(value);
}

/** An object that takes a member named `__proto__` for a member. */
function fromEntries<T>(entries: readonly (readonly [string, T])[]): { readonly [key: string]: T } {
  return Object.fromEntries(entries);
}
