import { isEvaluationError } from "../../model/evaluation-error.ts";
import {
  addQuantities,
  approximateQuantity,
  negateQuantity,
  parseQuantity,
  type Quantity,
  quantityFormatMessage,
} from "../../values/quantity.ts";
import { type CelFunction, define, defineMethod, opaqueOf, types } from "../functions/define.ts";
import { valueError } from "../values/errors.ts";
import { CelOpaque, type CelResult } from "../values/value.ts";

const { bool, double, int, string } = types;

/** An amount with a unit (`kubernetes.Quantity`). */
class CelQuantity extends CelOpaque {
  override readonly typeName = "kubernetes.Quantity";
  readonly quantity: Quantity;

  constructor(value: Quantity) {
    super();
    this.quantity = value;
  }

  override equals(other: CelOpaque): boolean {
    return other instanceof CelQuantity && compare(this.quantity, other.quantity) === 0;
  }
}

const quantity = opaqueOf("kubernetes.Quantity", CelQuantity);

function compare(left: Quantity, right: Quantity): number {
  const scale = Math.max(left.scale, right.scale);
  const [a, b] = [scaled(left, scale), scaled(right, scale)];
  return a < b ? -1 : Number(a > b);
}

function scaled({ unscaled, scale }: Quantity, wanted: number): bigint {
  return unscaled * 10n ** BigInt(wanted - scale);
}

/** The whole number within 64 bits that the quantity is, or undefined. */
function toInt({ unscaled, scale }: Quantity): bigint | undefined {
  const factor = 10n ** BigInt(Math.abs(scale));
  if (scale > 0 && unscaled % factor !== 0n) return undefined;
  const value = scale > 0 ? unscaled / factor : unscaled * factor;
  return value === BigInt.asIntN(64, value) ? value : undefined;
}

function fromInt(value: bigint): Quantity | undefined {
  const parsed = parseQuantity(String(value));
  return isEvaluationError(parsed) ? undefined : parsed;
}

function add(left: Quantity, right: Quantity | undefined): CelResult {
  if (right === undefined) return valueError("the sum is no quantity");
  const sum = addQuantities(left, right);
  return isEvaluationError(sum) ? sum : new CelQuantity(sum);
}

function negated(value: bigint): Quantity | undefined {
  const parsed = fromInt(value);
  return parsed && negateQuantity(parsed);
}

/** The functions of quantities. */
export const quantityFunctions: readonly CelFunction[] = [
  define("quantity", [string], quantity, (_, text) => {
    const parsed = parseQuantity(text);
    if (parsed === undefined) return valueError(quantityFormatMessage);
    return isEvaluationError(parsed) ? parsed : new CelQuantity(parsed);
  }),
  define("isQuantity", [string], bool, (_, text) => {
    const parsed = parseQuantity(text);
    return parsed !== undefined && !isEvaluationError(parsed);
  }),
  // The original declares it as a function alone.
  define("sign", [quantity], int, (_, { quantity: { unscaled } }) =>
    unscaled < 0n ? -1n : BigInt(unscaled > 0n),
  ),
  defineMethod("isInteger", [quantity], bool, (_, value) => toInt(value.quantity) !== undefined),
  defineMethod(
    "asInteger",
    [quantity],
    int,
    (_, value) => toInt(value.quantity) ?? valueError("cannot convert value to integer"),
  ),
  defineMethod("asApproximateFloat", [quantity], double, (_, value) =>
    approximateQuantity(value.quantity),
  ),
  defineMethod("add", [quantity, quantity], quantity, (_, left, right) =>
    add(left.quantity, right.quantity),
  ),
  defineMethod("add", [quantity, int], quantity, (_, left, right) =>
    add(left.quantity, fromInt(right)),
  ),
  defineMethod("sub", [quantity, quantity], quantity, (_, left, right) =>
    add(left.quantity, negateQuantity(right.quantity)),
  ),
  defineMethod("sub", [quantity, int], quantity, (_, left, right) =>
    add(left.quantity, negated(right)),
  ),
  defineMethod(
    "isGreaterThan",
    [quantity, quantity],
    bool,
    (_, left, right) => compare(left.quantity, right.quantity) > 0,
  ),
  defineMethod(
    "isLessThan",
    [quantity, quantity],
    bool,
    (_, left, right) => compare(left.quantity, right.quantity) < 0,
  ),
  defineMethod("compareTo", [quantity, quantity], int, (_, left, right) =>
    BigInt(compare(left.quantity, right.quantity)),
  ),
];
