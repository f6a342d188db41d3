import { isPlainObject } from "../../go-values/semantics.ts";
import { GoStruct, type Value, type ValueObject } from "../../go-values/value.ts";

/** Returns the members of any object, typed maps included; undefined for what is no object. */
export function membersOf(value: Value): ValueObject | undefined {
  if (isPlainObject(value)) return value;
  return value instanceof GoStruct ? value.members() : undefined;
}

/** Returns the value of an own member, or null when there is none: absent and null are one. */
export function memberOf(members: ValueObject, key: string): Value {
  return Object.hasOwn(members, key) ? (members[key] ?? null) : null;
}
