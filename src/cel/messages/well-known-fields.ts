import { isJsonObject, type JsonValue } from "../../model/json.ts";
import {
  anyType,
  boolType,
  bytesType,
  type CelType,
  doubleType,
  durationType,
  dynType,
  intType,
  listType,
  mapType,
  stringType,
  timestampType,
  uintType,
  wrapperType,
} from "../types/type.ts";
import { valueError } from "../values/errors.ts";
import { CelMap, EntryMap, JsonMap } from "../values/map.ts";
import { parseTimestamp } from "../values/timestamp.ts";
import { CelDuration, CelTimestamp, CelUint, type CelValue, isList } from "../values/value.ts";
import type { FieldType } from "./field-type.ts";

/** Converts a member of a `Struct`, or any other plain JSON: numbers are doubles. */
export function jsonToCel(value: JsonValue): CelValue {
  if (typeof value !== "object" || value === null) return value;
  return isJsonObject(value) ? new JsonMap(value, jsonToCel) : value.map(jsonToCel);
}

const structType = mapType(stringType, dynType);

function wellKnown(
  type: CelType,
  unset: CelValue,
  fromJson: FieldType["fromJson"],
  isValue: (value: CelValue) => boolean,
): FieldType {
  return {
    type,
    unset,
    hasPresence: true,
    fromJson,
    assign: (value) => (isValue(value) ? value : undefined),
    isDefault: () => false,
  };
}

function wrapper(of: CelType, isValue: (value: CelValue) => boolean): FieldType {
  const accepts = (value: CelValue): boolean => value === null || isValue(value);
  return wellKnown(wrapperType(of), null, jsonToCel, accepts);
}

const isInt = (value: CelValue): boolean => typeof value === "bigint";
const isUint = (value: CelValue): boolean => value instanceof CelUint;
const isDouble = (value: CelValue): boolean => typeof value === "number";

/** Message types that CEL knows as values of its own, by full name. */
const wellKnownFields: ReadonlyMap<string, FieldType> = new Map([
  [
    "google.protobuf.Timestamp",
    wellKnown(
      timestampType,
      new CelTimestamp(0n),
      (value) =>
        (typeof value === "string" ? parseTimestamp(value) : undefined) ??
        valueError("the request has a time of an unexpected form"),
      (value) => value instanceof CelTimestamp,
    ),
  ],
  [
    "google.protobuf.Duration",
    wellKnown(
      durationType,
      new CelDuration(0n),
      () => valueError("the request has a duration, which no field of it is"),
      (value) => value instanceof CelDuration,
    ),
  ],
  [
    "google.protobuf.Struct",
    wellKnown(structType, new EntryMap([]), jsonToCel, (value) => value instanceof CelMap),
  ],
  ["google.protobuf.Value", wellKnown(dynType, null, jsonToCel, () => true)],
  ["google.protobuf.ListValue", wellKnown(listType(dynType), [], jsonToCel, isList)],
  ["google.protobuf.Any", wellKnown(anyType, null, jsonToCel, () => true)],
  ["google.protobuf.BoolValue", wrapper(boolType, (value) => typeof value === "boolean")],
  ["google.protobuf.Int32Value", wrapper(intType, isInt)],
  ["google.protobuf.Int64Value", wrapper(intType, isInt)],
  ["google.protobuf.UInt32Value", wrapper(uintType, isUint)],
  ["google.protobuf.UInt64Value", wrapper(uintType, isUint)],
  ["google.protobuf.FloatValue", wrapper(doubleType, isDouble)],
  ["google.protobuf.DoubleValue", wrapper(doubleType, isDouble)],
  ["google.protobuf.StringValue", wrapper(stringType, (value) => typeof value === "string")],
  ["google.protobuf.BytesValue", wrapper(bytesType, (value) => value instanceof Uint8Array)],
]);

/** Returns how CEL sees a well-known message type, or undefined for any other. */
export function wellKnownField(typeName: string): FieldType | undefined {
  return wellKnownFields.get(typeName);
}
