import { type DescEnum, ScalarType } from "@bufbuild/protobuf";
import { isEvaluationError } from "../../model/evaluation-error.ts";
import { isJsonObject, type JsonValue } from "../../model/json.ts";
import {
  boolType,
  bytesType,
  type CelType,
  doubleType,
  intType,
  listType,
  mapType,
  stringType,
  uintType,
} from "../types/type.ts";
import { valueError } from "../values/errors.ts";
import { CelMap, EntryMap, JsonMap } from "../values/map.ts";
import { type CelResult, CelUint, type CelValue, isList } from "../values/value.ts";
import type { FieldType } from "./field-type.ts";

const noUint = new CelUint(0n);

const scalarTypes: ReadonlyMap<ScalarType, CelType> = new Map([
  [ScalarType.DOUBLE, doubleType],
  [ScalarType.FLOAT, doubleType],
  [ScalarType.INT64, intType],
  [ScalarType.INT32, intType],
  [ScalarType.SINT64, intType],
  [ScalarType.SINT32, intType],
  [ScalarType.SFIXED64, intType],
  [ScalarType.SFIXED32, intType],
  [ScalarType.UINT64, uintType],
  [ScalarType.UINT32, uintType],
  [ScalarType.FIXED64, uintType],
  [ScalarType.FIXED32, uintType],
  [ScalarType.BOOL, boolType],
  [ScalarType.STRING, stringType],
  [ScalarType.BYTES, bytesType],
]);

/** Types whose fields hold 32 bits, where 64 are assigned. */
const narrow: ReadonlySet<ScalarType> = new Set([
  ScalarType.INT32,
  ScalarType.SINT32,
  ScalarType.SFIXED32,
  ScalarType.UINT32,
  ScalarType.FIXED32,
]);

/** Returns the type of a field of a protobuf scalar. */
export function scalarField(scalar: ScalarType, isInOneof: boolean): FieldType {
  const type = scalarTypes.get(scalar) ?? stringType;
  const unset = zeroOf(type);
  return {
    type,
    unset,
    hasPresence: isInOneof,
    fromJson: (value) => scalarFromJson(type, value),
    assign: (value) => (isOf(type, value) && fits(scalar, value) ? value : undefined),
    isDefault: (value) => isZero(value),
  };
}

function zeroOf(type: CelType): CelValue {
  switch (type.kind) {
    case "bool":
      return false;
    case "int":
      return 0n;
    case "uint":
      return noUint;
    case "double":
      return 0;
    case "bytes":
      return new Uint8Array();
    default:
      return "";
  }
}

function isZero(value: CelValue): boolean {
  if (value instanceof CelUint) return value.value === 0n;
  if (value instanceof Uint8Array) return value.length === 0;
  return value === "" || value === 0n || value === false || Object.is(value, 0);
}

function isOf(type: CelType, value: CelValue): boolean {
  switch (type.kind) {
    case "bool":
      return typeof value === "boolean";
    case "int":
      return typeof value === "bigint";
    case "uint":
      return value instanceof CelUint;
    case "double":
      return typeof value === "number";
    case "bytes":
      return value instanceof Uint8Array;
    default:
      return typeof value === "string";
  }
}

function fits(scalar: ScalarType, value: CelValue): boolean {
  if (!narrow.has(scalar)) return true;
  if (value instanceof CelUint) return value.value <= 0xffff_ffffn;
  return typeof value === "bigint" && value >= -0x8000_0000n && value <= 0x7fff_ffffn;
}

/** Converts a member of the payload's protobuf JSON form: 64-bit integers are texts there, bytes are base64. */
function scalarFromJson(type: CelType, value: JsonValue): CelResult {
  switch (type.kind) {
    case "bool":
      return value === true;
    case "int":
    case "uint": {
      if (typeof value !== "string" && typeof value !== "number") break;
      const whole = BigInt(value);
      return type.kind === "int" ? whole : new CelUint(whole);
    }
    case "double":
      return Number(value);
    case "bytes":
      if (typeof value === "string") return new Uint8Array(Buffer.from(value, "base64"));
      break;
    default:
      if (typeof value === "string") return value;
  }
  return valueError("the request has a field of an unexpected form");
}

/** Returns the type of a field of an enum, whose values are ints. */
export function enumField(desc: DescEnum, isInOneof: boolean): FieldType {
  const zero = BigInt(desc.values[0]?.number ?? 0);
  return {
    ...scalarField(ScalarType.INT32, isInOneof),
    unset: zero,
    fromJson: (value) => {
      const named = desc.values.find(({ name }) => name === value);
      if (named !== undefined) return BigInt(named.number);
      return scalarFromJson(intType, value);
    },
  };
}

/** Returns the type of a repeated field. */
export function listField(element: FieldType): FieldType {
  return {
    type: listType(element.type),
    unset: [],
    hasPresence: false,
    fromJson: (value) => {
      if (!Array.isArray(value)) return [];
      const list: CelValue[] = [];
      for (const member of value as readonly JsonValue[]) {
        const converted = element.fromJson(member);
        if (isEvaluationError(converted)) return converted;
        list.push(converted);
      }
      return list;
    },
    assign: (value) => {
      if (!isList(value)) return undefined;
      const list = value.map(element.assign);
      return list.every((member) => member !== undefined) ? list : undefined;
    },
    isDefault: (value) => isList(value) && value.length === 0,
  };
}

/** Returns the type of a map field. */
export function mapField(key: FieldType, element: FieldType): FieldType {
  const convert = (value: JsonValue): CelValue => {
    const converted = element.fromJson(value);
    return isEvaluationError(converted) ? null : converted;
  };
  return {
    type: mapType(key.type, element.type),
    unset: new EntryMap([]),
    hasPresence: false,
    fromJson: (value) => (isJsonObject(value) ? new JsonMap(value, convert) : new EntryMap([])),
    assign: (value) => (value instanceof CelMap ? assignEntries(value, key, element) : undefined),
    isDefault: (value) => value instanceof CelMap && value.size === 0,
  };
}

function assignEntries(map: CelMap, key: FieldType, element: FieldType): CelValue | undefined {
  const entries: (readonly [CelValue, CelValue])[] = [];
  for (const [name, value] of map.entries()) {
    const assignedName = key.assign(name);
    const assigned = element.assign(value);
    if (assignedName === undefined || assigned === undefined) return undefined;
    entries.push([assignedName, assigned]);
  }
  return new EntryMap(entries);
}
