import assert from "node:assert/strict";
import { test } from "node:test";
import { EvaluationError } from "../../src/model/evaluation-error.ts";
import { parseYamlValue } from "../../src/yaml/parse-yaml-value.ts";

const values: readonly { readonly text: string; readonly want: unknown }[] = [
  { text: "", want: null },
  { text: "\n", want: null },
  { text: "\u2028", want: null },
  { text: "a: yes", want: { a: true } },
  { text: "- 1\r\n- 0x10\r\n", want: [1, 16] },
  { text: "a: 1\na: 2", want: { a: 2 } },
  { text: "1: a\n'1': b", want: { 1: "b" } },
  { text: "<<: {a: 1}\na: 2", want: { a: 2 } },
  { text: "a: 1\n<<: {a: 2}", want: { a: 2 } },
  { text: "x\n---\n[", want: "x" },
  { text: "a: b\n...\n%%", want: { a: "b" } },
  { text: "---\n---\na", want: null },
  { text: "%YAML 1.1\n# c\n---\nx", want: "x" },
  { text: '"a" b', want: "a" },
  { text: "{a: 1}\nb: 2", want: { a: 1 } },
  { text: "{}: a", want: {} },
  { text: "a: .inf\na: 1", want: { a: 1 } },
  { text: "a: {~: 1}\na: 1", want: { a: 1 } },
  { text: "a: {b: [.nan]}\n<<: {a: 1}", want: { a: 1 } },
  { text: "-0.0", want: -0 },
  { text: "-0", want: 0 },
];

for (const { text, want } of values) {
  test(`reads ${JSON.stringify(text)}`, () => {
    assert.deepEqual(parseYamlValue(text), want);
  });
}

const errors: readonly { readonly text: string; readonly want: string }[] = [
  { text: "\t x ", want: "yaml: found character that cannot start any token" },
  { text: "`t`", want: "yaml: found character that cannot start any token" },
  { text: "%s", want: "yaml: found unknown directive name" },
  { text: "...", want: "yaml: did not find expected node content" },
  { text: "... a", want: "yaml: did not find expected node content" },
  { text: "!!", want: "yaml: did not find expected tag URI" },
  { text: "!x#y z", want: "yaml: did not find expected whitespace or line break" },
  { text: "? a\n : b", want: "yaml: line 1: did not find expected key" },
  { text: "{a? b: c}", want: "yaml: did not find expected ',' or '}'" },
  { text: "{1:{}}", want: "yaml: did not find expected ',' or '}'" },
  { text: "a: [*x]\nb: [", want: "yaml: unknown anchor 'x' referenced" },
  { text: "a: .inf\nb: 1", want: "json: unsupported value: +Inf" },
  { text: "a: .nan", want: "json: unsupported value: NaN" },
  { text: "a: 1\nb: [", want: "yaml: line 2: did not find expected node content" },
];

for (const { text, want } of errors) {
  test(`${JSON.stringify(text)} is an error`, () => {
    assert.deepEqual(parseYamlValue(text), new EvaluationError("EVALUATION_VALUE", want));
  });
}
