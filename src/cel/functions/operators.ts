import type { EvaluationError } from "../../model/evaluation-error.ts";
import { charge } from "../../model/step-limit.ts";
import { areEqual, compareValues } from "../values/equality.ts";
import { noSuchOverload, valueError } from "../values/errors.ts";
import {
  type Arithmetic,
  computeDoubles,
  computeInts,
  computeUints,
  toInt,
} from "../values/numbers.ts";
import { sizeOf } from "../values/size-of.ts";
import { addDurations, addToTimestamp, subtractTimestamps } from "../values/time-arithmetic.ts";
import type { CelResult, CelValue } from "../values/value.ts";
import {
  anyOf,
  type CelFunction,
  define,
  listOf,
  mapOf,
  optionalOf,
  type Typed,
  types,
} from "./define.ts";
import type { Frame } from "./frame.ts";
import { element as elementAt, member, optionalMember } from "./members.ts";

const { bool, int, uint, double, string, bytes, timestamp, duration, dyn } = types;
const a = anyOf("A");
const b = anyOf("B");

function arithmetic(name: Arithmetic): readonly CelFunction[] {
  const numbers = [
    define(name, [int, int], int, (_, left, right) => computeInts(name, left, right)),
    define(name, [uint, uint], uint, (_, left, right) => computeUints(name, left, right)),
  ];
  if (name === "_%_") return numbers;
  return [
    ...numbers,
    define(
      name,
      [double, double],
      double,
      (_, left, right) => computeDoubles(name, left, right) ?? noSuchOverload(name),
    ),
  ];
}

/** Charges for a text or list that is built of two others. */
function join<T>(frame: Frame, bytesRead: number, build: () => T): T | EvaluationError {
  return charge(frame.budget, bytesRead) ?? build();
}

const additions: readonly CelFunction[] = [
  define("_+_", [string, string], string, (frame, left, right) =>
    join(frame, left.length + right.length, () => left + right),
  ),
  define("_+_", [bytes, bytes], bytes, (frame, left, right) =>
    join(frame, left.length + right.length, () => new Uint8Array(Buffer.concat([left, right]))),
  ),
  define("_+_", [listOf(a), listOf(a)], listOf(a), (frame, left, right) =>
    join(frame, 16 * (left.length + right.length), () => [...left, ...right]),
  ),
  define("_+_", [timestamp, duration], timestamp, (_, left, right) =>
    addToTimestamp(left, right.nanos),
  ),
  define("_+_", [duration, timestamp], timestamp, (_, left, right) =>
    addToTimestamp(right, left.nanos),
  ),
  define("_+_", [duration, duration], duration, (_, left, right) =>
    addDurations(left.nanos, right.nanos),
  ),
  define("_-_", [timestamp, timestamp], duration, (_, left, right) =>
    subtractTimestamps(left, right),
  ),
  define("_-_", [timestamp, duration], timestamp, (_, left, right) =>
    addToTimestamp(left, -right.nanos),
  ),
  define("_-_", [duration, duration], duration, (_, left, right) =>
    addDurations(left.nanos, -right.nanos),
  ),
];

const comparisons: readonly (readonly [string, (order: number) => boolean])[] = [
  ["_<_", (order) => order < 0],
  ["_<=_", (order) => order <= 0],
  ["_>_", (order) => order > 0],
  ["_>=_", (order) => order >= 0],
];

const numeric: readonly Typed<CelValue>[] = [int, uint, double];
const ordered: readonly Typed<CelValue>[] = [bool, string, bytes, timestamp, duration];

function comparison(name: string, holds: (order: number) => boolean): readonly CelFunction[] {
  const compare = (frame: Frame, left: CelValue, right: CelValue): CelResult => {
    const unpaid = charge(frame.budget, Math.min(sizeOf(left), sizeOf(right)));
    if (unpaid !== undefined) return unpaid;
    const order = compareValues(left, right);
    if (order !== undefined) return holds(order);
    // Numbers are only without order when one is NaN.
    return typeof left === "number" || typeof right === "number"
      ? valueError("NaN values cannot be ordered")
      : noSuchOverload(name);
  };
  const pairs = [
    ...ordered.map((type) => [type, type] as const),
    ...numeric.flatMap((left) => numeric.map((right) => [left, right] as const)),
  ];
  return pairs.map((pair) => define(name, pair, bool, compare));
}

const equality: readonly CelFunction[] = [
  define("_==_", [a, a], bool, (_, left, right) => areEqual(left, right)),
  define("_!=_", [a, a], bool, (_, left, right) => !areEqual(left, right)),
];

const membership: readonly CelFunction[] = [
  define("@in", [a, listOf(a)], bool, (frame, value, list) => {
    for (const element of list) {
      const unpaid = charge(frame.budget, 16 + Math.min(sizeOf(value), sizeOf(element)));
      if (unpaid !== undefined) return unpaid;
      if (areEqual(value, element)) return true;
    }
    return false;
  }),
  define("@in", [a, mapOf(a, b)], bool, (_, key, map) => map.has(key)),
];

const signs: readonly CelFunction[] = [
  define("!_", [bool], bool, (_, value) => !value),
  define("-_", [double], double, (_, value) => -value),
  define("-_", [int], int, (_, value) => toInt(-value)),
];

/** An index into a list: an int, or through dyn any whole number. */
const place: Typed<CelValue> = { type: int.type, is: dyn.is };

const indexes: readonly CelFunction[] = [
  define("_[_]", [listOf(a), place], a, (_, list, at) => elementAt(list, at)),
  define("_[_]", [mapOf(a, b), a], b, (_, map, key) => member(map, key)),
  define("_[_]", [optionalOf(listOf(a)), place], optionalOf(a), (_, list, at) =>
    optionalMember(list, at),
  ),
  define("_[_]", [optionalOf(mapOf(a, b)), a], optionalOf(b), (_, map, key) =>
    optionalMember(map, key),
  ),
  define("_[?_]", [listOf(a), place], optionalOf(a), (_, list, at) => optionalMember(list, at)),
  define("_[?_]", [mapOf(a, b), a], optionalOf(b), (_, map, key) => optionalMember(map, key)),
  define("_[?_]", [optionalOf(listOf(a)), place], optionalOf(a), (_, list, at) =>
    optionalMember(list, at),
  ),
  define("_[?_]", [optionalOf(mapOf(a, b)), a], optionalOf(b), (_, map, key) =>
    optionalMember(map, key),
  ),
];

/** The operators, as the language definition names them. */
export const operators: readonly CelFunction[] = [
  ...(["_+_", "_-_", "_*_", "_/_", "_%_"] as const).flatMap(arithmetic),
  ...additions,
  ...comparisons.flatMap(([name, holds]) => comparison(name, holds)),
  ...equality,
  ...membership,
  ...signs,
  ...indexes,
];
