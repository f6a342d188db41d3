import assert from "node:assert/strict";
import { test } from "node:test";
import { conversionFunctions } from "../../../src/kyverno-json/functions/conversion-functions.ts";
import { callFunction, createBudget } from "./call-function.ts";

const cases = [
  { name: "parse_json", text: ' {"a":[1,null]} ', want: { a: [1, null] } },
  { name: "json_parse", text: "1e3", want: 1000 },
  { name: "parse_json", text: '"\udcff"', want: "\ufffd" },
  { name: "json_parse", text: '{"a":1,"a":9007199254740993}', want: { a: 9007199254740992 } },
  {
    name: "json_parse_strict",
    text: '{"a":9007199254740991,"b":[1.5]}',
    want: { a: 9007199254740991, b: [1.5] },
  },
  { name: "parse_yaml", text: "a: yes\nb: 0x10", want: { a: true, b: 16 } },
  { name: "parse_yaml", text: "", want: null },
  { name: "base64_encode", text: "a😀b", want: "YfCfmIBi" },
  { name: "base64_encode", text: "\udcff", want: "/w==" },
  { name: "base64_decode", text: "YfCfmIBi", want: "a😀b" },
  { name: "base64_decode", text: "/w==", want: "\udcff" },
  { name: "base64_decode", text: "77+9", want: "\ufffd" },
];

test("conversions", async (t) => {
  for (const { name, text, want } of cases) {
    await t.test(`${name}(${JSON.stringify(text)})`, () => {
      assert.deepEqual(callFunction(conversionFunctions, name, [text]), want);
    });
  }
});

const errorCases = [
  { name: "parse_json", text: "{", message: "unexpected end of JSON input" },
  {
    name: "json_parse",
    text: "x",
    message: "invalid character 'x' looking for beginning of value",
  },
  {
    name: "json_parse_strict",
    text: '{"a":1,"A":2}',
    message: "ambiguous JSON: a key that stands twice",
  },
  {
    name: "json_parse_strict",
    text: "[9007199254740993]",
    message: "ambiguous JSON: a number beyond 2^53",
  },
  {
    name: "json_parse_strict",
    text: "nan",
    message: "invalid character 'a' in literal null (expecting 'u')",
  },
  {
    name: "json_parse_strict",
    text: "1 2",
    message: "invalid character '2' after top-level value",
  },
  {
    name: "json_parse_strict",
    text: '"\udcff"',
    message: "ambiguous JSON: bytes that are not UTF-8",
  },
  { name: "parse_yaml", text: "`", message: "yaml: found character that cannot start any token" },
  { name: "parse_yaml", text: "\udcff", message: "yaml: invalid leading UTF-8 octet" },
  { name: "base64_decode", text: "aGk", message: "illegal base64 data at input byte 0" },
];

test("texts that cannot be converted", async (t) => {
  for (const { name, text, message } of errorCases) {
    await t.test(`${name}(${JSON.stringify(text)})`, () => {
      assert.deepEqual(callFunction(conversionFunctions, name, [text]), {
        code: "EVALUATION_VALUE",
        message,
      });
    });
  }
});

const costlyCases = [
  { name: "base64_encode", limits: { maxStringBytes: 1_000 }, code: "EVALUATION_SIZE_LIMIT" },
  { name: "base64_decode", limits: { maxSteps: 100 }, code: "EVALUATION_STEP_LIMIT" },
  { name: "parse_json", limits: { maxSteps: 100 }, code: "EVALUATION_STEP_LIMIT" },
  { name: "json_parse_strict", limits: { maxSteps: 100 }, code: "EVALUATION_STEP_LIMIT" },
  { name: "parse_yaml", limits: { maxSteps: 100 }, code: "EVALUATION_STEP_LIMIT" },
];

test("conversions are bounded", async (t) => {
  for (const { name, limits, code } of costlyCases) {
    await t.test(name, () => {
      const result = callFunction(
        conversionFunctions,
        name,
        ["1".repeat(1_000)],
        createBudget(limits),
      );
      assert.equal(Object(result).code, code);
    });
  }
});
