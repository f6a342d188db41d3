import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { parseJsonText, toGoError } from "../../src/go-values/json-text.ts";
import { JsonFault } from "../../src/json/json-fault.ts";
import { hasEscapedKey } from "../../src/json/native-json.ts";
import { parseOwnJson } from "../../src/json/parse-json.ts";
import { readJson } from "../../src/json/read-json.ts";
import { isEvaluationError } from "../../src/model/evaluation-error.ts";
import type { JsonValue } from "../../src/model/json.ts";
import { readReferenceJson } from "../support/reference-json.ts";
import { anyText, damagedText, textOfPieces } from "./arbitrary-text.ts";
import { jsonDocument } from "./arbitrary-value.ts";
import { inTime, runProperty } from "./run-property.ts";

const maxDepth = 100;

const pieces = [
  ...'{ } [ ] , : " \\ 0 -0 1 -1 1.5 .5 1. 1e3 1e999 -1e400 1e 01 true false null nul é 😀'.split(
    " ",
  ),
  ..."\\u0041 \\ud83d \\ude00 \\uD800 \\ud83d\\ude00 \\u12 \\x \\/ \\n".split(" "),
  ..." |\t|\n|\r|\f|\v|\u00a0|\u2028|\ufeff|\ud83d|\udc80|\u0000|\u007f".split("|"),
  '"a":',
  '"__proto__":',
  '"a":1,"a":2',
  '{"b":[',
  "]}",
  "9".repeat(309),
  "9007199254740993",
];
const written = jsonDocument.map((value) => JSON.stringify(value));
const indented = jsonDocument.map((value) => JSON.stringify(value, undefined, "\t"));
const nested = fc
  .tuple(fc.integer({ min: 95, max: 105 }), fc.constantFrom("[", '{"a":'), fc.boolean())
  .map(([depth, open, isClosed]) => {
    const close = open === "[" ? "]" : "}";
    return `${open.repeat(depth)}0${isClosed ? close.repeat(depth) : ""}`;
  });
/** Long enough not to be left to the engine's parser, and of few shapes. */
const list = fc
  .tuple(fc.array(written, { minLength: 1, maxLength: 4 }), fc.integer({ min: 1, max: 60 }))
  .map(([items, count]) => `[${Array.from({ length: count }, () => items.join(",")).join(",")}]`);
/**
 * Keys that are written alike in part, with escapes and without, in objects of few shapes that come again and again: what
 * the engine's parser misreads depends on what it has met before.
 */
const keyText = fc
  .array(
    fc.constantFrom(
      "a",
      "adm",
      "in",
      "\\u0069",
      "\\\\",
      "\\\\u",
      "\\u",
      '\\"',
      "\\n",
      "\\t",
      "é",
      "b",
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((parts) => `"${parts.join("").replace(/\\u(?!00)/g, "\\u0075")}"`);
const member = (value: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.tuple(fc.oneof(fc.constant('"x"'), keyText), value).map(([key, text]) => `${key}:${text}`);
const object = (value: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.array(member(value), { maxLength: 3 }).map((members) => `{${members.join(",")}}`);
const escapedKeys = object(
  fc.oneof(fc.constant("1"), fc.constant('"\\\\"'), object(fc.constantFrom("1", "true"))),
);

const text = fc.oneof(
  { weight: 4, arbitrary: written },
  indented,
  { weight: 2, arbitrary: anyText },
  { weight: 4, arbitrary: textOfPieces(pieces, 20) },
  nested,
  { weight: 2, arbitrary: list },
  { weight: 4, arbitrary: escapedKeys },
  {
    weight: 2,
    arbitrary: damagedText(
      [
        ...fc.sample(written, { numRuns: 50, seed: 1 }),
        ...fc.sample(escapedKeys, { numRuns: 20, seed: 1 }),
      ],
      pieces,
    ),
  },
);

/** The value with the usual prototype: objects of a text that has very many kinds are read without any. */
function plain(value: unknown): unknown {
  return isEvaluationError(value) ? value : structuredClone(value);
}

test("JSON is read as the reader that goes character by character reads it", () => {
  runProperty(
    fc.property(text, (given) => {
      const want = readReferenceJson(given, maxDepth);
      assert.deepEqual(plain(inTime(() => parseJsonText(given, maxDepth))), want);
      const read = readJson(given, { maxDepth, halfPairs: "replaced" });
      assert.deepEqual(read instanceof JsonFault ? toGoError(read, given) : plain(read), want);
    }),
    5_000,
  );
});

test("texts without an escaped key are read as JSON.parse reads them", () => {
  runProperty(
    fc.property(fc.oneof(written, indented, list, escapedKeys), (given) => {
      if (hasEscapedKey(given)) return;
      const native: JsonValue = JSON.parse(given);
      assert.deepEqual(plain(readJson(given, { maxDepth: 1_000, halfPairs: "kept" })), native);
      assert.deepEqual(plain(parseOwnJson(given)), native);
    }),
    3_000,
  );
});

test("what JSON.stringify writes is read back, whatever was read before", () => {
  runProperty(
    fc.property(escapedKeys, (given) => {
      const value = readReferenceJson(given, maxDepth);
      assert.deepEqual(parseOwnJson(JSON.stringify(value)), value);
    }),
    3_000,
  );
});

test("keys with a backslash are found, and no others", () => {
  runProperty(
    fc.property(fc.oneof(escapedKeys, written, indented), (given) => {
      // Every string is matched whole, so that a key is what has a colon behind it.
      const strings = given.matchAll(/"((?:[^"\\]|\\.)*)"\s*(:?)/gs);
      const want = [...strings].some(
        ([, inner = "", colon]) => colon === ":" && inner.includes("\\"),
      );
      assert.equal(hasEscapedKey(given), want);
    }),
    3_000,
  );
});

test("generated texts are JSON, and are not, and have escaped keys, each now and then", () => {
  const counts = { values: 0, errors: 0, escapedKeys: 0 };
  for (const given of fc.sample(text, { numRuns: 1_000, seed: 1 })) {
    const isError = isEvaluationError(parseJsonText(given));
    counts[isError ? "errors" : "values"] += 1;
    if (!isError && hasEscapedKey(given)) counts.escapedKeys += 1;
  }
  assert.ok(Math.min(...Object.values(counts)) > 100, JSON.stringify(counts));
});
