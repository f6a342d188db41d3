import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { FieldCursor, wireType } from "./field-cursor.ts";

/** The known fields of a message by their numbers. */
type Shape = ReadonlyMap<number, FieldShape>;

interface FieldShape {
  readonly types: readonly number[];
  /** The message in it; an entry of a map is one, though the codec does not count it as nested. */
  readonly inner?: () => Shape;
  readonly isEntry?: boolean;
}

const shapes = new WeakMap<DescMessage, Shape>();

/**
 * Returns whether every field of the message, and of the messages in it, ends within what holds it and has the wire
 * type of its schema. The codec checks neither: it reads on behind the end of a message, and takes a number for a
 * length, so that another reader may see another request. What nests deeper than `maxDepth` is left to the codec.
 */
export function isWellNested(bytes: Uint8Array, schema: DescMessage, maxDepth: number): boolean {
  return checkMessage(new FieldCursor(bytes, 0, bytes.length), bytes, shapeOf(schema), maxDepth);
}

function checkMessage(
  fields: FieldCursor,
  bytes: Uint8Array,
  shape: Shape,
  depthLeft: number,
): boolean {
  while (fields.next()) {
    const known = shape.get(fields.number);
    if (known === undefined) continue;
    if (!known.types.includes(fields.type)) return false;
    if (known.inner === undefined || depthLeft <= 0) continue;
    const inner = new FieldCursor(bytes, fields.contentStart, fields.at);
    const left = known.isEntry === true ? depthLeft : depthLeft - 1;
    if (!checkMessage(inner, bytes, known.inner(), left)) return false;
  }
  return !fields.failed;
}

function shapeOf(schema: DescMessage): Shape {
  let shape = shapes.get(schema);
  if (shape === undefined) {
    shape = new Map(schema.fields.map((field) => [field.number, shapeField(field)]));
    shapes.set(schema, shape);
  }
  return shape;
}

function shapeField(field: DescField): FieldShape {
  const { bytes, varint } = wireType;
  switch (field.fieldKind) {
    case "message":
      return { types: [bytes], inner: () => shapeOf(field.message) };
    case "enum":
      return { types: [varint] };
    case "scalar":
      return { types: [typeOf(field.scalar)] };
    case "list":
      if (field.listKind === "message") {
        return { types: [bytes], inner: () => shapeOf(field.message) };
      }
      return { types: [bytes, field.listKind === "enum" ? varint : typeOf(field.scalar)] };
    case "map": {
      const value: FieldShape =
        field.mapKind === "message"
          ? { types: [bytes], inner: () => shapeOf(field.message) }
          : { types: [field.mapKind === "enum" ? varint : typeOf(field.scalar)] };
      const entry: Shape = new Map([
        [1, { types: [typeOf(field.mapKey)] }],
        [2, value],
      ]);
      return { types: [bytes], inner: () => entry, isEntry: true };
    }
  }
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

function typeOf(scalar: ScalarType): number {
  if (bytesScalars.has(scalar)) return wireType.bytes;
  if (scalarsOf64Bits.has(scalar)) return wireType.fixed64;
  return scalarsOf32Bits.has(scalar) ? wireType.fixed32 : wireType.varint;
}
