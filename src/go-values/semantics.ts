import type { Budget } from "../model/budget.ts";
import { charge, chargeElements, chargeKeys } from "../model/step-limit.ts";
import {
  ExpressionReference,
  GoInt,
  GoStruct,
  ItemsArray,
  isGoValue,
  type Value,
  type ValueArray,
  type ValueObject,
} from "./value.ts";

/** How deep values may nest before comparing them counts as spending the whole budget. */
const MAX_COMPARE_DEPTH = 1_000;

/** Returns whether the value is a plain array, not the typed one of `items()`. */
export function isPlainArray(value: Value): value is ValueArray {
  return Array.isArray(value);
}

/** Returns whether the value is a plain object: neither an array nor one of the Go types. */
export function isPlainObject(value: Value): value is ValueObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !isGoValue(value);
}

/** Returns the elements of an array of either type, or undefined for anything else. */
export function elementsOf(value: Value): ValueArray | undefined {
  if (isPlainArray(value)) return value;
  return value instanceof ItemsArray ? value.items : undefined;
}

/** Returns the value of the field: null unless the value is an object that has it, or a Go struct that knows it. */
export function fieldOf(value: Value, name: string): Value {
  if (typeof value !== "object" || value === null) return null;
  if (isPlainObject(value)) return Object.hasOwn(value, name) ? (value[name] ?? null) : null;
  return value instanceof GoStruct ? value.field(name) : null;
}

/** Sets an own property, whatever the key is called; the object must not be shared yet. */
export function setField(object: { [key: string]: Value }, key: string, value: Value): void {
  if (key === "__proto__") {
    Object.defineProperty(object, key, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  } else {
    object[key] = value;
  }
}

/** Returns whether the value counts as false: null, false, and the empty string, array and object. Numbers never do. */
export function isFalsy(value: Value): boolean {
  if (value === null || value === false || value === "") return true;
  if (typeof value !== "object") return false;
  if (isPlainObject(value)) return isEmpty(value);
  return value instanceof GoStruct ? isEmptyStruct(value) : elementsOf(value)?.length === 0;
}

/** Returns the value as a double when it is a number or a Go int, else undefined. */
export function numberOf(value: Value): number | undefined {
  if (typeof value === "number") return value;
  return value instanceof GoInt ? value.value : undefined;
}

/**
 * Returns whether both are the same, dynamic types included (Go `reflect.DeepEqual`): a number never equals a Go int, an
 * `items()` array never a plain one, and NaN never itself. Each pair visited takes a step, and texts, elements and keys
 * take bytes; when either run out the answer is false and the budget is below zero.
 */
export function deepEqual(left: Value, right: Value, budget: Budget): boolean {
  return isSame(left, right, budget, 0);
}

/** Returns the name of the value's Go kind, as error texts have it: `invalid` (null), `bool`, `float64`, `slice`, … */
export function goTypeName(value: Value): string {
  if (value === null) return "invalid";
  if (typeof value === "string") return "string";
  if (typeof value === "number") return "float64";
  if (typeof value === "boolean") return "bool";
  if (isGoValue(value)) return value.kind;
  return isPlainArray(value) ? "slice" : "map";
}

function isSame(left: Value, right: Value, budget: Budget, depth: number): boolean {
  if (typeof left === "string") return typeof right === "string" && sameText(left, right, budget);
  // Go never calls two functions equal, not even one with itself.
  if (left === right) return !(left instanceof ExpressionReference);
  if (typeof left !== "object" || typeof right !== "object") return false;
  if (left === null || right === null) return false;
  if (--budget.stepsLeft < 0 || depth > MAX_COMPARE_DEPTH) {
    budget.stepsLeft = -1;
    return false;
  }
  if (isPlainArray(left)) return isPlainArray(right) && areSame(left, right, budget, depth + 1);
  if (isPlainObject(left)) return isPlainObject(right) && haveSame(left, right, budget, depth + 1);
  return isSameGoValue(left, right, budget, depth + 1);
}

function sameText(left: string, right: string, budget: Budget): boolean {
  return left.length === right.length && !charge(budget, left.length) && left === right;
}

function isSameGoValue(left: Value, right: Value, budget: Budget, depth: number): boolean {
  if (left instanceof GoInt) {
    return right instanceof GoInt && left.kind === right.kind && left.value === right.value;
  }
  if (left instanceof ItemsArray && right instanceof ItemsArray) {
    const isSameType = left.typeName === right.typeName && left.isNil === right.isNil;
    return isSameType && areSame(left.items, right.items, budget, depth);
  }
  if (left instanceof GoStruct && right instanceof GoStruct) {
    const isSameType = left.typeName === right.typeName;
    return isSameType && isSame(left.toJson(), right.toJson(), budget, depth);
  }
  return false;
}

function areSame(left: ValueArray, right: ValueArray, budget: Budget, depth: number): boolean {
  if (left.length !== right.length) return false;
  budget.stepsLeft -= left.length;
  if (chargeElements(budget, left.length) !== undefined) return false;
  for (let i = 0; i < left.length; i++) {
    if (!isSame(left[i] ?? null, right[i] ?? null, budget, depth)) return false;
  }
  return true;
}

function haveSame(left: ValueObject, right: ValueObject, budget: Budget, depth: number): boolean {
  const keys = Object.keys(left);
  const count = Object.keys(right).length;
  budget.stepsLeft -= keys.length;
  if (chargeKeys(budget, keys.length + count) !== undefined || keys.length !== count) return false;
  return keys.every(
    (key) =>
      Object.hasOwn(right, key) && isSame(left[key] ?? null, right[key] ?? null, budget, depth),
  );
}

/** Structs never count as false; typed maps do when empty, pointers when nil. */
function isEmptyStruct(value: GoStruct): boolean {
  if (value.kind === "ptr") return value.toJson() === null;
  const members = value.members();
  return members !== undefined && isEmpty(members);
}

/**
 * Objects that were found to have members: the engine lists all keys of a large one before it hands out the first,
 * and an expression may ask as often as it likes. Nothing is taken out of a value again.
 */
const filled = new WeakSet<ValueObject>();

function isEmpty(object: ValueObject): boolean {
  if (filled.has(object)) return false;
  for (const key in object) {
    if (!Object.hasOwn(object, key)) continue;
    filled.add(object);
    return false;
  }
  return true;
}
