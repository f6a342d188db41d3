import { formatGoNumber, formatGoSyntax, quoteGoString } from "../../src/go-values/go-format.ts";
import { goStringToBytes } from "../../src/go-values/go-string.ts";
import {
  ExpressionReference,
  GoInt,
  GoStruct,
  ItemsArray,
  type Value,
  type ValueObject,
} from "../../src/go-values/value.ts";
import { EvaluationError } from "../../src/model/evaluation-error.ts";

/**
 * The meaning of values in the original engine, for the reference interpreter: plain and
 * slow, and apart from the engine's own so that one can be held against the other. Go structs are left out.
 */

/** An evaluation error on its way out of the reference interpreter. */
export class Raised extends Error {
  readonly error: EvaluationError;

  constructor(code: EvaluationError["code"], message: string) {
    super(message);
    this.error = new EvaluationError(code, message);
  }
}

/** Returns the array's elements, be it a plain one or that of `items()`; undefined for anything else. */
export function listOf(value: Value): readonly Value[] | undefined {
  if (value instanceof ItemsArray) return value.items;
  return Array.isArray(value) ? value : undefined;
}

/** Returns the object's entries in the order of their keys' bytes; undefined for what is no object. */
export function entriesOf(value: Value): readonly (readonly [string, Value])[] | undefined {
  if (!isObject(value)) return undefined;
  return Object.entries(value).toSorted(([left], [right]) =>
    Buffer.compare(goStringToBytes(left), goStringToBytes(right)),
  );
}

function isObject(value: Value): value is ValueObject {
  return kindOf(value) === "map";
}

/** Returns the value of the object's field; null where there is none, or no object. */
export function fieldOf(value: Value, name: string): Value {
  const entry = entriesOf(value)?.find(([key]) => key === name);
  return entry?.[1] ?? null;
}

/** Returns the number, Go ints converted; undefined for anything else. */
export function numberOf(value: Value): number | undefined {
  if (value instanceof GoInt) return value.value;
  return typeof value === "number" ? value : undefined;
}

/** Returns whether the value is one of null, false, `""`, `[]` and `{}`. */
export function isFalsy(value: Value): boolean {
  const isEmpty = (listOf(value) ?? entriesOf(value))?.length === 0;
  return isEmpty || value === null || value === false || value === "";
}

/** Returns Go's name for the kind of value. */
export function kindOf(value: Value): string {
  if (value === null) return "invalid";
  if (value instanceof GoInt) return "int";
  if (value instanceof ExpressionReference) return "func";
  if (value instanceof GoStruct) throw new Error("the reference knows no Go structs");
  if (listOf(value) !== undefined) return "slice";
  if (typeof value === "string") return "string";
  if (typeof value === "boolean") return "bool";
  return typeof value === "number" ? "float64" : "map";
}

/** Returns deep equality, dynamic types included. */
export function isSame(left: Value, right: Value): boolean {
  if (kindOf(left) !== kindOf(right) || kindOf(left) === "func") return false;
  if (left instanceof GoInt || right instanceof GoInt) return numberOf(left) === numberOf(right);
  if (left instanceof ItemsArray !== right instanceof ItemsArray) return false;
  const [items, otherItems] = [listOf(left), listOf(right)];
  if (items !== undefined && otherItems !== undefined) {
    return (
      items.length === otherItems.length &&
      items.every((item, index) => isSame(item, otherItems[index] ?? null))
    );
  }
  const [entries, otherEntries] = [entriesOf(left), entriesOf(right)];
  if (entries === undefined || otherEntries === undefined) return left === right;
  return (
    entries.length === otherEntries.length &&
    entries.every(([key, item], index) => {
      const [otherKey, otherItem] = otherEntries[index] ?? ["", null];
      return key === otherKey && isSame(item, otherItem);
    })
  );
}

/** Returns whether the actual value is as expected; raises where the two cannot be compared. */
export function isExpected(expected: Value, actual: Value): boolean {
  const items = listOf(expected);
  if (items !== undefined) {
    const found = listOf(actual);
    if (found === undefined) return raiseUnmatched("slice", actual);
    const matches = (item: Value, index: number) => isExpected(item, found[index] ?? null);
    return items.length === found.length && items.every(matches);
  }
  const entries = entriesOf(expected);
  if (entries !== undefined) {
    const found = entriesOf(actual);
    if (found === undefined) return raiseUnmatched("map", actual);
    return entries.every(([key, item]) => {
      const entry = found.find(([other]) => other === key);
      return entry !== undefined && isExpected(item, entry[1]);
    });
  }
  return isExpectedScalar(expected, actual);
}

function isExpectedScalar(expected: Value, actual: Value): boolean {
  if (expected === null || actual === null) return expected === actual;
  const [wanted, found] = [numberOf(expected), numberOf(actual)];
  if (wanted !== undefined && found !== undefined) return wanted === found;
  const [kind, actualKind] = [kindOf(expected), kindOf(actual)];
  if (kind === actualKind) return kind !== "func" && expected === actual;
  throw new Raised("EVALUATION_TYPE", `types are not comparable, ${kind} - ${actualKind}`);
}

function raiseUnmatched(wanted: string, actual: Value): never {
  const message = `invalid actual value, must be a ${wanted}, found ${kindOf(actual)}`;
  throw new Raised("EVALUATION_TYPE", message);
}

/** Returns how field errors print the value that was found, or else expected. */
export function printValue(value: Value, role: "found" | "expected"): string {
  if (value === null) return role === "found" ? '"null"' : "<nil>";
  if (typeof value === "string") return quoteGoString(value);
  return typeof value === "number" ? formatGoNumber(value) : formatGoSyntax(value);
}
