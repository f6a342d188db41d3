import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  ExpressionReference,
  GoInt,
  ItemsArray,
  type Result,
  type Value,
} from "../../src/go-values/value.ts";
import { compileExpression } from "../../src/jmespath/compile/compile.ts";
import { EvaluationError } from "../../src/model/evaluation-error.ts";
import { defaultEvaluationLimits } from "../../src/model/limits.ts";
import { expressionOf } from "./arbitrary-expression.ts";
import { inheritedNames, jsonDocument, variables } from "./arbitrary-value.ts";
import { comparable } from "./compare-with-reference.ts";
import { allFunctions, freshBudget, scopeWith } from "./engine-table.ts";
import { runProperty } from "./run-property.ts";

const expression = expressionOf([...allFunctions.values()]);

function evaluate(text: string, current: Value, bound: ReadonlyMap<string, Value>): Result {
  const { evaluate: run } = compileExpression(text, allFunctions, defaultEvaluationLimits);
  return run(current, scopeWith(bound, freshBudget()));
}

const plainPrototypes: readonly unknown[] = [Object.prototype, Array.prototype, null];
const engineClasses = [EvaluationError, ExpressionReference, GoInt, ItemsArray];

/** Fails for what no expression may get hold of: functions, symbols, undefined, accessors, objects of other kinds. */
function assertData(value: unknown): void {
  if (value === null || ["boolean", "number", "string"].includes(typeof value)) return;
  assert.ok(typeof value === "object", `a ${typeof value}`);
  if (value instanceof ItemsArray) for (const item of value.items) assertData(item);
  if (engineClasses.some((engineClass) => value instanceof engineClass)) return;
  assert.ok(plainPrototypes.includes(Object.getPrototypeOf(value)), "an object of another kind");
  for (const [key, property] of Object.entries(Object.getOwnPropertyDescriptors(value))) {
    if (Array.isArray(value) && key === "length") continue;
    assert.ok(property.enumerable === true && property.get === undefined, `accessor ${key}`);
    assertData(property.value);
  }
}

test("no expression gives anything but data", () => {
  runProperty(
    fc.property(expression, jsonDocument, variables, (text, current, bound) => {
      assertData(evaluate(text, current, bound));
    }),
    2_000,
  );
});

/** Names that documents have or have not, so that expressions often ask in vain. */
const missing = ["a", "b", "c", "x", "items", "name", "é", "", "v", "i"];

const everyObject: object = Object.prototype;

/** What the body gives while every object inherits these names. */
function inheriting<T>(body: () => T): T {
  for (const name of missing) {
    const value = `inherited ${name}`;
    Object.defineProperty(everyObject, name, { value, writable: true, configurable: true });
  }
  try {
    return body();
  } finally {
    for (const name of missing) Reflect.deleteProperty(everyObject, name);
  }
}

test("what objects inherit makes no difference", () => {
  runProperty(
    fc.property(expression, jsonDocument, variables, (text, current, bound) => {
      const usual = evaluate(text, current, bound);
      const inherited = inheriting(() => evaluate(text, current, bound));
      assert.deepEqual(comparable(inherited), comparable(usual));
    }),
    2_000,
  );
});

test("inherited names are absent, own ones are there, whatever they are called", () => {
  const name = fc.constantFrom(...inheritedNames);
  runProperty(
    fc.property(name, jsonDocument, name, (asked, value, other) => {
      const quoted = JSON.stringify(asked);
      const none = new Map<string, Value>();
      const wanted = asked === other ? value : null;
      assert.deepEqual(evaluate(quoted, Object.fromEntries([[other, value]]), none), wanted);
      assert.equal(evaluate(quoted, [value], none), null);
      assert.equal(evaluate(quoted, other, none), null);
      assert.deepEqual(evaluate(`{${quoted}: @}.${quoted}`, value, none), value);
      assert.deepEqual(evaluate(`merge({${quoted}: @}).${quoted}`, value, none), value);
      assert.deepEqual(evaluate(`from_items([['${asked}', @]]).${quoted}`, value, none), value);
      assert.deepEqual(evaluate(`items({${quoted}: @}, 'k', 'v')[0].v`, value, none), value);
    }),
    500,
  );
});
