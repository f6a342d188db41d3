import assert from "node:assert/strict";
import { test } from "node:test";
import { foldDoubleQuoted, foldPlainScalar, foldSingleQuoted } from "../../src/yaml/fold-scalar.ts";

const doubleQuoted: readonly { readonly source: string; readonly want: string }[] = [
  { source: '"a"', want: "a" },
  { source: '"\\x41\\u00e9\\U0001F600"', want: "Aé😀" },
  { source: `"\\0\\a\\b\\t\\n\\v\\f\\r\\e\\ \\"\\'\\\\"`, want: "\0\x07\b\t\n\v\f\r\x1b \"'\\" },
  { source: '"\\N\\_\\L\\P"', want: "\u0085\u00a0\u2028\u2029" },
  { source: '"a\n  b"', want: "a b" },
  { source: '"a \t\n\n \n  b"', want: "a\n\nb" },
  { source: '"a \\\n   b"', want: "a b" },
  { source: '"a\\\n\n   b"', want: "a\nb" },
  { source: '"a\u2028  b"', want: "a\u2028b" },
  { source: '"a\u0085  b"', want: "a b" },
  { source: '" a "', want: " a " },
];

for (const { source, want } of doubleQuoted) {
  test(`double-quoted ${JSON.stringify(source)}`, () => {
    assert.deepEqual(foldDoubleQuoted(source), { value: want });
  });
}

const badEscapes: readonly {
  readonly source: string;
  readonly problem: string;
  readonly at: number;
}[] = [
  { source: '"\\q"', problem: "found unknown escape character", at: 1 },
  { source: '"ab\\/"', problem: "found unknown escape character", at: 3 },
  { source: '"\\x4"', problem: "did not find expected hexdecimal number", at: 1 },
  { source: '"\\ud83d"', problem: "found invalid Unicode character escape code", at: 1 },
  { source: '"\\U00110000"', problem: "found invalid Unicode character escape code", at: 1 },
];

for (const { source, problem, at } of badEscapes) {
  test(`double-quoted ${source} is refused`, () => {
    const { fault } = foldDoubleQuoted(source);
    assert.equal(fault?.problem, problem);
    assert.equal(fault?.at, at);
  });
}

const others: readonly { readonly name: string; readonly got: string; readonly want: string }[] = [
  { name: "single quotes", got: foldSingleQuoted("'it''s'"), want: "it's" },
  { name: "single quotes, backslash", got: foldSingleQuoted("'a\\nb'"), want: "a\\nb" },
  { name: "single quotes, lines", got: foldSingleQuoted("'a\n\n  b'"), want: "a\nb" },
  { name: "single quotes, U+2028", got: foldSingleQuoted("'\u2028            '"), want: "\u2028" },
  { name: "plain, lines", got: foldPlainScalar("a\n  b \n\n c"), want: "a b\nc" },
  { name: "plain, backslash", got: foldPlainScalar("a\\\n  b"), want: "a\\ b" },
];

for (const { name, got, want } of others) {
  test(name, () => {
    assert.equal(got, want);
  });
}
