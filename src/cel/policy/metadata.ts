import { type EvaluationError, isEvaluationError } from "../../model/evaluation-error.ts";
import type { JsonObject, JsonValue } from "../../model/json.ts";
import { valueError } from "../values/errors.ts";
import { CelMap } from "../values/map.ts";
import { type CelResult, isList } from "../values/value.ts";

/** Returns the JSON of a `google.protobuf.Struct`, or an error where a number has none. */
export function toMetadata(struct: CelResult): JsonObject | EvaluationError {
  if (isEvaluationError(struct)) return struct;
  if (!(struct instanceof CelMap)) return valueError("metadata is not an object");
  return convertMap(struct);
}

function convert(value: CelResult): JsonValue | EvaluationError {
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "number") {
    return Number.isFinite(value) ? value : valueError("a number of metadata is not finite");
  }
  if (value instanceof CelMap) return convertMap(value);
  if (!isList(value)) return valueError("a value of metadata has no JSON form");
  const list: JsonValue[] = [];
  for (const element of value) {
    const own = convert(element);
    if (isEvaluationError(own)) return own;
    list.push(own);
  }
  return list;
}

function convertMap(map: CelMap): JsonObject | EvaluationError {
  const entries: [string, JsonValue][] = [];
  for (const [key, value] of map.entries()) {
    const own = convert(value);
    if (isEvaluationError(own)) return own;
    if (typeof key === "string") entries.push([key, own]);
  }
  return Object.fromEntries(entries);
}
