import { CelMap } from "./map.ts";
import { CelMessage } from "./message.ts";
import { compareNumbers, isNumeric } from "./numbers.ts";
import {
  CelDuration,
  type CelList,
  CelOpaque,
  CelOptional,
  CelTimestamp,
  CelTypeValue,
  type CelValue,
  isList,
} from "./value.ts";

/**
 * Returns whether two values are equal: numbers by value whatever their types, NaN never, other types only with their own.
 * Nested values are compared to their end, which the caller's budget has to bound.
 */
export function areEqual(a: CelValue, b: CelValue): boolean {
  if (typeof a === "string" || typeof a === "boolean" || a === null) return a === b;
  if (isNumeric(a)) return isNumeric(b) && compareNumbers(a, b) === 0;
  if (a instanceof Uint8Array) return b instanceof Uint8Array && Buffer.compare(a, b) === 0;
  if (isList(a)) return isList(b) && areListsEqual(a, b);
  if (a instanceof CelMap) return b instanceof CelMap && areMapsEqual(a, b);
  if (a instanceof CelMessage) return b instanceof CelMessage && areMessagesEqual(a, b);
  return areObjectsEqual(a, b);
}

function areObjectsEqual(
  a: CelTimestamp | CelDuration | CelTypeValue | CelOptional | CelOpaque,
  b: CelValue,
): boolean {
  if (a instanceof CelTimestamp) return b instanceof CelTimestamp && a.nanos === b.nanos;
  if (a instanceof CelDuration) return b instanceof CelDuration && a.nanos === b.nanos;
  if (a instanceof CelTypeValue) return b instanceof CelTypeValue && a.name === b.name;
  if (a instanceof CelOpaque) {
    return b instanceof CelOpaque && a.typeName === b.typeName && a.equals(b);
  }
  if (!(b instanceof CelOptional)) return false;
  if (a.value === undefined || b.value === undefined) return a.value === b.value;
  return areEqual(a.value, b.value);
}

function areListsEqual(a: CelList, b: CelList): boolean {
  return (
    a.length === b.length &&
    a.every((element, index) => {
      const other = b[index];
      return other !== undefined && areEqual(element, other);
    })
  );
}

function areMapsEqual(a: CelMap, b: CelMap): boolean {
  if (a.size !== b.size) return false;
  for (const [key, value] of a.entries()) {
    const other = b.get(key);
    if (other === undefined || !areEqual(value, other)) return false;
  }
  return true;
}

function areMessagesEqual(a: CelMessage, b: CelMessage): boolean {
  if (a.typeName !== b.typeName) return false;
  const fields = new Map(a.setFields());
  const others = new Map(b.setFields());
  if (fields.size !== others.size) return false;
  for (const [name, value] of fields) {
    const other = others.get(name);
    if (other === undefined || !areEqual(value, other)) return false;
  }
  return true;
}

/** Returns the order of two values of one ordered type, or of two numbers; undefined where there is none. */
export function compareValues(a: CelValue, b: CelValue): number | undefined {
  if (typeof a === "string") return typeof b === "string" ? compareTexts(a, b) : undefined;
  if (isNumeric(a)) return isNumeric(b) ? compareNumbers(a, b) : undefined;
  if (typeof a === "boolean") return typeof b === "boolean" ? Number(a) - Number(b) : undefined;
  if (a instanceof Uint8Array) return b instanceof Uint8Array ? Buffer.compare(a, b) : undefined;
  if (a instanceof CelTimestamp && b instanceof CelTimestamp) return order(a.nanos, b.nanos);
  if (a instanceof CelDuration && b instanceof CelDuration) return order(a.nanos, b.nanos);
  return undefined;
}

function order(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Returns the order of two texts by code points, which differs from that of UTF-16 code units behind U+D800. */
function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left === right) continue;
    // A surrogate stands for a code point above all others.
    const isLeftHigh = left >= 0xd800 && left <= 0xdfff;
    const isRightHigh = right >= 0xd800 && right <= 0xdfff;
    if (isLeftHigh !== isRightHigh) return isLeftHigh ? 1 : -1;
    return left - right;
  }
  return a.length - b.length;
}
