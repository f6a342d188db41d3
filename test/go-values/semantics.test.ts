import assert from "node:assert/strict";
import { test } from "node:test";
import {
  deepEqual,
  elementsOf,
  fieldOf,
  goTypeName,
  isFalsy,
  isPlainObject,
  numberOf,
} from "../../src/go-values/semantics.ts";
import {
  ExpressionReference,
  GoInt,
  GoStruct,
  ItemsArray,
  type Value,
  type ValueObject,
} from "../../src/go-values/value.ts";
import { budgetOf } from "../jmespath/evaluate.ts";

class Named extends GoStruct {
  readonly typeName = "test.Named";
  override readonly kind: string;
  readonly #held: ValueObject | undefined;

  constructor(kind: string, held?: ValueObject) {
    super();
    this.kind = kind;
    this.#held = held;
  }

  field(name: string): Value {
    return name === "known" ? 1 : null;
  }

  toJson(): Value {
    return this.#held ?? null;
  }

  override members(): ValueObject | undefined {
    return this.kind === "map" ? (this.#held ?? {}) : undefined;
  }
}

test("each value has its kind, its number, its elements and its truth", () => {
  const reference = new ExpressionReference(() => null);
  const cases = [
    { value: null, kind: "invalid", falsy: true },
    { value: false, kind: "bool", falsy: true },
    { value: true, kind: "bool", falsy: false },
    { value: 0, kind: "float64", falsy: false, number: 0 },
    { value: new GoInt(0), kind: "int", falsy: false, number: 0 },
    { value: "", kind: "string", falsy: true },
    { value: "0", kind: "string", falsy: false },
    { value: [], kind: "slice", falsy: true, elements: [] },
    { value: [null], kind: "slice", falsy: false, elements: [null] },
    { value: new ItemsArray([]), kind: "slice", falsy: true, elements: [] },
    { value: {}, kind: "map", falsy: true },
    { value: { a: null }, kind: "map", falsy: false },
    { value: reference, kind: "func", falsy: false },
    { value: new Named("struct"), kind: "struct", falsy: false },
    { value: new Named("ptr"), kind: "ptr", falsy: true },
    { value: new Named("ptr", {}), kind: "ptr", falsy: false },
    { value: new Named("map"), kind: "map", falsy: true },
    { value: new Named("map", { a: 1 }), kind: "map", falsy: false },
  ];
  for (const { value, kind, falsy, number, elements } of cases) {
    assert.equal(goTypeName(value), kind);
    assert.equal(isFalsy(value), falsy, kind);
    assert.equal(numberOf(value), number, kind);
    assert.deepEqual(elementsOf(value), elements, kind);
  }
});

test("only plain objects are plain", () => {
  assert.equal(isPlainObject({}), true);
  const withoutPrototype: Value = Object.create(null);
  assert.equal(isPlainObject(withoutPrototype), true);
  for (const value of [null, "x", [], new GoInt(1), new ItemsArray([]), new Named("struct")]) {
    assert.equal(isPlainObject(value), false);
  }
});

test("fields are own properties of objects, or what a struct knows", () => {
  assert.equal(fieldOf({ a: 1 }, "a"), 1);
  assert.equal(fieldOf(new Named("struct"), "known"), 1);
  assert.equal(fieldOf(new Named("struct"), "typeName"), null);
  assert.equal(fieldOf(new GoInt(1), "value"), null);
  assert.equal(fieldOf(new ItemsArray([]), "items"), null);
  assert.equal(fieldOf([1], "length"), null);
  assert.equal(fieldOf("x", "length"), null);
});

test("equality of structs and of what is shared", () => {
  const nan = [Number.NaN];
  const cases = [
    { left: new Named("map", { a: 1 }), right: new Named("map", { a: 1 }), want: true },
    { left: new Named("map", { a: 1 }), right: new Named("map", { a: 2 }), want: false },
    { left: new Named("map"), right: null, want: false },
    { left: nan, right: nan, want: true },
    { left: nan, right: [Number.NaN], want: false },
    { left: 0, right: -0, want: true },
    { left: new ItemsArray([], "a"), right: new ItemsArray([], "b"), want: false },
    { left: new ItemsArray([], "a"), right: new ItemsArray([], "a", true), want: false },
  ];
  for (const { left, right, want } of cases) assert.equal(deepEqual(left, right, budgetOf()), want);
});
