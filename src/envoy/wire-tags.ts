import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { AttributeContext_HttpRequestSchema } from "../gen/envoy/service/auth/v3/attribute_context_pb.ts";

/** Wire types (the Protocol Buffers encoding guide). */
export const wireType = {
  varint: 0,
  fixed64: 1,
  bytes: 2,
  groupStart: 3,
  groupEnd: 4,
  fixed32: 5,
} as const;

/**
 * Returns the tag of a field: its number in the schema and its wire type. To be called when a module is loaded, so that
 * readers and writers compare with constants.
 */
export function tagOf(field: DescField): number {
  return (field.number << 3) | wireTypeOf(field);
}

/** Returns the highest field number of a message: what is above it is unknown. */
export function lastFieldOf({ fields }: Pick<DescMessage, "fields">): number {
  return Math.max(...fields.map(({ number }) => number));
}

/** Returns the wire type of a field; of a repeated one that is not packed, the type of each element. */
export function wireTypeOf(field: DescField): number {
  switch (field.fieldKind) {
    case "message":
    case "map":
      return wireType.bytes;
    case "enum":
      return wireType.varint;
    case "scalar":
      return typeOfScalar(field.scalar);
    case "list":
      if (field.listKind === "message") return wireType.bytes;
      return field.listKind === "enum" ? wireType.varint : typeOfScalar(field.scalar);
  }
}

/** Returns the wire type of a scalar. */
export function typeOfScalar(scalar: ScalarType): number {
  if (bytesScalars.has(scalar)) return wireType.bytes;
  if (scalarsOf64Bits.has(scalar)) return wireType.fixed64;
  return scalarsOf32Bits.has(scalar) ? wireType.fixed32 : wireType.varint;
}

const bytesScalars: ReadonlySet<ScalarType> = new Set([ScalarType.STRING, ScalarType.BYTES]);
const scalarsOf64Bits: ReadonlySet<ScalarType> = new Set([
  ScalarType.DOUBLE,
  ScalarType.FIXED64,
  ScalarType.SFIXED64,
]);
const scalarsOf32Bits: ReadonlySet<ScalarType> = new Set([
  ScalarType.FLOAT,
  ScalarType.FIXED32,
  ScalarType.SFIXED32,
]);

/** The field numbers of a map's entry, which are the same for all maps. */
export const mapEntryFields: { readonly key: number; readonly value: number } = readMapEntry();

function readMapEntry(): { readonly key: number; readonly value: number } {
  const { nestedType } = AttributeContext_HttpRequestSchema.proto;
  const entry = nestedType.find(({ options }) => options?.mapEntry === true);
  const numberOf = (name: string): number => {
    const field = entry?.field.find((candidate) => candidate.name === name);
    if (field === undefined) throw new Error(`the entries of a map have no \`${name}\``);
    return field.number;
  };
  return { key: numberOf("key"), value: numberOf("value") };
}
