import {
  countCodePoints,
  type DocumentFault,
  type FieldPath,
  formatPath,
} from "../model/document-fault.ts";
import { isJsonObject, type JsonObject, type JsonValue, ownValue } from "../model/json.ts";

/** The form that a part of a document has to have: the part of OpenAPI that the original's schema uses. */
export interface Shape {
  readonly type?: "object" | "array" | "string";
  /** The declared fields; others are unknown unless the shape is `open`. */
  readonly fields?: ReadonlyMap<string, Shape>;
  readonly required?: readonly string[];
  readonly items?: Shape;
  /** Anything may stand inside, nulls included. */
  readonly open?: boolean;
  /** In code points. */
  readonly maxLength?: number;
}

/** Something that is not as its shape says. */
export interface ShapeFault extends DocumentFault {
  /** Whether a required field is not there. */
  readonly isMissing: boolean;
}

/**
 * Returns the paths of all fields that the shape does not declare, sorted. An unknown field is not looked into.
 */
export function findUnknownFields(
  value: JsonValue,
  shape: Shape | undefined,
  path: FieldPath,
): FieldPath[] {
  if (shape?.open === true) return [];
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => findUnknownFields(item, shape?.items, [...path, index]));
  }
  if (!isJsonObject(value)) return [];
  return Object.keys(value).flatMap((name) => {
    const field = shape?.fields?.get(name);
    const inner = [...path, name];
    return field === undefined ? [inner] : findUnknownFields(value[name] ?? null, field, inner);
  });
}

/** Returns the value without the members that are null although the shape declares them: null is as good as absent. */
export function dropNulls(value: JsonValue, shape: Shape | undefined): JsonValue {
  if (shape === undefined || shape.open === true) return value;
  if (Array.isArray(value)) return value.map((item) => dropNulls(item, shape.items));
  if (!isJsonObject(value)) return value;
  const kept = Object.keys(value).flatMap((name): [string, JsonValue][] => {
    const member = ownValue(value, name) ?? null;
    const field = shape.fields?.get(name);
    return member === null && field !== undefined ? [] : [[name, dropNulls(member, field)]];
  });
  return Object.fromEntries(kept);
}

/** Returns everything in the value that is not as its shape says: each fault once, parents before children. */
export function checkShape(value: JsonValue, shape: Shape, path: FieldPath): ShapeFault[] {
  const type = typeName(value);
  if (shape.type !== undefined && shape.type !== type) {
    const at = formatPath(path);
    const detail = `${at} in body must be of type ${shape.type}: "${type}"`;
    return [schemaFault(path, `${at}: Invalid value: "${type}": ${detail}`)];
  }
  if (typeof value === "string" && shape.maxLength !== undefined) {
    if (countCodePoints(value) <= shape.maxLength) return [];
    const detail = `may not be longer than ${shape.maxLength}`;
    return [schemaFault(path, `${formatPath(path)}: Too long: ${detail}`)];
  }
  if (Array.isArray(value)) {
    const { items } = shape;
    return items === undefined
      ? []
      : value.flatMap((item, index) => checkShape(item, items, [...path, index]));
  }
  return isJsonObject(value) ? checkMembers(value, shape, path) : [];
}

function checkMembers(value: JsonObject, shape: Shape, path: FieldPath): ShapeFault[] {
  const missing = (shape.required ?? []).filter((name) => !Object.hasOwn(value, name));
  const faults = missing.map((name) => {
    const inner = [...path, name];
    return schemaFault(inner, `${formatPath(inner)}: Required value`, true);
  });
  for (const [name, field] of shape.fields ?? []) {
    const member = ownValue(value, name);
    if (member !== undefined) faults.push(...checkShape(member, field, [...path, name]));
  }
  return faults;
}

function schemaFault(path: FieldPath, message: string, isMissing: boolean = false): ShapeFault {
  return { code: "POLICY_SCHEMA", path, message, isMissing };
}

/** The name the original's schema library has for the type of a value. */
function typeName(value: JsonValue): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") {
    return Number.isInteger(value) && Math.abs(value) <= 2 ** 63 ? "integer" : "number";
  }
  return typeof value;
}
