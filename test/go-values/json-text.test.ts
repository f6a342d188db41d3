import assert from "node:assert/strict";
import { test } from "node:test";
import { formatJson, parseJsonText } from "../../src/go-values/json-text.ts";
import { GoInt, ItemsArray } from "../../src/go-values/value.ts";
import { EvaluationError } from "../../src/model/evaluation-error.ts";

test("JSON is read as Go reads it", () => {
  const cases: readonly (readonly [string, unknown])[] = [
    [" [1, 2.5e-3, -0, true, false, null] ", [1, 0.0025, -0, true, false, null]],
    ['{"a":1,"a":2}', { a: 2 }],
    ['"\\u00e9\\n\\/\\ud83d\\ude00"', "é\n/😀"],
    ['"\\ud83d"', "\ufffd"],
    ['"\\ude00\\ud83d"', "\ufffd\ufffd"],
    ['"\\ud83dx"', "\ufffdx"],
    ['"\udcff\udc80"', "\ufffd\ufffd"],
    ['"\\ud83d\udc80"', "\ufffd\ufffd"],
    ['{"":{}}', { "": {} }],
    ["1E5", 100000],
  ];
  for (const [text, want] of cases) assert.deepEqual(parseJsonText(text), want, text);
});

test("errors have the words of Go's decoder", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["", "unexpected end of JSON input"],
    ["[1,", "unexpected end of JSON input"],
    ['"ab', "unexpected end of JSON input"],
    ["x", "invalid character 'x' looking for beginning of value"],
    ["✓", "invalid character 'â' looking for beginning of value"],
    ["\udc80", "invalid character '\\u0080' looking for beginning of value"],
    ["'", "invalid character '\\'' looking for beginning of value"],
    ["[1,]", "invalid character ']' looking for beginning of value"],
    ["nul", "invalid character ' ' in literal null (expecting 'l')"],
    ["tru e", "invalid character ' ' in literal true (expecting 'e')"],
    ["{1:2}", "invalid character '1' looking for beginning of object key string"],
    ['{"a" 1}', "invalid character '1' after object key"],
    ['{"a":1 "b"}', "invalid character '\"' after object key:value pair"],
    ["[1 2]", "invalid character '2' after array element"],
    ["1 2", "invalid character '2' after top-level value"],
    ["01", "invalid character '1' after top-level value"],
    ["-", "invalid character ' ' in numeric literal"],
    ["1.", "invalid character ' ' after decimal point in numeric literal"],
    ["1.e5", "invalid character 'e' after decimal point in numeric literal"],
    ["1e+", "invalid character ' ' in exponent of numeric literal"],
    ['"\\x"', "invalid character 'x' in string escape code"],
    ['"\\u12g4"', "invalid character 'g' in \\u hexadecimal character escape"],
    ['"a\nb"', "invalid character '\\n' in string literal"],
    ["1e999", "json: cannot unmarshal number 1e999 into Go value of type float64"],
    ["[1e999,-1e999]", "json: cannot unmarshal number 1e999 into Go value of type float64"],
    ["[1e999,x]", "invalid character 'x' looking for beginning of value"],
  ];
  for (const [text, message] of cases) {
    assert.deepEqual(parseJsonText(text), new EvaluationError("EVALUATION_VALUE", message), text);
  }
});

test("JSON is written as Go writes it", () => {
  const cases: readonly (readonly [Parameters<typeof formatJson>[0], string])[] = [
    [{ b: "<&>", a: [1, null, true] }, '{"a":[1,null,true],"b":"\\u003c\\u0026\\u003e"}'],
    ['\u2028\u2029\u0000\b\f\n"\\/é😀\u007f', '"\\u2028\\u2029\\u0000\\b\\f\\n\\"\\\\/é😀\u007f"'],
    ["a\udcffb<", '"a\\ufffdb\\u003c"'],
    [1e21, "1e+21"],
    [1e-7, "1e-7"],
    [123456789, "123456789"],
    [-0, "-0"],
    [new GoInt(3), "3"],
    [new ItemsArray([{ k: 1 }]), '[{"k":1}]'],
    [new ItemsArray([], "[]x", true), "null"],
  ];
  for (const [value, want] of cases) assert.equal(formatJson(value), want);
});

function valueError(text: string): EvaluationError {
  return new EvaluationError("EVALUATION_VALUE", text);
}

test("what JSON cannot carry is an error", () => {
  assert.deepEqual(formatJson([Number.NaN]), valueError("json: unsupported value: NaN"));
  assert.deepEqual(formatJson({ a: 1 / 0 }), valueError("json: unsupported value: +Inf"));
  assert.deepEqual(formatJson(-1 / 0), valueError("json: unsupported value: -Inf"));
  const tooLong = formatJson(["abc", "def"], 5);
  assert.ok(tooLong instanceof EvaluationError);
  assert.equal(tooLong.code, "EVALUATION_SIZE_LIMIT");
});
