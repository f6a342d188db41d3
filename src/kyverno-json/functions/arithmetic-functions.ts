import { formatGoNumber } from "../../go-values/go-format.ts";
import type { Result, Value } from "../../go-values/value.ts";
import type { FunctionRow, Parameter } from "../../jmespath/functions/function-table.ts";
import type { Budget } from "../../model/budget.ts";
import { EvaluationError } from "../../model/evaluation-error.ts";
import { chargeElements, spend } from "../../model/step-limit.ts";
import {
  addQuantities,
  approximateQuantity,
  divideQuantity,
  formatQuantity,
  multiplyQuantity,
  negateQuantity,
  parseQuantity,
  type Quantity,
  quantityFormatMessage,
} from "../../values/quantity.ts";
import { roundToDecimals } from "../../values/round-number.ts";
import { spendPass } from "../../values/step-cost.ts";
import {
  durationSeconds,
  formatDuration,
  parseDuration,
  toInt64,
} from "../../values/time/duration.ts";
import { functionError } from "./function-error.ts";
import { numberArgument } from "./typed-argument.ts";

/** An operand: a number, or text that is a quantity or else a duration (so `5m` is 0.005). */
type Operand =
  | { readonly kind: "scalar"; readonly value: number }
  | { readonly kind: "quantity"; readonly value: Quantity }
  | { readonly kind: "duration"; readonly value: bigint };

/** What exact arithmetic costs beyond reading the text, as characters of a plain pass. */
const CHARACTERS_PER_OPERAND = 128;
/** What a character of an operand costs, in plain passes: it may be read one by one, as a quantity and as a duration. */
const PASSES = 256;

const anything: Parameter = { types: ["any"] };
const number: Parameter = { types: ["number"] };

/**
 * The functions `add subtract multiply divide modulo sum round` over numbers, Kubernetes quantities
 * and Go durations, with the original's error texts.
 */
export const arithmeticFunctions: readonly FunctionRow[] = [
  operation("add", add),
  operation("subtract", subtract),
  operation("multiply", multiply),
  operation("divide", divide),
  operation("modulo", modulo),
  {
    name: "sum",
    parameters: [{ types: ["array"] }],
    body: ([elements = null], budget) => sum(elements, budget),
  },
  {
    name: "round",
    parameters: [number, number],
    body: ([value, decimals]) => round(numberArgument(value), numberArgument(decimals)),
  },
];

type Operation = (left: Operand, right: Operand, name: string) => Result;

function operation(name: string, compute: Operation): FunctionRow {
  return {
    name,
    parameters: [anything, anything],
    body: ([left = null, right = null], budget) =>
      applyOperation({ name, compute }, left, right, budget),
  };
}

function applyOperation(
  { name, compute }: { readonly name: string; readonly compute: Operation },
  left: Value,
  right: Value,
  budget: Budget,
): Result {
  const leftOperand = classify(left, name, budget);
  if (leftOperand instanceof EvaluationError) return leftOperand;
  const rightOperand = classify(right, name, budget);
  if (rightOperand instanceof EvaluationError) return rightOperand;
  return compute(leftOperand, rightOperand, name);
}

function classify(value: Value, name: string, budget: Budget): Operand | EvaluationError {
  if (typeof value === "number") return { kind: "scalar", value };
  if (typeof value !== "string") return typeFault(name, "invalid operand");
  const spent = spendPass(budget, CHARACTERS_PER_OPERAND + value.length * PASSES);
  if (spent !== undefined) return spent;
  const quantity = parseQuantity(value);
  if (quantity instanceof EvaluationError) return quantity;
  if (quantity !== undefined) return { kind: "quantity", value: quantity };
  const duration = parseDuration(value);
  if (typeof duration === "bigint") return { kind: "duration", value: duration };
  return typeFault(name, "invalid operand");
}

function typeFault(name: string, problem: string): EvaluationError {
  return new EvaluationError("EVALUATION_TYPE", `JMESPath function '${name}': ${problem}`);
}

function mismatch(name: string): EvaluationError {
  return typeFault(name, "Types mismatch");
}

function zeroDivisor(name: string): EvaluationError {
  return functionError(name, "Zero divisor passed");
}

function quantityText(quantity: Quantity | EvaluationError): Result {
  return quantity instanceof EvaluationError ? quantity : formatQuantity(quantity);
}

function durationText(nanoseconds: bigint): string {
  return formatDuration(BigInt.asIntN(64, nanoseconds));
}

function add(left: Operand, right: Operand, name: string): Result {
  if (left.kind === "quantity" && right.kind === "quantity") {
    return quantityText(addQuantities(left.value, right.value));
  }
  if (left.kind === "duration" && right.kind === "duration") {
    return durationText(left.value + right.value);
  }
  if (left.kind === "scalar" && right.kind === "scalar") return left.value + right.value;
  return mismatch(name);
}

function subtract(left: Operand, right: Operand, name: string): Result {
  if (left.kind === "quantity" && right.kind === "quantity") {
    return quantityText(addQuantities(left.value, negateQuantity(right.value)));
  }
  if (left.kind === "duration" && right.kind === "duration") {
    return durationText(left.value - right.value);
  }
  if (left.kind === "scalar" && right.kind === "scalar") return left.value - right.value;
  return mismatch(name);
}

function multiply(left: Operand, right: Operand, name: string): Result {
  if (left.kind === "scalar") {
    if (right.kind === "scalar") return left.value * right.value;
    return multiply(right, left, name);
  }
  if (right.kind !== "scalar") return mismatch(name);
  if (left.kind === "duration") return scaledDuration(durationSeconds(left.value) * right.value);
  const factor = quantityOfNumber(right.value);
  if (factor instanceof EvaluationError) return factor;
  return formatQuantity(multiplyQuantity(left.value, factor));
}

function divide(left: Operand, right: Operand, name: string): Result {
  if (left.kind === "scalar") {
    if (right.kind !== "scalar") return mismatch(name);
    return right.value === 0 ? zeroDivisor(name) : left.value / right.value;
  }
  if (right.kind === "scalar") {
    if (right.value === 0) return zeroDivisor(name);
    return divideByNumber(left, right.value);
  }
  if (left.kind !== right.kind) return mismatch(name);
  const divisor = approximate(right);
  return divisor === 0 ? zeroDivisor(name) : approximate(left) / divisor;
}

function divideByNumber(left: Exclude<Operand, { kind: "scalar" }>, divisor: number): Result {
  if (left.kind === "duration") return scaledDuration(durationSeconds(left.value) / divisor);
  const quantity = quantityOfNumber(divisor);
  if (quantity instanceof EvaluationError) return quantity;
  return quantityText(divideQuantity(left.value, quantity));
}

function approximate(operand: Operand): number {
  if (operand.kind === "quantity") return approximateQuantity(operand.value);
  return operand.kind === "duration" ? durationSeconds(operand.value) : operand.value;
}

function scaledDuration(seconds: number): string {
  return formatDuration(toInt64(seconds * 1e9));
}

/** The number as the quantity its Go text stands for; NaN and infinities have none. */
function quantityOfNumber(value: number): Quantity | EvaluationError {
  const quantity = parseQuantity(formatGoNumber(value));
  return quantity ?? new EvaluationError("EVALUATION_VALUE", quantityFormatMessage);
}

function modulo(left: Operand, right: Operand, name: string): Result {
  if (left.kind !== right.kind) return mismatch(name);
  if (left.kind === "duration" && right.kind === "duration") {
    return right.value === 0n ? zeroDivisor(name) : durationText(left.value % right.value);
  }
  const dividend = toExactInt64(approximate(left));
  const divisor = toExactInt64(approximate(right));
  if (dividend === undefined || divisor === undefined) {
    return functionError(name, "Non-integer argument(s) passed for modulo");
  }
  if (divisor === 0n) return zeroDivisor(name);
  const remainder = dividend % divisor;
  if (left.kind !== "quantity") return Number(remainder);
  return formatQuantity({ unscaled: remainder, scale: 0, format: left.value.format });
}

/** The integer that the double is, or undefined when it is none or does not fit into 64 bits. */
function toExactInt64(value: number): bigint | undefined {
  const integer = toInt64(value);
  return Number(integer) === value ? integer : undefined;
}

function sum(elements: Value, budget: Budget): Result {
  // The typed array of `items()` is no list of operands.
  if (!Array.isArray(elements)) return mismatch("sum");
  const refusal = chargeElements(budget, elements.length);
  if (refusal !== undefined) return refusal;
  const [first, ...rest]: readonly Value[] = elements;
  if (first === undefined) {
    return functionError("sum", "at least one element in the array is required");
  }
  let total: Result = first;
  for (const element of rest) {
    const spent = spend(budget, 1);
    if (spent !== undefined) return spent;
    total = applyOperation({ name: "sum", compute: add }, total, element, budget);
    if (total instanceof EvaluationError) return total;
  }
  return total;
}

function round(value: number, decimals: number): Result {
  const places = toExactInt64(decimals);
  if (places === undefined) {
    return functionError("round", "Non-integer argument(s) passed for round off");
  }
  if (places < 0n) {
    // The original leaves both placeholders unfilled.
    return functionError("round", "%!d(MISSING) argument is out of bounds (%!d(MISSING))");
  }
  return roundToDecimals(value, Number(places));
}
