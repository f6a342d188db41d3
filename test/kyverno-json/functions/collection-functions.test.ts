import assert from "node:assert/strict";
import { test } from "node:test";
import { GoInt, ItemsArray, type Value } from "../../../src/go-values/value.ts";
import { collectionFunctions } from "../../../src/kyverno-json/functions/collection-functions.ts";
import { callFunction, createBudget } from "./call-function.ts";

/** A Go integer of another kind than int. */
class GoInt64 extends GoInt {
  override get kind(): string {
    return "int64";
  }
}

/** An object with one own key, whatever it is called. */
function object(key: string, value: Value): Value {
  return JSON.parse(`{${JSON.stringify(key)}:${JSON.stringify(value)}}`);
}

const cases = [
  { name: "at", args: [["x", "y"], new GoInt(1)], want: "y" },
  { name: "at", args: [["x"], new GoInt(0)], want: "x" },
  { name: "lookup", args: [{ a: "x" }, "a"], want: "x" },
  { name: "lookup", args: [{ a: "x" }, "b"], want: null },
  { name: "lookup", args: [{ a: "x" }, "constructor"], want: null },
  { name: "lookup", args: [{ a: "x" }, "__proto__"], want: null },
  { name: "lookup", args: [object("__proto__", 1), "__proto__"], want: 1 },
  { name: "lookup", args: [["a", "b"], 1], want: "b" },
  { name: "lookup", args: [["a"], 1], want: null },
  { name: "lookup", args: [["a"], -1], want: null },
  { name: "lookup", args: [["a"], -0], want: "a" },
  { name: "lookup", args: [["a"], -(2 ** 63)], want: null },
  {
    name: "items",
    args: [{ b: 1, a: 2 }, "k", "v"],
    want: new ItemsArray([
      { k: "a", v: 2 },
      { k: "b", v: 1 },
    ]),
  },
  { name: "items", args: [["x"], "i", "v"], want: new ItemsArray([{ i: 0, v: "x" }]) },
  { name: "items", args: [{ a: 1 }, "k", "k"], want: new ItemsArray([{ k: 1 }]) },
  { name: "items", args: [{}, "k", "v"], want: new ItemsArray([]) },
  {
    name: "object_from_lists",
    args: [
      [true, 1.5, "x", new GoInt(7)],
      ["a", "b"],
    ],
    want: { true: "a", "1.5": "b", x: null, "7": null },
  },
  { name: "object_from_lists", args: [[16777217], ["x"]], want: { "16777216": "x" } },
  {
    name: "object_from_lists",
    args: [
      ["a", "a"],
      [1, 2, 3],
    ],
    want: { a: 2 },
  },
  { name: "object_from_lists", args: [["__proto__"], [1]], want: object("__proto__", 1) },
  { name: "label_match", args: [{}, {}], want: true },
  { name: "label_match", args: [{ a: 1 }, { a: 1, b: 2 }], want: true },
  { name: "label_match", args: [{ a: 1 }, { a: "1" }], want: false },
  { name: "label_match", args: [{ a: null }, { a: null }], want: true },
  { name: "label_match", args: [{ a: null }, {}], want: false },
  { name: "label_match", args: [object("constructor", null), {}], want: false },
  { name: "label_match", args: [{ a: 0 }, { a: -0 }], want: true },
  { name: "label_match", args: [{ a: Number.NaN }, { a: Number.NaN }], want: false },
  { name: "label_match", args: [{ a: [1] }, { a: {} }], want: false },
  { name: "label_match", args: [{ a: [1] }, { a: "x" }], want: false },
  { name: "label_match", args: [{ a: "x" }, { a: [1] }], want: false },
  { name: "label_match", args: [{ a: new GoInt(1) }, { a: new GoInt(1) }], want: true },
  { name: "label_match", args: [{ a: new GoInt(1) }, { a: 1 }], want: false },
  { name: "label_match", args: [{ a: new GoInt(1) }, { a: new GoInt64(1) }], want: false },
];

test("collection functions", async (t) => {
  for (const [i, { name, args, want }] of cases.entries()) {
    await t.test(`${i}: ${name}`, () => {
      assert.deepEqual(callFunction(collectionFunctions, name, args), want);
    });
  }
});

const typed = new ItemsArray([{ k: 1 }]);
const errorCases = [
  {
    name: "at",
    args: [["x"], 0],
    code: "EVALUATION_TYPE",
    message: "invalid type, second argument must be an int",
  },
  {
    name: "at",
    args: [["x"], new GoInt64(0)],
    code: "EVALUATION_TYPE",
    message: "invalid type, second argument must be an int",
  },
  {
    name: "at",
    args: [typed, new GoInt(0)],
    code: "EVALUATION_TYPE",
    message: "invalid type, first argument must be an array",
  },
  {
    name: "at",
    args: [["x"], new GoInt(1)],
    code: "EVALUATION_PANIC",
    message: "runtime error: index out of range [1] with length 1",
  },
  {
    name: "at",
    args: [["x"], new GoInt(-1)],
    code: "EVALUATION_PANIC",
    message: "runtime error: index out of range [-1]",
  },
  {
    name: "lookup",
    args: [{ a: 1 }, 0],
    code: "EVALUATION_TYPE",
    message: "JMESPath function 'lookup': argument #2 is not of type String",
  },
  {
    name: "lookup",
    args: [["a"], "0"],
    code: "EVALUATION_TYPE",
    message: "JMESPath function 'lookup': argument #2 is not of type Number",
  },
  {
    name: "lookup",
    args: [typed, 0],
    code: "EVALUATION_TYPE",
    message: "JMESPath function 'lookup': argument #1 is not of type Object or Array",
  },
  {
    name: "lookup",
    args: [["a"], 0.5],
    code: "EVALUATION_VALUE",
    message: "JMESPath function 'lookup': argument #2: expected an integer number but got: 0.5",
  },
  {
    name: "lookup",
    args: [["a"], 2 ** 63],
    code: "EVALUATION_VALUE",
    message:
      "JMESPath function 'lookup': argument #2: number is outside the range of integer numbers: 9.223372036854776e+18",
  },
  {
    name: "items",
    args: [typed, "k", "v"],
    code: "EVALUATION_TYPE",
    message: "JMESPath function 'items': argument #1 is not of type Object or Array",
  },
  {
    name: "object_from_lists",
    args: [typed, []],
    code: "EVALUATION_TYPE",
    message: "JMESPath function 'object_from_lists': argument #1 is not of type Array",
  },
  {
    name: "object_from_lists",
    args: [[], typed],
    code: "EVALUATION_TYPE",
    message: "JMESPath function 'object_from_lists': argument #2 is not of type Array",
  },
  {
    name: "object_from_lists",
    args: [[null], ["x"]],
    code: "EVALUATION_TYPE",
    message: "JMESPath function 'object_from_lists': argument #1 is not of type StringArray",
  },
  {
    name: "label_match",
    args: [{ a: ["x"] }, { a: ["x"] }],
    code: "EVALUATION_PANIC",
    message: "runtime error: comparing uncomparable type []interface {}",
  },
  {
    name: "label_match",
    args: [{ a: {} }, { a: {} }],
    code: "EVALUATION_PANIC",
    message: "runtime error: comparing uncomparable type map[string]interface {}",
  },
  {
    name: "label_match",
    args: [{ a: typed }, { a: typed }],
    code: "EVALUATION_PANIC",
    message: "runtime error: comparing uncomparable type []map[string]interface {}",
  },
];

test("collection functions that cannot answer", async (t) => {
  for (const [i, { name, args, code, message }] of errorCases.entries()) {
    await t.test(`${i}: ${name}`, () => {
      assert.deepEqual(callFunction(collectionFunctions, name, args), { code, message });
    });
  }
});

const large = Array.from({ length: 1_000 }, (_, i) => `k${i}`);
const largeObject = Object.fromEntries(large.map((key) => [key, key]));
const largeCases = [
  { name: "items", args: [large, "k", "v"] },
  { name: "items", args: [largeObject, "k", "v"] },
  { name: "object_from_lists", args: [large, large] },
  { name: "label_match", args: [largeObject, largeObject] },
];

test("collections take a step an element", async (t) => {
  for (const [i, { name, args }] of largeCases.entries()) {
    await t.test(`${i}: ${name}`, () => {
      const result = callFunction(collectionFunctions, name, args, createBudget({ maxSteps: 999 }));
      assert.equal(Object(result).code, "EVALUATION_STEP_LIMIT");
    });
  }
});
