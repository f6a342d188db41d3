import {
  createRegistry,
  type DescMessage,
  fromBinary,
  type Registry,
  toJson,
} from "@bufbuild/protobuf";
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
  type ListValue,
  ListValueSchema,
  StringValueSchema,
  type Struct,
  StructSchema,
  TimestampSchema,
  UInt32ValueSchema,
  UInt64ValueSchema,
  type Value,
  ValueSchema,
} from "@bufbuild/protobuf/wkt";
import { file_envoy_config_core_v3_address } from "../../gen/envoy/config/core/v3/address_pb.ts";
import {
  file_envoy_config_core_v3_base,
  type Metadata,
} from "../../gen/envoy/config/core/v3/base_pb.ts";
import { file_envoy_service_auth_v3_attribute_context } from "../../gen/envoy/service/auth/v3/attribute_context_pb.ts";
import { file_envoy_type_v3_http_status } from "../../gen/envoy/type/v3/http_status_pb.ts";
import { file_google_rpc_status } from "../../gen/google/rpc/status_pb.ts";
import type { JsonObject, JsonValue } from "../../model/json.ts";
import { encodeBase64 } from "../../payload/sanitize-text.ts";
import { isWellNested } from "./check-nesting.ts";

/** The types whose JSON form is known when an `Any` holds them: protobuf's own, and those of the service's API. */
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
  file_envoy_config_core_v3_address,
  file_envoy_config_core_v3_base,
  file_envoy_service_auth_v3_attribute_context,
  file_envoy_type_v3_http_status,
  file_google_rpc_status,
);

/** How deep messages in an `Any` may nest. */
const MAX_ANY_DEPTH = 100;

/**
 * Returns the metadata in protobuf's JSON form. What has none there is shown all the same: numbers that JSON has not as
 * the texts `NaN`, `Infinity` and `-Infinity`, an `Any` whose type is unknown or whose bytes are not of its type as
 * `{ "@type", "value": base64 }`.
 */
export function normalizeMetadata({ filterMetadata, typedFilterMetadata }: Metadata): JsonObject {
  const json: Record<string, JsonValue> = {};
  if (hasKeys(filterMetadata)) {
    json["filterMetadata"] = areFinite(filterMetadata)
      ? filterMetadata
      : showNumbers(filterMetadata);
  }
  if (hasKeys(typedFilterMetadata)) {
    const entries = Object.entries(typedFilterMetadata);
    json["typedFilterMetadata"] = Object.fromEntries(
      entries.map(([name, any]) => [name, normalizeAny(any)]),
    );
  }
  return json;
}

/** Returns whether the table has an entry, without listing them all. */
export function hasKeys(table: object): boolean {
  for (const key in table) {
    if (Object.hasOwn(table, key)) return true;
  }
  return false;
}

function normalizeAny(any: Any): JsonValue {
  const { typeUrl, value } = any;
  if (typeUrl === "" && value.length === 0) return {};
  const schema = anyTypes.getMessage(typeUrl.slice(typeUrl.lastIndexOf("/") + 1));
  const known = schema && isWellNested(value, schema, MAX_ANY_DEPTH) && readKnown(any, schema);
  return known || { "@type": typeUrl, value: encodeBase64(value) };
}

/** The JSON form, or undefined when the bytes are not of the type, or hold what has no JSON form. */
function readKnown(any: Any, schema: DescMessage): JsonValue | undefined {
  const { typeUrl: type, value } = any;
  switch (schema.typeName) {
    case StructSchema.typeName: {
      const struct = tryCodec(() => fromBinary(StructSchema, value));
      return struct && { "@type": type, value: showStruct(struct) };
    }
    case ListValueSchema.typeName: {
      const list = tryCodec(() => fromBinary(ListValueSchema, value));
      return list && { "@type": type, value: showList(list) };
    }
    case ValueSchema.typeName: {
      const one = tryCodec(() => fromBinary(ValueSchema, value));
      return one && { "@type": type, value: showValue(one) };
    }
    default:
      return tryCodec(() => toJson(AnySchema, any, { registry: anyTypes }));
  }
}

/** Returns the codec's result, or undefined where it refuses. Nothing of our own may run in there: its faults would be hidden. */
export function tryCodec<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}

function showStruct({ fields }: Struct): JsonObject {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, showValue(value)]),
  );
}

function showList({ values }: ListValue): JsonValue {
  return values.map(showValue);
}

function showValue({ kind }: Value): JsonValue {
  switch (kind.case) {
    case "structValue":
      return showStruct(kind.value);
    case "listValue":
      return showList(kind.value);
    case "numberValue":
      return showNumbers(kind.value);
    case "boolValue":
    case "stringValue":
      return kind.value;
    case "nullValue":
    case undefined:
      return null;
  }
}

/** Returns whether every number has a JSON form; the decoder has already bounded the depth. */
function areFinite(value: JsonValue): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value !== "object" || value === null) return true;
  return Object.values(value).every(areFinite);
}

/** The value with numbers that JSON has not as text. */
function showNumbers(value: JsonValue): JsonValue {
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(showNumbers);
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, showNumbers(member)]),
  );
}
