import * as fc from "fast-check";
import { GoInt, ItemsArray, type Value } from "../../src/go-values/value.ts";
import type { JsonObject, JsonValue } from "../../src/model/json.ts";

/** Names that every object inherits, or that mean something to JavaScript. */
export const inheritedNames: readonly string[] = [
  "__proto__",
  "constructor",
  "toString",
  "valueOf",
  "hasOwnProperty",
  "prototype",
  "then",
  "toJSON",
  "length",
];

/** The names documents and expressions are made of: few, so that they meet. */
export const names: readonly string[] = [
  "a",
  "b",
  "c",
  "items",
  "name",
  "x",
  "é",
  "😀",
  "\ufffd",
  "",
  ...inheritedNames,
];

/** Texts that functions see something in. */
export const texts: readonly string[] = [
  "",
  "a",
  "abc",
  "a,b,,c",
  "Abc",
  "é😀\u2028",
  "x y\tz",
  "true",
  "null",
  "-1",
  "42",
  "1e3",
  "5m",
  "1h30m",
  "1Gi",
  "100m",
  "10s",
  "0x10",
  "NaN",
  "2021-01-02T15:04:05Z",
  "1.2.3",
  ">=1.0",
  "a*c?",
  "^a+(b|c)$",
  "[0-9]{2}",
  "(",
  "\\d",
  "$1",
  "YWJj",
  "/a/../b",
  "10.0.0.0/8",
  '{"a":[1,{"b":null}]}',
  "a: 1\nb: [x, yes]",
  "15:04",
  "eyJhbGciOiJub25lIn0.e30.",
  "__proto__",
];

const scalar = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.constantFrom(...texts),
  fc.string({ unit: "grapheme", maxLength: 6 }),
  fc.integer({ min: -5, max: 5 }),
  fc.constantFrom(0, -0, 0.5, 1e6, 1e21, 2 ** 53, -1e-7, 1.005),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);

const { json } = fc.letrec<{ json: JsonValue }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    { weight: 3, arbitrary: scalar },
    { weight: 2, arbitrary: objectOf(tie("json")) },
    { weight: 2, arbitrary: fc.array(tie("json"), { maxLength: 4 }) },
    { weight: 1, arbitrary: fc.array(objectOf(scalar), { maxLength: 4 }) },
    { weight: 1, arbitrary: fc.array(fc.constantFrom(...texts), { maxLength: 4 }) },
    { weight: 1, arbitrary: fc.array(fc.integer({ min: -9, max: 9 }), { maxLength: 4 }) },
  ),
}));

function objectOf(value: fc.Arbitrary<JsonValue>): fc.Arbitrary<JsonObject> {
  // Object.fromEntries makes own members of all keys, `__proto__` too.
  return fc
    .array(fc.tuple(fc.constantFrom(...names), value), { maxLength: 5 })
    .map((entries) => Object.fromEntries(entries));
}

/** A JSON document that nobody can change. */
export const jsonDocument: fc.Arbitrary<JsonValue> = fc.oneof(objectOf(json), json).map(freeze);

/** The values of the variables: JSON, and what only `~i.`, `compare()` and `items()` make. */
export const variables: fc.Arbitrary<ReadonlyMap<string, Value>> = fc
  .record({
    v: json.map(freeze),
    i: fc.integer({ min: -3, max: 9 }).map((value) => new GoInt(value)),
    list: fc
      .array(objectOf(scalar), { maxLength: 3 })
      .map((items) => new ItemsArray(items.map(freeze))),
  })
  .map((values) => new Map<string, Value>(Object.entries(values)));

function freeze<T extends JsonValue>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  for (const item of Object.values(value)) freeze(item);
  return Object.freeze(value);
}
