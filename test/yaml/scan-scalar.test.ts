import assert from "node:assert/strict";
import { test } from "node:test";
import { firstFault } from "../../src/model/yaml-fault.ts";
import { parseYaml } from "../../src/yaml/parse-yaml.ts";

const scalars: readonly { readonly source: string; readonly want: string }[] = [
  { source: '"a"', want: "a" },
  { source: '"\\x41\\u00e9\\U0001F600"', want: "Aé😀" },
  { source: `"\\0\\a\\b\\t\\n\\v\\f\\r\\e\\ \\"\\'\\\\"`, want: "\0\x07\b\t\n\v\f\r\x1b \"'\\" },
  { source: '"\\N\\_\\L\\P"', want: "\u0085\u00a0\u2028\u2029" },
  { source: '"a\n  b"', want: "a b" },
  { source: '"a\nb"', want: "a b" },
  { source: '"a\n\tb"', want: "a b" },
  { source: '"a\r\n  b\r  c"', want: "a b c" },
  { source: '"a \t\n\n \n  b"', want: "a\n\nb" },
  { source: '"a \\\n   b"', want: "a b" },
  { source: '"a\\\n\n   b"', want: "a\nb" },
  { source: '"a\u2028  b"', want: "a\u2028b" },
  { source: '"a\u2028\u2029  b"', want: "a\u2028\u2029b" },
  { source: '"a\u0085  b"', want: "a b" },
  { source: '"a\u0085\u2028  b"', want: "a\u2028b" },
  { source: '" a "', want: " a " },
  { source: '" "', want: " " },
  { source: '"\n"', want: " " },
  { source: "'it''s'", want: "it's" },
  { source: "''''", want: "'" },
  { source: "'a\\nb'", want: "a\\nb" },
  { source: "'a\n\n  b'", want: "a\nb" },
  { source: "'\u2028            '", want: "\u2028" },
  { source: "a\n  b \n\n c", want: "a b\nc" },
  { source: "a\\\n  b", want: "a\\ b" },
  { source: "a\u2028b", want: "a\u2028b" },
  { source: "a b  # c", want: "a b" },
  { source: "a#b", want: "a#b" },
  { source: "a:b", want: "a:b" },
  { source: "-a", want: "-a" },
  { source: "?a", want: "?a" },
  { source: ":a", want: ":a" },
  { source: "a\t\n", want: "a" },
  { source: "|\n x\n  y\n", want: "x\n y\n" },
  { source: "|\n x", want: "x" },
  { source: "|\n x\n\n", want: "x\n" },
  { source: "|+\n x\n\n", want: "x\n\n" },
  { source: "|+\n x", want: "x" },
  { source: "|-\n x\n\n", want: "x" },
  { source: "|2\n   x\n", want: " x\n" },
  { source: "|2-\n   x\n", want: " x" },
  { source: "|-2\n   x\n", want: " x" },
  { source: "|2\n   x\n   \n", want: " x\n \n" },
  { source: "| # c\n x\n", want: "x\n" },
  { source: "|\n\n  \n  x\n", want: "\n\nx\n" },
  { source: "|\n", want: "" },
  { source: "|", want: "" },
  { source: "|\n x\u2028 y\n", want: "x\u2028y\n" },
  { source: "|\n x\u0085 y\r z\n", want: "x\ny\nz\n" },
  { source: ">\n a\n b\n\n c\n", want: "a b\nc\n" },
  { source: ">\n a\n  b\n c\n", want: "a\n b\nc\n" },
  { source: ">\n\n a\n", want: "\na\n" },
  { source: ">-\n a\n b", want: "a b" },
];

for (const { source, want } of scalars) {
  test(`reads the scalar ${JSON.stringify(source)}`, () => {
    const { value, faults } = parseYaml(source);
    assert.deepEqual(faults, []);
    assert.equal(value, want);
  });
}

const refused: readonly { readonly source: string; readonly problem: string }[] = [
  { source: '"\\q"', problem: "found unknown escape character" },
  { source: '"ab\\/"', problem: "found unknown escape character" },
  { source: '"ab\\', problem: "found unknown escape character" },
  { source: '"\\x4"', problem: "did not find expected hexdecimal number" },
  { source: '"\\u00e', problem: "did not find expected hexdecimal number" },
  { source: '"\\ud83d"', problem: "found invalid Unicode character escape code" },
  { source: '"\\U00110000"', problem: "found invalid Unicode character escape code" },
  { source: '"a', problem: "found unexpected end of stream" },
  { source: "'a''", problem: "found unexpected end of stream" },
  { source: '"a\n---\n"', problem: "line 2: found unexpected document indicator" },
  { source: "|0\n x", problem: "found an indentation indicator equal to 0" },
  { source: "|-+\n x", problem: "did not find expected comment or line break" },
  { source: "|x\n x", problem: "did not find expected comment or line break" },
  {
    source: "|\n\tx",
    problem: "line 2: found a tab character where an indentation space is expected",
  },
  { source: "- a\n\t b", problem: "line 2: found a tab character that violates indentation" },
];

for (const { source, problem } of refused) {
  test(`refuses the scalar ${JSON.stringify(source)}`, () => {
    assert.equal(firstFault(parseYaml(source).faults)?.originalText(), `yaml: ${problem}`);
  });
}
