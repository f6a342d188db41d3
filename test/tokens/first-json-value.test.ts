import assert from "node:assert/strict";
import { test } from "node:test";
import { firstJsonValue } from "../../src/tokens/first-json-value.ts";

const cases = [
  { name: "nothing", input: "", want: undefined },
  { name: "blanks", input: " \t\r\n", want: undefined },
  { name: "an object alone", input: '{"a":1}', want: '{"a":1}' },
  { name: "an object, then another", input: ' {"a":{}} {"b":2}', want: ' {"a":{}}' },
  { name: "brackets in strings", input: '{"}":"]\\"}"}x', want: '{"}":"]\\"}"}' },
  { name: "an escaped backslash ends a string", input: '["\\\\"]"', want: '["\\\\"]' },
  { name: "brackets in a long string", input: '["a]b]c"]x', want: '["a]b]c"]' },
  { name: "a bracket in a string that is open", input: '["a]', want: '["a]' },
  { name: "a fraction alone", input: ".5,", want: ".5" },
  { name: "an exponent of several digits", input: "1e12,", want: "1e12" },
  { name: "an open object", input: '{"a":[1', want: '{"a":[1' },
  { name: "an open string in an object", input: '{"a}', want: '{"a}' },
  { name: "a wrong bracket ends the part", input: "[1}]", want: "[1}" },
  { name: "a string", input: '"a\\"b"c', want: '"a\\"b"' },
  { name: "an open string", input: '"a', want: '"a' },
  { name: "a number", input: "12.5e3,", want: "12.5e3" },
  { name: "a number stops before a second zero", input: "01", want: "0" },
  { name: "a broken number with what breaks it", input: "5.x", want: "5.x" },
  { name: "a broken exponent", input: "5e+y", want: "5e+y" },
  { name: "a sign alone", input: "-", want: "-" },
  { name: "null with something behind", input: "nullx", want: "null" },
  { name: "a broken literal", input: "trux", want: "trux" },
  { name: "false", input: "false ", want: "false" },
  { name: "a character that starts no value", input: "?{}", want: "?" },
];

test("the first JSON value is cut off as a streaming reader would", async (t) => {
  for (const { name, input, want } of cases) {
    await t.test(name, () => {
      assert.equal(firstJsonValue(input), want);
    });
  }
});
