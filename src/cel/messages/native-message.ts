import {
  type CelType,
  dynType,
  mapType,
  messageType,
  opaqueType,
  stringType,
} from "../types/type.ts";
import { CelMap, EntryMap } from "../values/map.ts";
import { CelMessage } from "../values/message.ts";
import { CelOpaque, type CelResult, type CelValue } from "../values/value.ts";
import { BuiltMessage } from "./built-message.ts";
import type { FieldType, MessageField } from "./field-type.ts";
import type { MessageShape, MessageTypes } from "./message-types.ts";

/** A structure of a library: no protobuf message, though expressions read and build it like one. */
export interface NativeShape extends Omit<MessageShape, "fields"> {
  readonly members: ReadonlyMap<string, MessageField>;
}

/** Returns a structure of these fields. */
export function nativeShapeOf(
  name: string,
  types: Readonly<Record<string, FieldType>>,
): NativeShape {
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

/** The type as it is: its getters give values that cannot be made yet. */
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

/** Returns a structure within another that is there or not. */
export function pointerField(shape: NativeShape): FieldType {
  const empty = emptyOf(shape);
  return {
    type: messageType(shape.name),
    unset: empty,
    hasPresence: true,
    fromJson: () => empty,
    assign: (value) =>
      value instanceof CelMessage && value.typeName === shape.name ? value : undefined,
    isDefault: () => false,
  };
}

/** Returns a structure within another: unset and empty are the same. */
export function structField(shape: NativeShape): FieldType {
  return { ...pointerField(shape), hasPresence: false, isDefault: isEmpty };
}

/** A map from texts to anything. */
export const anyMapField: FieldType = nativeField(
  mapType(stringType, dynType),
  new EntryMap([]),
  (value) => value instanceof CelMap,
  (value) => value instanceof CelMap && value.size === 0,
);

/** Returns a field of an opaque type, which is there or not. */
export function opaqueField(typeName: string, unset: CelOpaque): FieldType {
  return nativeField(
    opaqueType(typeName),
    unset,
    (value) => value instanceof CelOpaque && value.typeName === typeName,
    (value) => value === unset,
  );
}

function nativeField(
  type: CelType,
  unset: CelValue,
  isValue: (value: CelValue) => boolean,
  isDefault: (value: CelValue) => boolean,
): FieldType {
  return {
    type,
    unset,
    hasPresence: false,
    fromJson: (): CelResult => unset,
    assign: (value) => (isValue(value) ? value : undefined),
    isDefault,
  };
}

/** Returns the structure without any field. */
function emptyOf({ name, members }: NativeShape): CelMessage {
  const empty = BuiltMessage.create({ name, fields: members }, new Map());
  if (empty instanceof CelMessage) return empty;
  throw new Error(`${name} cannot be empty`);
}

function isEmpty(value: CelValue): boolean {
  if (!(value instanceof CelMessage)) return true;
  for (const _ of value.setFields()) return false;
  return true;
}

/** Returns the structures as an environment takes them. */
export function nativeTypesOf(shapes: readonly NativeShape[]): MessageTypes {
  const byName = new Map(shapes.map((shape) => [shape.name, shape]));
  return { shape: (name) => byName.get(name), enumValue: () => undefined };
}

/** Returns the types of several kinds as one; of equal names the first counts. */
export function joinMessageTypes(...all: readonly MessageTypes[]): MessageTypes {
  const first = <T>(find: (types: MessageTypes) => T | undefined): T | undefined => {
    for (const types of all) {
      const found = find(types);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return {
    shape: (name) => first((types) => types.shape(name)),
    enumValue: (name) => first((types) => types.enumValue(name)),
  };
}
