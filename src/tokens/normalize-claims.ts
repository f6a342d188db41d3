import { type JsonObject, type JsonValue, ownValue } from "../model/json.ts";

/** Claims that are times. */
const times = ["exp", "iat", "nbf"] as const;
/** Claims that have to be texts. */
const texts = ["iss", "sub", "jti"] as const;

const numericDate = /^-?\d{1,18}(?:\.\d*)?$/;
/** Times beyond this fit no int64 of Go's. */
const endOfTime = 2 ** 63;

/**
 * Returns the claims with the registered ones in one form: times are whole seconds, also where they stand in a text, the
 * audience is a list. A text that says what is wrong when one is of another type. Null stands for a claim that says nothing, which
 * a time may not do.
 */
export function normalizeClaims(payload: JsonObject): JsonObject | string {
  const changed: Record<string, JsonValue> = {};
  for (const name of times) {
    const value = ownValue(payload, name);
    if (value === undefined) continue;
    const seconds = readNumericDate(value);
    if (seconds === undefined) return `\`${name}\` is no time`;
    changed[name] = seconds;
  }
  for (const name of texts) {
    const value = ownValue(payload, name) ?? null;
    if (value !== null && typeof value !== "string") return `\`${name}\` is no string`;
  }
  const audience = ownValue(payload, "aud") ?? null;
  if (audience !== null) {
    const list = readAudience(audience);
    if (list === undefined) return "`aud` is neither a string nor a list of strings";
    changed["aud"] = list;
  }
  return { ...payload, ...changed };
}

function readNumericDate(value: JsonValue): number | undefined {
  const isText = typeof value === "string" && numericDate.test(value);
  const seconds = isText ? Number(value) : value;
  const isTime = typeof seconds === "number" && Math.abs(seconds) < endOfTime;
  return isTime ? Math.trunc(seconds) : undefined;
}

function readAudience(value: JsonValue): readonly string[] | undefined {
  const list = Array.isArray(value) ? (value as readonly JsonValue[]) : [value];
  return list.every((member) => typeof member === "string") ? list : undefined;
}
