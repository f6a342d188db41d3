import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { mapEntryFields, typeOfScalar, wireType, wireTypeOf } from "../wire-tags.ts";
import { FieldCursor } from "./field-cursor.ts";

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
  switch (field.fieldKind) {
    case "message":
      return { types: [wireType.bytes], inner: () => shapeOf(field.message) };
    case "enum":
    case "scalar":
      return { types: [wireTypeOf(field)] };
    case "list":
      if (field.listKind === "message") {
        return { types: [wireType.bytes], inner: () => shapeOf(field.message) };
      }
      return { types: [wireType.bytes, wireTypeOf(field)] };
    case "map": {
      const value: FieldShape =
        field.mapKind === "message"
          ? { types: [wireType.bytes], inner: () => shapeOf(field.message) }
          : { types: [field.mapKind === "enum" ? wireType.varint : typeOfScalar(field.scalar)] };
      const entry: Shape = new Map([
        [mapEntryFields.key, { types: [typeOfScalar(field.mapKey)] }],
        [mapEntryFields.value, value],
      ]);
      return { types: [wireType.bytes], inner: () => entry, isEntry: true };
    }
  }
}
