import assert from "node:assert/strict";
import { test } from "node:test";
import { firstFault } from "../../src/model/yaml-fault.ts";
import { parseYaml } from "../../src/yaml/parse-yaml.ts";
import { findOffset } from "../../src/yaml/source-offsets.ts";

const values: readonly { readonly text: string; readonly want: unknown }[] = [
  { text: "", want: null },
  { text: "# nothing\n", want: null },
  { text: "a: yes\nb: 0x10\nc: '1'", want: { a: true, b: 16, c: "1" } },
  {
    text: "yes: 1\n1.0: 2\n0x10: 3\n123456789.5: 4",
    want: { true: 1, 1: 2, 16: 3, "1.2345679e+08": 4 },
  },
  { text: ".inf: a\n1e3: b\n1e-7: c", want: { ".inf": "a", 1000: "b", "1e-07": "c" } },
  { text: "a: &x [1]\nb: *x", want: { a: [1], b: [1] } },
  { text: "&k a: 1\nb: *k", want: { a: 1, b: "a" } },
  { text: "a: &x {b: 1}\nc:\n  <<: *x\n  d: 2", want: { a: { b: 1 }, c: { b: 1, d: 2 } } },
  { text: "<<: [{a: 1}, {b: 2}]", want: { a: 1, b: 2 } },
  { text: "'<<': 1", want: { "<<": 1 } },
  {
    text: "a: !!str 5\nb: !!int '5'\nc: !foo bar\nd: !x\ne: ! 5",
    want: { a: "5", b: 5, c: "bar", d: "", e: "5" },
  },
  { text: "a: !!binary aGVsbG8=\nb: !!float 1\nc: !!null ''", want: { a: "hello", b: 1, c: null } },
  { text: "a: !!timestamp 2001-01-01", want: { a: "2001-01-01" } },
  { text: "{a, b: [1, {c: d}]}", want: { a: null, b: [1, { c: "d" }] } },
  { text: "? a\n? b\n: 1", want: { a: null, b: 1 } },
  { text: "a: |\n  x\n   y\nb: >-\n  p\n  q\n", want: { a: "x\n y\n", b: "p q" } },
  { text: "a: x\u00a0y\nb: \ufeff1", want: { a: "x\u00a0y", b: "\ufeff1" } },
  { text: "a: 'x'#c\nb: 1#c", want: { a: "x", b: "1#c" } },
  { text: "\ufeffa: 1", want: { a: 1 } },
  { text: "a: 1\rb: 2\u0085c: 3", want: { a: 1, b: 2, c: 3 } },
  { text: "a: [b,\nc]", want: { a: ["b", "c"] } },
  { text: "a: {b: 1,\nc: 2\n}", want: { a: { b: 1, c: 2 } } },
  { text: "a:\n  - b: [\n  1,\n  2\n  ]\n    c: 3", want: { a: [{ b: [1, 2], c: 3 }] } },
  { text: "a: 1\n...\n", want: { a: 1 } },
  { text: "a: 1\n... # c\n...\n", want: { a: 1 } },
  { text: "[? a]", want: [{ a: null }] },
  { text: "[a: b, ? c : d]", want: [{ a: "b" }, { c: "d" }] },
  { text: "{a:1}", want: { "a:1": null } },
  { text: "a:\n- b\n-\n- c\n", want: { a: ["b", null, "c"] } },
  { text: "? a\n: b", want: { a: "b" } },
  { text: "- - a\n  - b\n- c", want: [["a", "b"], "c"] },
  { text: "a: !!str\nb: &x\nc: *x", want: { a: "", b: null, c: null } },
  { text: "a: ! <<", want: { a: "<<" } },
  { text: "! <<: {a: 1}", want: { a: 1 } },
  { text: "%TAG !e! tag:yaml.org,2002:\n---\na: !e!int '1'", want: { a: 1 } },
  { text: "a: !<tag:yaml.org,2002:i%6et> '1'", want: { a: 1 } },
  { text: "😀: 1\n? 😀 é\n: - b\n  - c", want: { "😀": 1, "😀 é": ["b", "c"] } },
  { text: "a: '\ufeff'\n\ufeffb: 1", want: { a: "\ufeff", "\ufeffb": 1 } },
];

for (const { text, want } of values) {
  test(`reads ${JSON.stringify(text)}`, () => {
    const { value, faults } = parseYaml(text);
    assert.deepEqual(faults, []);
    assert.deepEqual(value, want);
  });
}

const refused: readonly { readonly text: string; readonly want: string }[] = [
  {
    text: "x:\n  a: -",
    want: "yaml: line 2: block sequence entries are not allowed in this context",
  },
  { text: "x:\n  a: ? b", want: "yaml: line 2: mapping keys are not allowed in this context" },
  { text: "x:\n  a: b: c", want: "yaml: line 2: mapping values are not allowed in this context" },
  {
    text: "x:\n  a: b\n    c: d",
    want: "yaml: line 3: mapping values are not allowed in this context",
  },
  { text: "x:\n  a: @b", want: "yaml: line 2: found character that cannot start any token" },
  { text: "x:\n\ta: b", want: "yaml: line 2: found character that cannot start any token" },
  { text: "x:\n  -\tb: c", want: "yaml: line 2: found character that cannot start any token" },
  { text: "x:\n  a: [a,,b]", want: "yaml: line 1: did not find expected node content" },
  { text: "x:\n  a: ]", want: "yaml: line 1: did not find expected node content" },
  { text: "x:\n  a: [- b]", want: "yaml: line 1: did not find expected node content" },
  { text: "x:\n  a: [", want: "yaml: line 2: did not find expected node content" },
  { text: "x:\n  a: [b\n", want: "yaml: line 2: did not find expected ',' or ']'" },
  { text: "x:\n  a: {b: c\n", want: "yaml: line 2: did not find expected ',' or '}'" },
  { text: "x:\n  a: 'b' c", want: "yaml: line 1: did not find expected key" },
  { text: "x:\n  - 'b' c", want: "yaml: line 1: did not find expected '-' indicator" },
  { text: "x:\n  a: 1\n c: 2", want: "yaml: line 2: did not find expected key" },
  { text: "x:\n  a: 1\n  - c", want: "yaml: line 2: did not find expected key" },
  { text: "x:\n  ? : zz", want: "yaml: line 1: did not find expected key" },
  { text: "x:\n  - b\n  -c\n", want: "yaml: line 4: could not find expected ':'" },
  { text: "a: x\u2028y\n", want: "yaml: line 3: could not find expected ':'" },
  { text: "x: |0\n y", want: "yaml: found an indentation indicator equal to 0" },
  { text: "x: |y\n y", want: "yaml: did not find expected comment or line break" },
  { text: 'x:\n  a: "\n', want: "yaml: line 3: found unexpected end of stream" },
  { text: 'x:\n  a: "\\q"', want: "yaml: line 2: found unknown escape character" },
  {
    text: "x:\n  a: *",
    want: "yaml: line 2: did not find expected alphabetic or numeric character",
  },
  {
    text: "x:\n  a: &a.b 1",
    want: "yaml: line 2: did not find expected alphabetic or numeric character",
  },
  { text: "x:\n  a: !e!x 1", want: "yaml: line 1: found undefined tag handle" },
  { text: "a: \x01", want: "yaml: control characters are not allowed" },
  { text: "a: *x", want: "yaml: unknown anchor 'x' referenced" },
  { text: "a: &x {b: *x}", want: "yaml: anchor 'x' value contains itself" },
  { text: "a: !!int 1.5", want: "yaml: cannot decode !!float `1.5` as a !!int" },
  { text: "a: !!binary x", want: "yaml: !!binary value contains invalid base64 data" },
  { text: "<<: zz", want: "yaml: map merge requires map or sequence of maps as the value" },
  {
    text: "[a, {b: 1}]: zz",
    want: 'yaml: invalid map key: []interface {}{"a", map[interface {}]interface {}{"b":1}}',
  },
  { text: "~: zz", want: 'unsupported map key of type: %!s(<nil>), key: <nil>, value: "zz"' },
  {
    text: "9223372036854775808: zz",
    want: 'unsupported map key of type: uint64, key: 0x8000000000000000, value: "zz"',
  },
  { text: "a: -.inf", want: "json: unsupported value: -Inf" },
  { text: "a:\n  b: 1\n  b: 2", want: 'line 3: key "b" already set in map' },
  { text: "yes: 1\ntrue: 2", want: "line 2: key true already set in map" },
  { text: "a: &x {b: 1}\nc:\n  <<: *x\n  b: 2", want: 'line 4: key "b" already set in map' },
  {
    text: "a: &x {b: 1}\nb: &y {b: 2}\nc:\n  <<: [*x, *y]",
    want: 'line 1: key "b" already set in map',
  },
  { text: "%FOO\n---\na", want: "yaml: found unknown directive name" },
  { text: "%YAML 1.2\n---\na", want: "yaml: found incompatible YAML document" },
  { text: "%YAML 1.1\n", want: "yaml: line 1: did not find expected <document start>" },
];

for (const { text, want } of refused) {
  test(`refuses ${JSON.stringify(text)}`, () => {
    assert.equal(firstFault(parseYaml(text).faults)?.originalText(), want);
  });
}

const oursAlone: readonly { readonly text: string; readonly code: string }[] = [
  { text: "1: a\n'1': b", code: "POLICY_DUPLICATE_KEY" },
  { text: "1: a\n1.0: b", code: "POLICY_DUPLICATE_KEY" },
  { text: "a: 1\n...\nb", code: "POLICY_DOCUMENT_SEPARATOR" },
  { text: "a: 1\n--- # b\n", code: "POLICY_DOCUMENT_SEPARATOR" },
  { text: "{a: 1}\nb: 2", code: "POLICY_DOCUMENT_SEPARATOR" },
  { text: '"a" b', code: "POLICY_DOCUMENT_SEPARATOR" },
  { text: "a: 1\n...\n@", code: "POLICY_DOCUMENT_SEPARATOR" },
  { text: "{}: a", code: "POLICY_DOCUMENT_SEPARATOR" },
  { text: "\ufeff\ufeffa: 1\nb: 2", code: "POLICY_YAML" },
];

for (const { text, code } of oursAlone) {
  test(`refuses ${JSON.stringify(text)}, which the original reads`, () => {
    const fault = firstFault(parseYaml(text).faults);
    assert.equal(fault?.code, code);
    assert.equal(fault?.originalText(), "");
  });
}

test("all faults of a text are told, each where it is", () => {
  const { faults } = parseYaml("a: !!int x\nb: 1\nb: 2\n[c]: 3");
  assert.deepEqual(
    faults.map(({ stage, offset }) => [stage, offset]),
    [
      ["decode", 9],
      ["duplicate", 16],
      ["decode", 21],
    ],
  );
});

test("places are those of keys and items, of the nearest ancestor for unknown paths", () => {
  const { place } = parseYaml("a:\n  - b: 1\n    c: 2\n  - d");
  assert.equal(findOffset(place, ["a", 0, "c"]), 16);
  assert.equal(findOffset(place, ["a", 1]), 25);
  assert.equal(findOffset(place, ["a", 0, "x", "y"]), 7);
  assert.equal(findOffset(place, []), 0);
});

test("JSON is read by JSON's rules", () => {
  const text = '{"a": "\\/\\ud83d\\ude00", "b": 1e2, "c": "\\ud800", "d": [1.0, -0, null]}';
  const { value, faults } = parseYaml(text, { dialect: "json" });
  assert.deepEqual(faults, []);
  assert.deepEqual(value, { a: "/😀", b: 100, c: "\ufffd", d: [1, -0, null] });
});

const badJson: readonly { readonly text: string; readonly offset: number }[] = [
  { text: '{"a": 1,}', offset: 8 },
  { text: "{a: 1}", offset: 1 },
  { text: '{"a": 1e400}', offset: 6 },
  { text: '{"a": 1, "a": 2}', offset: 9 },
];

for (const { text, offset } of badJson) {
  test(`refuses the JSON ${text}`, () => {
    const { faults } = parseYaml(text, { dialect: "json" });
    assert.deepEqual(
      faults.map((fault) => fault.offset),
      [offset],
    );
  });
}
