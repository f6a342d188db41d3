import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { readJsonText } from "../../src/jmespath/json-reader.ts";
import { parseJsonText } from "../../src/jmespath/json-text.ts";
import { isEvaluationError } from "../../src/model/evaluation-error.ts";
import { anyText, damagedText, textOfPieces } from "./arbitrary-text.ts";
import { jsonDocument } from "./arbitrary-value.ts";
import { inTime, runProperty } from "./run-property.ts";

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
];
const written = jsonDocument.map((value) => JSON.stringify(value));
const indented = jsonDocument.map((value) => JSON.stringify(value, undefined, "\t"));
const nested = fc
  .tuple(fc.integer({ min: 995, max: 1_005 }), fc.constantFrom("[", '{"a":'), fc.boolean())
  .map(([depth, open, isClosed]) => {
    const close = open === "[" ? "]" : "}";
    return `${open.repeat(depth)}0${isClosed ? close.repeat(depth) : ""}`;
  });
const text = fc.oneof(
  { weight: 4, arbitrary: written },
  indented,
  { weight: 2, arbitrary: anyText },
  { weight: 4, arbitrary: textOfPieces(pieces, 20) },
  nested,
  { weight: 2, arbitrary: damagedText(fc.sample(written, { numRuns: 50, seed: 1 }), pieces) },
);

test("JSON read by the engine's parser is what reading it character by character gives", () => {
  runProperty(
    fc.property(text, (given) => {
      const parsed = inTime(() => parseJsonText(given));
      assert.deepEqual(parsed, readJsonText(given));
    }),
    5_000,
  );
});

test("generated texts are JSON, and are not, each now and then", () => {
  const counts = { values: 0, errors: 0 };
  for (const given of fc.sample(text, { numRuns: 1_000, seed: 1 })) {
    counts[isEvaluationError(parseJsonText(given)) ? "errors" : "values"] += 1;
  }
  assert.ok(Math.min(...Object.values(counts)) > 200, JSON.stringify(counts));
});
