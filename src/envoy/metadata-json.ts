import { createRegistry, type Registry, toJson } from "@bufbuild/protobuf";
import {
  type Any,
  AnySchema,
  BoolValueSchema,
  BytesValueSchema,
  DoubleValueSchema,
  DurationSchema,
  EmptySchema,
  FieldMaskSchema,
  FloatValueSchema,
  Int32ValueSchema,
  Int64ValueSchema,
  ListValueSchema,
  StringValueSchema,
  StructSchema,
  TimestampSchema,
  UInt32ValueSchema,
  UInt64ValueSchema,
  ValueSchema,
} from "@bufbuild/protobuf/wkt";
import type { Metadata } from "../gen/envoy/config/core/v3/base_pb.ts";
import type { JsonObject, JsonValue } from "../model/json.ts";
import { RequestError } from "./request-error.ts";

/** The types whose JSON form is known when an `Any` holds them: protobuf's own. */
const anyTypes: Registry = createRegistry(
  AnySchema,
  BoolValueSchema,
  BytesValueSchema,
  DoubleValueSchema,
  DurationSchema,
  EmptySchema,
  FieldMaskSchema,
  FloatValueSchema,
  Int32ValueSchema,
  Int64ValueSchema,
  ListValueSchema,
  StringValueSchema,
  StructSchema,
  TimestampSchema,
  UInt32ValueSchema,
  UInt64ValueSchema,
  ValueSchema,
);

/**
 * The metadata in protobuf's JSON form.
 *
 * @returns REQUEST_MALFORMED when a number has no JSON form or an `Any` holds a type that is not protobuf's own
 */
export function normalizeMetadata(metadata: Metadata): JsonObject | RequestError {
  const { filterMetadata, typedFilterMetadata } = metadata;
  const json: Record<string, JsonValue> = {};
  if (hasKeys(filterMetadata)) {
    if (!isFinite(filterMetadata)) {
      return new RequestError("REQUEST_MALFORMED");
    }
    json["filterMetadata"] = filterMetadata;
  }
  if (hasKeys(typedFilterMetadata)) {
    const typed = normalizeTypedMetadata(typedFilterMetadata);
    if (typed === undefined) {
      return new RequestError("REQUEST_MALFORMED");
    }
    json["typedFilterMetadata"] = typed;
  }
  return json;
}

/** Whether the table has an entry, without listing them all. */
export function hasKeys(table: object): boolean {
  for (const key in table) {
    if (Object.hasOwn(table, key)) {
      return true;
    }
  }
  return false;
}

function normalizeTypedMetadata(table: { readonly [key: string]: Any }): JsonObject | undefined {
  const entries: [string, JsonValue][] = [];
  for (const [name, any] of Object.entries(table)) {
    const json = normalizeAny(any);
    if (json === undefined) {
      return undefined;
    }
    entries.push([name, json]);
  }
  return Object.fromEntries(entries);
}

/** `{ "@type": …, value: … }`, or undefined when the type is unknown or its bytes are broken. */
function normalizeAny(any: Any): JsonValue | undefined {
  try {
    return toJson(AnySchema, any, { registry: anyTypes });
  } catch {
    return undefined;
  }
}

/** Whether every number has a JSON form; the decoder has already bounded the depth. */
function isFinite(value: JsonValue): boolean {
  if (typeof value === "number") {
    return Number.isFinite(value);
  }
  if (typeof value !== "object" || value === null) {
    return true;
  }
  return Object.values(value).every(isFinite);
}
