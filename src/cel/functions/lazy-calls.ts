import { isEvaluationError } from "../../model/evaluation-error.ts";
import { noSuchOverload } from "../values/errors.ts";
import { CelOptional } from "../values/value.ts";
import type { Evaluate } from "./frame.ts";

/** Calls that evaluate an argument only when it is needed, by name, target first. */
export const lazyCalls: ReadonlyMap<string, (args: readonly Evaluate[]) => Evaluate | undefined> =
  new Map([
    ["or", (args) => alternative(args, "or", false)],
    ["orValue", (args) => alternative(args, "orValue", true)],
  ]);

/** `optional.or(other)` and `optional.orValue(value)`: the other is evaluated where the optional has no value. */
function alternative(
  [optional, other]: readonly Evaluate[],
  name: string,
  unwrap: boolean,
): Evaluate | undefined {
  if (optional === undefined || other === undefined) return undefined;
  return (frame) => {
    const value = optional(frame);
    if (isEvaluationError(value)) return value;
    if (!(value instanceof CelOptional)) return noSuchOverload(name);
    if (value.value === undefined) return other(frame);
    return unwrap ? value.value : value;
  };
}
