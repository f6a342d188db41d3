import type { DescEnum, DescField, DescFile, DescMessage } from "@bufbuild/protobuf";
import { isJsonObject } from "../../model/json.ts";
import { messageType } from "../types/type.ts";
import { CelMessage } from "../values/message.ts";
import { BuiltMessage } from "./built-message.ts";
import type { FieldType, MessageField } from "./field-type.ts";
import { JsonMessage } from "./json-message.ts";
import type { MessageShape, MessageTypes } from "./message-types.ts";
import { enumField, listField, mapField, scalarField } from "./scalar-fields.ts";
import { wellKnownField } from "./well-known-fields.ts";
import { wellKnownShapes } from "./well-known-literals.ts";

/** A protobuf message type of the environment. */
export interface ProtobufShape extends MessageShape {
  readonly fields: ReadonlyMap<string, MessageField>;
}

/** The message and enum types of protobuf files, and of all that they import; well-known ones are values of the language. */
export interface ProtobufTypes extends MessageTypes {
  /** Returns a type whose values are messages. */
  readonly messageShape: (name: string) => ProtobufShape | undefined;
}

/** Returns the types of these files; fields are looked into when a type is first used. */
export function createProtobufTypes(files: readonly DescFile[]): ProtobufTypes {
  const messages = new Map<string, DescMessage>();
  const enums = new Map<string, DescEnum>();
  for (const file of withImports(files)) {
    for (const message of file.messages) addMessage(message, messages, enums);
    for (const found of file.enums) enums.set(found.typeName, found);
  }
  const shapes = new Map<string, ProtobufShape>();
  const shapeOf = (desc: DescMessage): ProtobufShape => {
    const known = shapes.get(desc.typeName);
    if (known !== undefined) return known;
    const shape = createShape(desc, shapeOf);
    shapes.set(desc.typeName, shape);
    return shape;
  };
  const messageShape = (name: string): ProtobufShape | undefined => {
    const desc = messages.get(name);
    return desc === undefined ? undefined : shapeOf(desc);
  };
  return {
    messageShape,
    shape: (name) => wellKnownShapes.get(name) ?? messageShape(name),
    enumValue: (name) => {
      const dot = name.lastIndexOf(".");
      const found = enums
        .get(name.slice(0, dot))
        ?.values.find((value) => value.name === name.slice(dot + 1));
      return found === undefined ? undefined : BigInt(found.number);
    },
  };
}

function withImports(files: readonly DescFile[]): ReadonlySet<DescFile> {
  const all = new Set<DescFile>();
  const pending = [...files];
  for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
    if (all.has(file)) continue;
    all.add(file);
    pending.push(...file.dependencies);
  }
  return all;
}

function addMessage(
  message: DescMessage,
  messages: Map<string, DescMessage>,
  enums: Map<string, DescEnum>,
): void {
  messages.set(message.typeName, message);
  for (const nested of message.nestedMessages) addMessage(nested, messages, enums);
  for (const nested of message.nestedEnums) enums.set(nested.typeName, nested);
}

type ShapeOf = (desc: DescMessage) => ProtobufShape;

/** Fields of newer messages than policies were written against. */
const hidden: ReadonlySet<string> = new Set(["envoy.service.auth.v3.CheckResponse.error_response"]);

function createShape(desc: DescMessage, shapeOf: ShapeOf): ProtobufShape {
  let table: ReadonlyMap<string, MessageField> | undefined;
  const shape: ProtobufShape = {
    name: desc.typeName,
    get fields() {
      table ??= new Map(
        desc.fields
          .filter(({ name }) => !hidden.has(`${desc.typeName}.${name}`))
          .map((field) => [field.name, createField(field, shapeOf)]),
      );
      return table;
    },
    field: (name) => shape.fields.get(name)?.type,
    build: (values) => BuiltMessage.create(shape, values),
  };
  return shape;
}

function createField(field: DescField, shapeOf: ShapeOf): MessageField {
  const names = { name: field.name, jsonName: field.jsonName, oneof: field.oneof?.name };
  return { ...typeOfField(field, shapeOf), ...names };
}

function typeOfField(field: DescField, shapeOf: ShapeOf): FieldType {
  switch (field.fieldKind) {
    case "scalar":
      return scalarField(field.scalar, field.oneof !== undefined);
    case "enum":
      return enumField(field.enum, field.oneof !== undefined);
    case "message":
      return messageField(field.message, shapeOf);
    case "list":
      return listField(elementType(field, shapeOf));
    case "map":
      return mapField(scalarField(field.mapKey, false), elementType(field, shapeOf));
  }
}

function elementType(
  field: DescField & { fieldKind: "list" | "map" },
  shapeOf: ShapeOf,
): FieldType {
  if (field.message !== undefined) return messageField(field.message, shapeOf);
  if (field.enum !== undefined) return enumField(field.enum, false);
  return scalarField(field.scalar, false);
}

function messageField(desc: DescMessage, shapeOf: ShapeOf): FieldType {
  const known = wellKnownField(desc.typeName);
  if (known !== undefined) return known;
  return {
    type: messageType(desc.typeName),
    hasPresence: true,
    get unset() {
      return new JsonMessage(shapeOf(desc), {});
    },
    fromJson: (value) => new JsonMessage(shapeOf(desc), isJsonObject(value) ? value : {}),
    assign: (value) =>
      value instanceof CelMessage && value.typeName === desc.typeName ? value : undefined,
    isDefault: () => false,
  };
}
