import { CelMap } from "./map.ts";
import { CelMessage } from "./message.ts";
import {
  CelDuration,
  CelOpaque,
  CelOptional,
  CelTimestamp,
  CelTypeValue,
  CelUint,
  type CelValue,
  isList,
} from "./value.ts";

/** Returns the name of a value's type at run time, without parameters. */
export function typeNameOf(value: CelValue): string {
  switch (typeof value) {
    case "boolean":
      return "bool";
    case "bigint":
      return "int";
    case "number":
      return "double";
    case "string":
      return "string";
    default:
      return value === null ? "null_type" : objectTypeName(value);
  }
}

function objectTypeName(value: object & CelValue): string {
  if (value instanceof CelMessage || value instanceof CelOpaque) return value.typeName;
  if (value instanceof CelMap) return "map";
  if (isList(value)) return "list";
  if (value instanceof CelUint) return "uint";
  if (value instanceof Uint8Array) return "bytes";
  if (value instanceof CelTimestamp) return "google.protobuf.Timestamp";
  if (value instanceof CelDuration) return "google.protobuf.Duration";
  if (value instanceof CelOptional) return "optional_type";
  return value instanceof CelTypeValue ? "type" : "dyn";
}
