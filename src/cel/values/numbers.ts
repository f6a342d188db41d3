import { EvaluationError } from "../../model/evaluation-error.ts";
import { type CelResult, CelUint, type CelValue } from "./value.ts";

/** A number of any of the three types. */
export type CelNumber = bigint | number | CelUint;

const minInt = -(2n ** 63n);
const maxInt = 2n ** 63n - 1n;
const maxUint = 2n ** 64n - 1n;

const overflow = {
  int: new EvaluationError("EVALUATION_VALUE", "integer overflow"),
  uint: new EvaluationError("EVALUATION_VALUE", "unsigned integer overflow"),
};
const divisionByZero = new EvaluationError("EVALUATION_VALUE", "division by zero");
const modulusByZero = new EvaluationError("EVALUATION_VALUE", "modulus by zero");

/** Returns whether the value is a number. */
export function isNumeric(value: CelValue): value is CelNumber {
  return typeof value === "bigint" || typeof value === "number" || value instanceof CelUint;
}

/** Returns the int, or the error that tells that it does not fit into 64 bits. */
export function toInt(value: bigint): bigint | EvaluationError {
  return value < minInt || value > maxInt ? overflow.int : value;
}

/** Returns the unsigned int, or the error that tells that it does not fit into 64 bits. */
export function toUint(value: bigint): CelUint | EvaluationError {
  return value < 0n || value > maxUint ? overflow.uint : new CelUint(value);
}

/**
 * Returns the order of two numbers of any types, or undefined when one of them is NaN. Beside a double an int counts as the
 * nearest double, as in the original.
 */
export function compareNumbers(a: CelNumber, b: CelNumber): number | undefined {
  const left = a instanceof CelUint ? a.value : a;
  const right = b instanceof CelUint ? b.value : b;
  if (Number.isNaN(left) || Number.isNaN(right)) return undefined;
  if (typeof left === typeof right) return order(left, right);
  return order(Number(left), Number(right));
}

function order(left: bigint | number, right: bigint | number): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The arithmetic operators, by their names in the language definition. */
export type Arithmetic = "_+_" | "_-_" | "_*_" | "_/_" | "_%_";

/** Returns the result of an operator on two ints. */
export function computeInts(operator: Arithmetic, a: bigint, b: bigint): CelResult {
  switch (operator) {
    case "_+_":
      return toInt(a + b);
    case "_-_":
      return toInt(a - b);
    case "_*_":
      return toInt(a * b);
    case "_/_":
      return b === 0n ? divisionByZero : toInt(a / b);
    case "_%_":
      if (b === 0n) return modulusByZero;
      // The original takes the remainder by a division that overflows.
      return a === minInt && b === -1n ? overflow.int : a % b;
  }
}

/** Returns the result of an operator on two unsigned ints. */
export function computeUints(operator: Arithmetic, a: CelUint, b: CelUint): CelResult {
  switch (operator) {
    case "_+_":
      return toUint(a.value + b.value);
    case "_-_":
      return toUint(a.value - b.value);
    case "_*_":
      return toUint(a.value * b.value);
    case "_/_":
      return b.value === 0n ? divisionByZero : toUint(a.value / b.value);
    case "_%_":
      return b.value === 0n ? modulusByZero : toUint(a.value % b.value);
  }
}

/** Returns the result of an operator on two doubles, or undefined for `%`, which doubles do not have. */
export function computeDoubles(operator: Arithmetic, a: number, b: number): number | undefined {
  switch (operator) {
    case "_+_":
      return a + b;
    case "_-_":
      return a - b;
    case "_*_":
      return a * b;
    case "_/_":
      return a / b;
    case "_%_":
      return undefined;
  }
}
