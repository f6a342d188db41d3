import type { EvaluationError } from "../../model/evaluation-error.ts";
import { charge } from "../../model/step-limit.ts";
import { areEqual, compareValues } from "../values/equality.ts";
import { noSuchOverload, valueError } from "../values/errors.ts";
import { sizeOf } from "../values/size-of.ts";
import { type CelList, type CelResult, type CelValue, isList } from "../values/value.ts";
import {
  anyOf,
  type CelFunction,
  define,
  defineMethod,
  listOf,
  type Typed,
  types,
} from "./define.ts";
import type { Frame } from "./frame.ts";

const { bool, int, uint, double, string, bytes, timestamp, duration } = types;
const a = anyOf("T");
const list = listOf(a);

/** Types whose values have an order. */
const sortable: readonly Typed<CelValue>[] = [
  int,
  uint,
  double,
  bool,
  duration,
  timestamp,
  string,
  bytes,
];

/** Charges for going through a list so many times. */
function going(frame: Frame, elements: CelList, times: number): EvaluationError | undefined {
  return charge(frame.budget, times * sizeOf(elements));
}

function slice(elements: CelList, start: bigint, end: bigint): CelResult {
  if (start < 0n || end < 0n) return valueError("negative indexes are not supported");
  if (start > end) return valueError("start index must not be behind the end index");
  if (end > BigInt(elements.length)) return valueError("index out of range");
  return elements.slice(Number(start), Number(end));
}

function flatten(elements: CelList, depth: bigint): CelResult {
  if (depth < 0n) return valueError("level must be non-negative");
  const levels = depth > 1_000n ? 1_000 : Number(depth);
  return flattenTo(elements, levels);
}

function flattenTo(elements: CelList, depth: number): CelList {
  if (depth === 0) return elements;
  return elements.flatMap((element) =>
    isList(element) ? flattenTo(element, depth - 1) : [element],
  );
}

/** Returns the values in the order of their keys, equal ones as they came; keys are all of one type. */
function sortByKeys(values: CelList, keys: CelList): CelResult {
  const [first] = keys;
  if (first === undefined) return [];
  const isOrdered = keys.every(
    (key) => typeof key === typeof first && compareValues(key, key) !== undefined,
  );
  const pairs = values.map((value, index) => ({ value, key: keys[index] ?? null }));
  let mixed = !isOrdered && keys.length > 1;
  const sorted = pairs.toSorted((left, right) => {
    const order = compareValues(left.key, right.key);
    mixed ||= order === undefined;
    return order ?? 0;
  });
  if (mixed) return valueError("list elements must have the same type");
  return sorted.map(({ value }) => value);
}

function distinct(frame: Frame, elements: CelList): CelResult {
  const found: CelValue[] = [];
  const texts = new Set<string>();
  for (const element of elements) {
    if (typeof element === "string") {
      if (texts.has(element)) continue;
      texts.add(element);
    } else {
      const unpaid = charge(frame.budget, found.length * 16);
      if (unpaid !== undefined) return unpaid;
      if (found.some((other) => areEqual(other, element))) continue;
    }
    found.push(element);
  }
  return found;
}

const maxRange = 1_000_000n;

function range(frame: Frame, count: bigint): CelResult {
  if (count <= 0n) return [];
  const unpaid = charge(frame.budget, 16 * Number(count));
  if (unpaid !== undefined) return unpaid;
  if (count > maxRange) return valueError("the range is too long");
  return Array.from({ length: Number(count) }, (_, index) => BigInt(index));
}

function sorting(
  name: string,
  build: (frame: Frame, elements: CelList) => CelResult,
): readonly CelFunction[] {
  return sortable.map((type) => defineMethod(name, [listOf(type)], listOf(type), build));
}

/** Returns the first of the elements that no other comes before in the order, or why there is none. */
function extreme(elements: CelList, sign: 1 | -1, name: string): CelResult {
  let best: CelValue | undefined;
  for (const element of elements) {
    const order = best === undefined ? -1 : compareValues(element, best);
    if (order === undefined) return noSuchOverload(name);
    if (best === undefined || order * sign < 0) best = element;
  }
  return best === undefined ? valueError(`${name} called on empty list`) : best;
}

/** The lists extension of cel-go; `sortBy` is known to the compiler. */
export const listFunctions: readonly CelFunction[] = [
  defineMethod("slice", [list, int, int], list, (frame, elements, start, end) => {
    const unpaid = charge(frame.budget, 16 * elements.length);
    return unpaid ?? slice(elements, start, end);
  }),
  defineMethod("flatten", [listOf({ type: list.type })], list, (frame, elements) => {
    const unpaid = going(frame, elements, 2);
    return unpaid ?? flatten(elements, 1n);
  }),
  defineMethod("flatten", [listOf(types.dyn), int], listOf(types.dyn), (frame, elements, depth) => {
    const unpaid = going(frame, elements, 2);
    return unpaid ?? flatten(elements, depth);
  }),
  defineMethod("reverse", [list], list, (frame, elements) => {
    const unpaid = charge(frame.budget, 16 * elements.length);
    return unpaid ?? elements.toReversed();
  }),
  defineMethod("distinct", [list], list, (frame, elements) => {
    const unpaid = going(frame, elements, 1);
    return unpaid ?? distinct(frame, elements);
  }),
  define("lists.range", [int], listOf(int), range),
  ...sorting("sort", (frame, elements) => {
    const rounds = Math.ceil(Math.log2(elements.length + 2));
    const unpaid = going(frame, elements, rounds);
    return unpaid ?? sortByKeys(elements, elements);
  }),
  // The macro `sortBy` calls it with the key of each element.
  ...sortable.map((type) =>
    define("@sortByKeys", [list, listOf(type)], list, (frame, elements, keys) => {
      const rounds = Math.ceil(Math.log2(elements.length + 2));
      return going(frame, elements, rounds) ?? sortByKeys(elements, keys);
    }),
  ),
];

/** The lists library of Kubernetes. */
export const kubernetesLists: readonly CelFunction[] = [
  ...sortable.map((type) =>
    defineMethod("isSorted", [listOf(type)], bool, (frame, elements) => {
      const unpaid = going(frame, elements, 1);
      if (unpaid !== undefined) return unpaid;
      for (const [index, element] of elements.entries()) {
        const next = elements[index + 1];
        const order = next === undefined ? -1 : compareValues(element, next);
        if (order === undefined) return noSuchOverload("isSorted");
        if (order > 0) return false;
      }
      return true;
    }),
  ),
  ...sortable.flatMap((type) => [
    defineMethod("min", [listOf(type)], type, (frame, elements) => {
      const unpaid = going(frame, elements, 1);
      return unpaid ?? extreme(elements, 1, "min");
    }),
    defineMethod("max", [listOf(type)], type, (frame, elements) => {
      const unpaid = going(frame, elements, 1);
      return unpaid ?? extreme(elements, -1, "max");
    }),
  ]),
  ...(["indexOf", "lastIndexOf"] as const).map((name) =>
    defineMethod(name, [list, a], int, (frame, elements, wanted) => {
      const unpaid = going(frame, elements, 1);
      if (unpaid !== undefined) return unpaid;
      const isWanted = (element: CelValue): boolean => areEqual(element, wanted);
      const index =
        name === "indexOf" ? elements.findIndex(isWanted) : elements.findLastIndex(isWanted);
      return BigInt(index);
    }),
  ),
];
