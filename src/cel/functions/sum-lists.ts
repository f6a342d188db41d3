import { isEvaluationError } from "../../model/evaluation-error.ts";
import { spend } from "../../model/step-limit.ts";
import { noSuchOverload } from "../values/errors.ts";
import { computeDoubles, computeInts, computeUints } from "../values/numbers.ts";
import { addDurations } from "../values/time-arithmetic.ts";
import { CelDuration, type CelResult, CelUint, type CelValue } from "../values/value.ts";
import { type CelFunction, defineMethod, listOf, type Typed, types } from "./define.ts";

/** Types with a sum, each with its zero. */
const zeros: readonly (readonly [Typed<CelValue>, CelValue])[] = [
  [types.int, 0n],
  [types.uint, new CelUint(0n)],
  [types.double, 0],
  [types.duration, new CelDuration(0n)],
];

function add(a: CelValue, b: CelValue): CelResult {
  if (typeof a === "bigint" && typeof b === "bigint") return computeInts("_+_", a, b);
  if (typeof a === "number" && typeof b === "number") return computeDoubles("_+_", a, b) ?? 0;
  if (a instanceof CelUint && b instanceof CelUint) return computeUints("_+_", a, b);
  if (a instanceof CelDuration && b instanceof CelDuration) return addDurations(a.nanos, b.nanos);
  return noSuchOverload("sum");
}

/** `sum` of the Kubernetes lists library: that of an empty list is the zero of its type. */
export const listSums: readonly CelFunction[] = zeros.map(([type, zero]) =>
  defineMethod("sum", [listOf(type)], type, (frame, elements) => {
    const exceeded = spend(frame.budget, elements.length);
    if (exceeded !== undefined) return exceeded;
    let sum: CelValue = zero;
    for (const [index, element] of elements.entries()) {
      const next: CelResult = index === 0 ? element : add(sum, element);
      if (isEvaluationError(next)) return next;
      sum = next;
    }
    return sum;
  }),
);
