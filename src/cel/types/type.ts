/** A static type of the CEL type checker. Types are compared by structure, through the functions beside this file. */
export type CelType =
  | { readonly kind: SimpleKind }
  /** A protobuf wrapper: the value or null. */
  | { readonly kind: "wrapper"; readonly of: CelType }
  | { readonly kind: "list"; readonly element: CelType }
  | { readonly kind: "map"; readonly key: CelType; readonly value: CelType }
  /** The type of a type, as in `type(1)`. */
  | { readonly kind: "type"; readonly of: CelType }
  /** A message or a native structure with fields. */
  | { readonly kind: "message"; readonly name: string }
  /** A type without fields that only functions look into; `optional_type` is one. */
  | { readonly kind: "opaque"; readonly name: string; readonly parameters: readonly CelType[] }
  /** A type parameter of a function, or a variable that inference has to find. */
  | { readonly kind: "parameter"; readonly name: string };

type SimpleKind =
  | "dyn"
  | "any"
  | "error"
  | "null"
  | "bool"
  | "int"
  | "uint"
  | "double"
  | "string"
  | "bytes"
  | "timestamp"
  | "duration";

/** The type of a fault that has been reported: agrees with everything, so that one fault is told once. */
export const errorType: CelType = { kind: "error" };
export const dynType: CelType = { kind: "dyn" };
export const anyType: CelType = { kind: "any" };
export const nullType: CelType = { kind: "null" };
export const boolType: CelType = { kind: "bool" };
export const intType: CelType = { kind: "int" };
export const uintType: CelType = { kind: "uint" };
export const doubleType: CelType = { kind: "double" };
export const stringType: CelType = { kind: "string" };
export const bytesType: CelType = { kind: "bytes" };
export const timestampType: CelType = { kind: "timestamp" };
export const durationType: CelType = { kind: "duration" };

/** Returns the type of lists of the element type. */
export function listType(element: CelType): CelType {
  return { kind: "list", element };
}

/** Returns the type of maps. */
export function mapType(key: CelType, value: CelType): CelType {
  return { kind: "map", key, value };
}

/** Returns the type of the wrapper message of a scalar. */
export function wrapperType(of: CelType): CelType {
  return { kind: "wrapper", of };
}

/** Returns the type of a type used as a value. */
export function typeType(of: CelType): CelType {
  return { kind: "type", of };
}

/** Returns the type of a message or native structure. */
export function messageType(name: string): CelType {
  return { kind: "message", name };
}

/** Returns an opaque type. */
export function opaqueType(name: string, ...parameters: readonly CelType[]): CelType {
  return { kind: "opaque", name, parameters };
}

/** Returns the type of optional values. */
export function optionalType(of: CelType): CelType {
  return opaqueType("optional_type", of);
}

/** Returns a type parameter. */
export function parameterType(name: string): CelType {
  return { kind: "parameter", name };
}

/** Returns the value type of an optional, or undefined for any other type. */
export function unwrapOptional(type: CelType): CelType | undefined {
  return type.kind === "opaque" && type.name === "optional_type" ? type.parameters[0] : undefined;
}

/** Returns the types inside a type, in order. */
export function typeParameters(type: CelType): readonly CelType[] {
  switch (type.kind) {
    case "list":
      return [type.element];
    case "map":
      return [type.key, type.value];
    case "type":
      return [type.of];
    case "opaque":
      return type.parameters;
    default:
      return [];
  }
}

/** Returns the type with other types inside it, in the order of {@link typeParameters}. */
export function withParameters(type: CelType, parameters: readonly CelType[]): CelType {
  const [first = dynType, second = dynType] = parameters;
  switch (type.kind) {
    case "list":
      return listType(first);
    case "map":
      return mapType(first, second);
    case "type":
      return typeType(first);
    case "opaque":
      return { ...type, parameters };
    default:
      return type;
  }
}

/** Returns the type as cel-go writes it, as in `map(string, list(int))`. */
export function renderType(type: CelType): string {
  switch (type.kind) {
    case "wrapper":
      return `wrapper(${renderType(type.of)})`;
    case "message":
    case "parameter":
      return type.name;
    case "error":
      return "!error!";
    case "list":
    case "map":
    case "type":
    case "opaque": {
      const name = type.kind === "opaque" ? type.name : type.kind;
      const inside = typeParameters(type).map(renderType);
      return inside.length === 0 ? name : `${name}(${inside.join(", ")})`;
    }
    default:
      return type.kind;
  }
}
