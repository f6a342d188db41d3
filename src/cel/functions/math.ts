import { spend } from "../../model/step-limit.ts";
import { listType } from "../types/type.ts";
import { noSuchOverload, valueError } from "../values/errors.ts";
import { compareNumbers, isNumeric, toInt } from "../values/numbers.ts";
import { type CelResult, CelUint, type CelValue, isList } from "../values/value.ts";
import { type CelFunction, define, type Typed, types } from "./define.ts";

const { bool, int, uint, double, dyn } = types;
const numeric = [int, uint, double] as const;

/** Returns the greatest (sign 1) or least (sign -1) of numbers of any types. */
function extreme(values: readonly CelValue[], sign: 1 | -1, name: string): CelResult {
  let best: CelValue | undefined;
  for (const value of values) {
    if (!isNumeric(value)) return noSuchOverload(name);
    if (best === undefined) {
      best = value;
      continue;
    }
    if (!isNumeric(best)) return noSuchOverload(name);
    const order = compareNumbers(value, best);
    if (order === undefined) return valueError("NaN values cannot be ordered");
    if (order * sign > 0) best = value;
  }
  return best === undefined ? valueError(`${name}(list) argument must not be empty`) : best;
}

/** `math.greatest` and `math.least`; calls of more than two arguments reach them as a list. */
function extremes(name: string, sign: 1 | -1): readonly CelFunction[] {
  const list: Typed<readonly CelValue[]> = { type: listType(dyn.type), is: isList };
  return [
    ...numeric.map((type) => define(name, [type], type, (_, value) => value)),
    ...numeric.flatMap((left) =>
      numeric.map((right) =>
        define(name, [left, right], left === right ? left : dyn, (_, a, b) =>
          extreme([a, b], sign, name),
        ),
      ),
    ),
    ...numeric.map((type) =>
      define(name, [{ ...list, type: listType(type.type) }], type, (frame, values) => {
        const exceeded = spend(frame.budget, values.length);
        return exceeded ?? extreme(values, sign, name);
      }),
    ),
  ];
}

/** Rounds half away from zero, as Go does. */
function round(value: number): number {
  const whole = Math.trunc(value);
  return Math.abs(value - whole) >= 0.5 ? whole + Math.sign(value) : whole;
}

const roundings: readonly (readonly [string, (value: number) => number])[] = [
  ["math.ceil", Math.ceil],
  ["math.floor", Math.floor],
  ["math.round", round],
  ["math.trunc", Math.trunc],
];

const tests: readonly (readonly [string, (value: number) => boolean])[] = [
  ["math.isNaN", Number.isNaN],
  ["math.isInf", (value) => Math.abs(value) === Infinity],
  ["math.isFinite", Number.isFinite],
];

const bitwise: readonly (readonly [string, (a: bigint, b: bigint) => bigint])[] = [
  ["math.bitAnd", (a, b) => a & b],
  ["math.bitOr", (a, b) => a | b],
  ["math.bitXor", (a, b) => a ^ b],
];

function shiftLeft(value: bigint, count: bigint): bigint {
  return count >= 64n ? 0n : value << count;
}

/** Shifts the 64 bits of a value as an unsigned number: zeros come in from the left. */
function shiftRight(value: bigint, count: bigint): bigint {
  return count >= 64n ? 0n : BigInt.asUintN(64, value) >> count;
}

function shifts(
  name: string,
  shift: (value: bigint, count: bigint) => bigint,
): readonly CelFunction[] {
  const negative = valueError(`${name} negative offset`);
  return [
    define(name, [int, int], int, (_, value, count) =>
      count < 0n ? negative : BigInt.asIntN(64, shift(value, count)),
    ),
    define(name, [uint, int], uint, (_, { value }, count) =>
      count < 0n ? negative : new CelUint(BigInt.asUintN(64, shift(value, count))),
    ),
  ];
}

/** The math extension of cel-go. */
export const mathFunctions: readonly CelFunction[] = [
  ...extremes("math.greatest", 1),
  ...extremes("math.least", -1),
  ...roundings.map(([name, apply]) => define(name, [double], double, (_, value) => apply(value))),
  ...tests.map(([name, test]) => define(name, [double], bool, (_, value) => test(value))),
  define("math.abs", [double], double, (_, value) => Math.abs(value)),
  define("math.abs", [int], int, (_, value) => toInt(value < 0n ? -value : value)),
  define("math.abs", [uint], uint, (_, value) => value),
  define("math.sign", [double], double, (_, value) => (value === 0 ? 0 : Math.sign(value))),
  define("math.sign", [int], int, (_, value) => (value < 0n ? -1n : value > 0n ? 1n : 0n)),
  define("math.sign", [uint], uint, (_, { value }) => new CelUint(value > 0n ? 1n : 0n)),
  define("math.sqrt", [double], double, (_, value) => Math.sqrt(value)),
  define("math.sqrt", [int], double, (_, value) => Math.sqrt(Number(value))),
  define("math.sqrt", [uint], double, (_, { value }) => Math.sqrt(Number(value))),
  ...bitwise.flatMap(([name, apply]) => [
    define(name, [int, int], int, (_, left, right) => apply(left, right)),
    define(
      name,
      [uint, uint],
      uint,
      (_, left, right) => new CelUint(apply(left.value, right.value)),
    ),
  ]),
  define("math.bitNot", [int], int, (_, value) => ~value),
  define("math.bitNot", [uint], uint, (_, { value }) => new CelUint(BigInt.asUintN(64, ~value))),
  ...shifts("math.bitShiftLeft", shiftLeft),
  ...shifts("math.bitShiftRight", shiftRight),
];
