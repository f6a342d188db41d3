import { elementsOf, isPlainObject } from "../jmespath/semantics.ts";
import {
  ExpressionReference,
  GoInt,
  GoStruct,
  type Value,
  type ValueObject,
} from "../jmespath/value.ts";

/** The members of any object, typed maps included; undefined for what is no object. */
export function membersOf(value: Value): ValueObject | undefined {
  if (isPlainObject(value)) return value;
  return value instanceof GoStruct ? value.members() : undefined;
}

/** The value of an own member, or null when there is none: absent and null are one. */
export function memberOf(members: ValueObject, key: string): Value {
  return Object.hasOwn(members, key) ? (members[key] ?? null) : null;
}

/** Go's name of the kind of value, as type errors print it: `invalid` for null, `slice`, `map`, `float64`, … */
export function kindOf(value: Value): string {
  if (value === null) return "invalid";
  if (typeof value === "string") return "string";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "number") return "float64";
  if (value instanceof GoStruct || value instanceof GoInt) return value.kind;
  if (value instanceof ExpressionReference) return "func";
  return elementsOf(value) === undefined ? "map" : "slice";
}
