import { BuiltMessage } from "../messages/built-message.ts";
import type { FieldType, MessageField } from "../messages/field-type.ts";
import type { MessageShape, MessageTypes } from "../messages/message-types.ts";
import { bytesField, intField, textField, textListsField } from "../messages/native-fields.ts";
import { messageType } from "../types/type.ts";
import { CelMessage } from "../values/message.ts";
import type { CelValue } from "../values/value.ts";

/** Names of the structures that policies of mode HTTP see and build. */
export const requestName = "http.CheckRequest";
/** The name of the type of `object.attributes`. */
export const attributesName = "http.CheckRequestAttributes";
/** The name of the type of what a validation gives. */
export const responseName = "http.CheckResponse";
/** The name of the type of an allowing response's content. */
export const okName = "http.CheckResponseOk";
/** The name of the type of a denying response's content. */
export const deniedName = "http.CheckResponseDenied";

/** A structure of mode HTTP, which expressions may build. */
export interface NativeShape extends Omit<MessageShape, "fields"> {
  readonly members: ReadonlyMap<string, MessageField>;
}

/** The structures by name. */
const shapes: ReadonlyMap<string, NativeShape> = createShapes();

function createShapes(): ReadonlyMap<string, NativeShape> {
  const attributes = createShape(attributesName, {
    method: textField,
    header: textListsField,
    host: textField,
    protocol: textField,
    contentLength: intField,
    body: bytesField,
    scheme: textField,
    path: textField,
    query: textListsField,
    fragment: textField,
  });
  const ok = createShape(okName, {});
  const denied = createShape(deniedName, { reason: textField });
  const request = createShape(requestName, { attributes: structField(attributes) });
  const response = createShape(responseName, {
    ok: pointerField(ok),
    denied: pointerField(denied),
  });
  return new Map([request, attributes, response, ok, denied].map((shape) => [shape.name, shape]));
}

function createShape(name: string, types: Readonly<Record<string, FieldType>>): NativeShape {
  const members = new Map(
    Object.entries(types).map(([field, type]) => [field, nameField(field, type)]),
  );
  return {
    name,
    members,
    field: (field) => members.get(field)?.type,
    build: (values) => BuiltMessage.create({ name, fields: members }, values),
  };
}

/** Adds the names; the type stays as it is, for its getters give values that cannot be made yet. */
function nameField(name: string, type: FieldType): MessageField {
  return {
    type: type.type,
    get unset() {
      return type.unset;
    },
    hasPresence: type.hasPresence,
    fromJson: type.fromJson,
    assign: type.assign,
    isDefault: type.isDefault,
    name,
    jsonName: name,
    oneof: undefined,
  };
}

/** A structure within another: unset and empty are the same. */
function structField(shape: NativeShape): FieldType {
  return { ...pointerField(shape), hasPresence: false, isDefault: isEmpty };
}

/** A structure that is there or not. */
function pointerField(shape: NativeShape): FieldType {
  const { name } = shape;
  const empty = BuiltMessage.create({ name, fields: shape.members }, new Map());
  if (!(empty instanceof CelMessage)) throw new Error(`${name} cannot be empty`);
  return {
    type: messageType(name),
    unset: empty,
    hasPresence: true,
    fromJson: () => empty,
    assign: (value) => (value instanceof CelMessage && value.typeName === name ? value : undefined),
    isDefault: () => false,
  };
}

function isEmpty(value: CelValue): boolean {
  if (!(value instanceof CelMessage)) return true;
  for (const _ of value.setFields()) return false;
  return true;
}

/** Returns the shape of a structure by its name. */
export function nativeShape(name: string): NativeShape | undefined {
  return shapes.get(name);
}

/** The structures of mode HTTP, as an environment takes them. */
export const nativeTypes: MessageTypes = {
  shape: nativeShape,
  enumValue: () => undefined,
};
