import { ScalarType } from "@bufbuild/protobuf";
import { BinaryReader } from "@bufbuild/protobuf/wire";
import {
  boolType,
  bytesType,
  type CelType,
  doubleType,
  dynType,
  intType,
  listType,
  mapType,
  stringType,
} from "../types/type.ts";
import { valueError } from "../values/errors.ts";
import { EntryMap } from "../values/map.ts";
import {
  CelDuration,
  type CelResult,
  CelTimestamp,
  CelUint,
  type CelValue,
} from "../values/value.ts";
import type { MessageShape } from "./message-types.ts";
import { scalarField } from "./scalar-fields.ts";

/** The scalars that wrappers hold. */
const wrapped: ReadonlyMap<string, ScalarType> = new Map([
  ["BoolValue", ScalarType.BOOL],
  ["BytesValue", ScalarType.BYTES],
  ["DoubleValue", ScalarType.DOUBLE],
  ["FloatValue", ScalarType.FLOAT],
  ["Int32Value", ScalarType.INT32],
  ["Int64Value", ScalarType.INT64],
  ["StringValue", ScalarType.STRING],
  ["UInt32Value", ScalarType.UINT32],
  ["UInt64Value", ScalarType.UINT64],
]);

const prefix = "google.protobuf.";
const nanosPerSecond = 1_000_000_000n;

/** Fields of a literal as they were written, and what they make. */
type Build = (fields: ReadonlyMap<string, CelValue>) => CelResult;

function shapeOf(
  name: string,
  types: Readonly<Record<string, CelType>>,
  build: Build,
): readonly [string, MessageShape] {
  const full = `${prefix}${name}`;
  const field = (wanted: string): CelType | undefined =>
    Object.hasOwn(types, wanted) ? types[wanted] : undefined;
  return [full, { name: full, field, build }];
}

function wrapperShape(name: string, scalar: ScalarType): readonly [string, MessageShape] {
  const { type, unset, assign } = scalarField(scalar, false);
  return shapeOf(name, { value: type }, (fields) => {
    const value = assign(fields.get("value") ?? unset);
    return value ?? valueError("the value does not fit its wrapper");
  });
}

function nanosOf(fields: ReadonlyMap<string, CelValue>): bigint {
  const seconds = fields.get("seconds") ?? 0n;
  const nanos = fields.get("nanos") ?? 0n;
  const isWhole = typeof seconds === "bigint" && typeof nanos === "bigint";
  return isWhole ? seconds * nanosPerSecond + nanos : 0n;
}

const times = { seconds: intType, nanos: intType };
/** Years 1 to 9999. */
const firstNanos = -62_135_596_800n * nanosPerSecond;
const lastNanos = 253_402_300_800n * nanosPerSecond;

/**
 * Message types whose literals are values of the language: a wrapper's is what it holds, a Struct's a map, a Timestamp's a
 * moment.
 */
export const wellKnownShapes: ReadonlyMap<string, MessageShape> = new Map([
  ...[...wrapped].map(([name, scalar]) => wrapperShape(name, scalar)),
  shapeOf("Timestamp", times, (fields) => {
    const nanos = nanosOf(fields);
    const isInRange = nanos >= firstNanos && nanos < lastNanos;
    return isInRange ? new CelTimestamp(nanos) : valueError("timestamp out of range");
  }),
  shapeOf("Duration", times, (fields) => {
    const nanos = nanosOf(fields);
    return nanos === BigInt.asIntN(64, nanos)
      ? new CelDuration(nanos)
      : valueError("duration out of range");
  }),
  shapeOf(
    "Value",
    {
      null_value: intType,
      number_value: doubleType,
      string_value: stringType,
      bool_value: boolType,
      struct_value: mapType(stringType, dynType),
      list_value: listType(dynType),
    },
    (fields) => {
      const [first, second] = [...fields];
      if (second !== undefined) return valueError("a Value has one kind");
      return first === undefined || first[0] === "null_value" ? null : first[1];
    },
  ),
  shapeOf(
    "Struct",
    { fields: mapType(stringType, dynType) },
    (fields) => fields.get("fields") ?? new EntryMap([]),
  ),
  shapeOf("ListValue", { values: listType(dynType) }, (fields) => fields.get("values") ?? []),
  shapeOf("Any", { type_url: stringType, value: bytesType }, unpackAny),
]);

/** The value that an `Any` holds: of a wrapper, for no other message comes in a policy. */
function unpackAny(fields: ReadonlyMap<string, CelValue>): CelResult {
  const url = fields.get("type_url") ?? "";
  const bytes = fields.get("value") ?? new Uint8Array();
  const name = typeof url === "string" ? url.slice(url.lastIndexOf("/") + 1) : "";
  const scalar = name.startsWith(prefix) ? wrapped.get(name.slice(prefix.length)) : undefined;
  if (scalar === undefined || !(bytes instanceof Uint8Array)) {
    return valueError("the type of the message in an Any is not known");
  }
  try {
    return readWrapped(bytes, scalar);
  } catch {
    // Bytes that are no such message: an answer that is expected.
    return valueError("the bytes of an Any are not a message of its type");
  }
}

/** Field 1 of every wrapper is what it holds (google/protobuf/wrappers.proto). */
function readWrapped(bytes: Uint8Array, scalar: ScalarType): CelValue {
  const reader = new BinaryReader(bytes);
  let value = scalarField(scalar, false).unset;
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === 1) value = readScalar(reader, scalar);
    else reader.skip(wireType);
  }
  return value;
}

function readScalar(reader: BinaryReader, scalar: ScalarType): CelValue {
  switch (scalar) {
    case ScalarType.BOOL:
      return reader.bool();
    case ScalarType.BYTES:
      return reader.bytes();
    case ScalarType.DOUBLE:
      return reader.double();
    case ScalarType.FLOAT:
      return reader.float();
    case ScalarType.STRING:
      return reader.string();
    case ScalarType.UINT32:
    case ScalarType.UINT64:
      return new CelUint(BigInt(reader.uint64()));
    default:
      return BigInt(reader.int64());
  }
}
