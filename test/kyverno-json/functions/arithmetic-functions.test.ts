import assert from "node:assert/strict";
import { test } from "node:test";
import { GoInt, ItemsArray, type Value } from "../../../src/go-values/value.ts";
import { arithmeticFunctions } from "../../../src/kyverno-json/functions/arithmetic-functions.ts";
import { callFunction, createBudget } from "./call-function.ts";

function call(name: string, args: readonly Value[]): ReturnType<typeof callFunction> {
  return callFunction(arithmeticFunctions, name, args);
}

// The wanted values and texts are those of Go's resource.Quantity, inf.Dec and time.Duration.
const cases = [
  { name: "add", args: ["1Gi", "1G"], want: "2073741824" },
  { name: "add", args: ["1G", "1Gi"], want: "2073741824" },
  { name: "subtract", args: ["1Ki", "2Ki"], want: "-1Ki" },
  { name: "add", args: ["1.5", "0"], want: "1500m" },
  { name: "add", args: [".", "1"], want: "1" },
  { name: "add", args: ["n", "1"], want: "1" },
  { name: "add", args: ["m", "-"], want: "0" },
  { name: "add", args: ["000Ki", "7"], want: "7" },
  { name: "add", args: ["e3", "1"], want: "1" },
  { name: "add", args: ["1e4294967299", "1"], want: "1001" },
  { name: "add", args: ["1e400", "0"], want: "10e399" },
  { name: "add", args: ["0", "1e21"], want: "1e21" },
  { name: "add", args: ["1", "1e21"], want: "1000000000000000000001" },
  { name: "add", args: ["500E", "500E"], want: "1" },
  { name: "add", args: ["8Ei", "8Ei"], want: "18446744073709551614" },
  { name: "add", args: ["-8Ei", "-1"], want: "-8Ei" },
  { name: "add", args: ["0.1Ki", "0"], want: "102400m" },
  { name: "add", args: ["0.5Mi", "0"], want: "512Ki" },
  { name: "add", args: ["0.0000000001", "0"], want: "1n" },
  { name: "subtract", args: ["-0.00000000123", "0"], want: "-2n" },
  { name: "add", args: ["1000000000000000000000", "0"], want: "1" },
  { name: "add", args: ["12345678901234567890", "0"], want: "12345678901234567890" },
  { name: "add", args: ["1.10", "0"], want: "1100m" },
  { name: "add", args: ["1E3", "+5"], want: "1005" },
  { name: "add", args: ["1µs", "1μs"], want: "2µs" },
  { name: "add", args: ["90s", "1h"], want: "1h1m30s" },
  { name: "add", args: ["10m", "20m"], want: "30m" },
  { name: "add", args: ["-9223372036854775808ns", "-1ns"], want: "2562047h47m16.854775807s" },
  { name: "add", args: ["2562047h47m16.854775807s", "1ns"], want: "-2562047h47m16.854775808s" },
  { name: "add", args: ["0.000000000000000000000000000001h", "0s"], want: "0s" },
  { name: "add", args: ["1h0.3333333333333333333333h", "0s"], want: "1h20m0s" },
  { name: "subtract", args: ["1s", "1.5s"], want: "-500ms" },
  { name: "subtract", args: ["0", "1Ki"], want: "-1Ki" },
  { name: "multiply", args: ["1Ki", 0.5], want: "512" },
  { name: "multiply", args: ["10Ki", 2], want: "20Ki" },
  { name: "multiply", args: [2, "1h"], want: "2h0m0s" },
  { name: "multiply", args: ["1.5Gi", 1], want: "1536Mi" },
  { name: "multiply", args: ["1k", 5e-324], want: "1u" },
  { name: "multiply", args: ["7E", 1000], want: "7" },
  { name: "multiply", args: ["1n", 0.5], want: "500" },
  { name: "multiply", args: ["1Ki", 1e21], want: "953674316406250Gi" },
  { name: "multiply", args: ["1e1", 1e21], want: "10e21" },
  { name: "multiply", args: ["1h", 1e300], want: "-2562047h47m16.854775808s" },
  { name: "divide", args: ["1M", 1000000], want: "0" },
  { name: "divide", args: ["1M", 1000], want: "1k" },
  { name: "divide", args: ["1", 3], want: "0" },
  { name: "divide", args: ["1.0", 3], want: "300m" },
  { name: "divide", args: ["1", "3"], want: 0.3333333333333333 },
  { name: "divide", args: ["1h", "30s"], want: 120 },
  { name: "divide", args: ["10m", 3], want: "3m" },
  { name: "divide", args: ["1", 1e-300], want: "1G" },
  { name: "divide", args: ["1e3", 3], want: "333" },
  { name: "divide", args: ["1.50", 7], want: "210m" },
  { name: "divide", args: ["-7", 2], want: "-3" },
  { name: "divide", args: ["+5", "2E"], want: 2.5e-18 },
  { name: "divide", args: ["1h", 7], want: "8m34.285714285s" },
  { name: "modulo", args: ["1e3", "7"], want: "6" },
  { name: "modulo", args: ["-7", "3"], want: "-1" },
  { name: "modulo", args: ["7", "-3"], want: "1" },
  { name: "modulo", args: ["12Ki", "5Ki"], want: "2Ki" },
  { name: "modulo", args: ["4h", "1h30m"], want: "1h0m0s" },
  { name: "modulo", args: [-7, 3], want: -1 },
  { name: "modulo", args: [9007199254740992, 2], want: 0 },
  { name: "sum", args: [["1Gi", "512Mi"]], want: "1536Mi" },
  { name: "sum", args: [["1", "2"]], want: "3" },
  { name: "sum", args: [[null]], want: null },
  { name: "sum", args: [[1, 2, 3.5]], want: 6.5 },
  { name: "sum", args: [["500E", "500E", "1"]], want: "2" },
  { name: "round", args: [2.5, 0], want: 3 },
  { name: "round", args: [-2.5, 0], want: -3 },
  { name: "round", args: [1.005, 2], want: 1 },
  { name: "round", args: [9.414675, 2], want: 9.41 },
  { name: "round", args: [0.49999999999999994, 0], want: 0 },
  { name: "round", args: [-0.3, 0], want: -0 },
  { name: "round", args: [1.5, 400], want: Number.NaN },
];

for (const { name, args, want } of cases) {
  test(`${name}(${JSON.stringify(args)}) is ${want}`, () => {
    assert.deepEqual(call(name, args), want);
  });
}

const faults = [
  { name: "add", args: ["Ei", "1"], want: "invalid operand" },
  { name: "add", args: ["1e", "1"], want: "invalid operand" },
  { name: "add", args: ["5m", "1h"], want: "Types mismatch" },
  { name: "add", args: ["10", 5], want: "Types mismatch" },
  { name: "multiply", args: ["2", "3"], want: "Types mismatch" },
  { name: "multiply", args: ["1h", "1h"], want: "Types mismatch" },
  { name: "divide", args: [1, "1"], want: "Types mismatch" },
  { name: "divide", args: [1, 0], want: "Zero divisor passed" },
  { name: "divide", args: ["1", "0"], want: "Zero divisor passed" },
  { name: "divide", args: ["1s", "0s"], want: "Zero divisor passed" },
  { name: "divide", args: ["1s", 0], want: "Zero divisor passed" },
  { name: "modulo", args: ["4h", "90m"], want: "Types mismatch" },
  { name: "modulo", args: ["4", "0"], want: "Zero divisor passed" },
  { name: "modulo", args: ["4s", "0s"], want: "Zero divisor passed" },
  { name: "modulo", args: ["4", 2], want: "Types mismatch" },
  { name: "add", args: ["", "1"], want: "invalid operand" },
  { name: "add", args: [null, 1], want: "invalid operand" },
  { name: "add", args: [new GoInt(1), 1], want: "invalid operand" },
  { name: "modulo", args: ["10m", "1"], want: "Non-integer argument(s) passed for modulo" },
  { name: "modulo", args: [1.5, 1], want: "Non-integer argument(s) passed for modulo" },
  { name: "modulo", args: [2 ** 63, 2], want: "Non-integer argument(s) passed for modulo" },
  { name: "sum", args: [[]], want: "at least one element in the array is required" },
  { name: "sum", args: [new ItemsArray([])], want: "Types mismatch" },
  { name: "sum", args: [[1, "2"]], want: "Types mismatch" },
  { name: "round", args: [1, 0.5], want: "Non-integer argument(s) passed for round off" },
  { name: "round", args: [1, 1e300], want: "Non-integer argument(s) passed for round off" },
  { name: "round", args: [1, -1], want: "%!d(MISSING) argument is out of bounds (%!d(MISSING))" },
];
const valueFaults = /^(Zero|Non-integer|at least|%!d)/;

for (const { name, args, want } of faults) {
  test(`${name}(${JSON.stringify(args)}) errs: ${want}`, () => {
    const code = valueFaults.test(want) ? "EVALUATION_VALUE" : "EVALUATION_TYPE";
    const message = `JMESPath function '${name}': ${want}`;
    assert.deepEqual(call(name, args), { code, message });
  });
}

test("a scalar that is no finite number is no quantity", () => {
  const message =
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
  assert.deepEqual(call("multiply", ["1", Number.NaN]), { code: "EVALUATION_VALUE", message });
  assert.deepEqual(call("divide", ["1", Infinity]), { code: "EVALUATION_VALUE", message });
});

test("numbers that would take gigabytes are refused, harmless ones are computed", () => {
  const code = "EVALUATION_SIZE_LIMIT";
  const message = "a quantity has more than 4096 digits";
  assert.deepEqual(call("add", ["1e999999999", "1"]), { code, message });
  assert.deepEqual(call("add", ["9".repeat(20_000), "1"]), { code, message });
  assert.deepEqual(call("divide", ["1e999999999", 3]), { code, message });
  assert.equal(call("add", ["1e999999999", "1e999999999"]), "2e999999999");
  assert.equal(call("add", ["0", "1e-999999999"]), "1e-9");
  assert.equal(call("divide", ["1", "1e999999999"]), 0);
});

test("long operands cost steps", () => {
  const budget = createBudget({ maxSteps: 100 });
  const result = callFunction(arithmeticFunctions, "add", ["x".repeat(100_000), "1"], budget);
  assert.ok(result instanceof Object && "code" in result);
  assert.equal(result.code, "EVALUATION_STEP_LIMIT");
});
