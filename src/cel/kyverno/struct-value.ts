import type { Budget } from "../../model/budget.ts";
import { isEvaluationError } from "../../model/evaluation-error.ts";
import type { JsonValue } from "../../model/json.ts";
import { charge } from "../../model/step-limit.ts";
import { valueError } from "../values/errors.ts";
import { CelMap, EntryMap } from "../values/map.ts";
import { renderDuration, renderTimestamp } from "../values/render-time.ts";
import { sizeOf } from "../values/size-of.ts";
import {
  CelDuration,
  type CelResult,
  CelTimestamp,
  CelUint,
  type CelValue,
  isList,
} from "../values/value.ts";

const maxSafe = 2n ** 53n - 1n;

/**
 * Returns the map as a `google.protobuf.Struct` holds it: numbers become doubles, ints beyond 2^53 texts, bytes base64, times
 * their text. An error when a key is no string or a value has no JSON form.
 */
export function toStruct(map: CelMap, budget: Budget): CelResult {
  return charge(budget, sizeOf(map)) ?? convert(map);
}

function convert(value: CelValue): CelResult {
  if (value instanceof CelMap) return convertMap(value);
  if (isList(value)) return convertList(value);
  if (typeof value === "bigint") return convertWhole(value);
  if (value instanceof CelUint) return convertWhole(value.value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (value instanceof CelTimestamp) return renderTimestamp(new CelTimestamp(value.nanos));
  if (value instanceof CelDuration) return renderDuration(value);
  const isPlain = value === null || typeof value !== "object";
  return isPlain ? value : valueError("the value has no JSON form");
}

function convertWhole(value: bigint): CelValue {
  return value > maxSafe || value < -maxSafe ? String(value) : Number(value);
}

function convertList(list: readonly CelValue[]): CelResult {
  const converted: CelValue[] = [];
  for (const element of list) {
    const own = convert(element);
    if (isEvaluationError(own)) return own;
    converted.push(own);
  }
  return converted;
}

function convertMap(map: CelMap): CelResult {
  const entries: (readonly [CelValue, CelValue])[] = [];
  for (const [key, value] of map.entries()) {
    if (typeof key !== "string") return valueError("a key of metadata must be a string");
    const own = convert(value);
    if (isEvaluationError(own)) return own;
    entries.push([key, own]);
  }
  return new EntryMap(entries);
}

/** Returns the value as JSON has it, or undefined when it has no such form: whole numbers beyond 2^53 are texts. */
export function toJson(value: CelValue): JsonValue | undefined {
  const converted = convert(value);
  return isEvaluationError(converted) ? undefined : toPlain(converted);
}

function toPlain(value: CelValue): JsonValue {
  if (isList(value)) return value.map(toPlain);
  if (!(value instanceof CelMap)) {
    const isPlain = value === null || typeof value === "string" || typeof value === "boolean";
    return isPlain || typeof value === "number" ? value : null;
  }
  // Makes own members of all names, `__proto__` too.
  return Object.fromEntries(
    [...value.entries()].map(([key, of]) => [typeof key === "string" ? key : "", toPlain(of)]),
  );
}
