import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { renderCodeFrame } from "../../src/yaml/code-frame.ts";

const long = `${"x".repeat(200)}(nope)${"y".repeat(200)}`;

const cases: readonly {
  name: string;
  text: string;
  line: number;
  column: number;
  want: string | undefined;
}[] = [
  { name: "a line", text: "a\nbc: d\ne", line: 2, column: 5, want: "2 | bc: d\n  |     ^" },
  { name: "the only line", text: "a", line: 1, column: 1, want: "1 | a\n  | ^" },
  { name: "behind its end", text: "a\n", line: 1, column: 2, want: "1 | a\n  |  ^" },
  { name: "Windows line ends", text: "a\r\nb\r\n", line: 2, column: 1, want: "2 | b\n  | ^" },
  { name: "a tab", text: "\ta", line: 1, column: 2, want: "1 |  a\n  |  ^" },
  {
    name: "escape sequences",
    text: "\u001b[1ma",
    line: 1,
    column: 5,
    want: "1 |  [1ma\n  |     ^",
  },
  {
    name: "a line number of two digits",
    text: "\n".repeat(9) + "a",
    line: 10,
    column: 1,
    want: "10 | a\n   | ^",
  },
  {
    name: "a long line",
    text: long,
    line: 1,
    column: 202,
    want: `1 | ${long.slice(141, 261)}\n  | ${" ".repeat(60)}^`,
  },
  { name: "no such line", text: "a\nb", line: 3, column: 1, want: undefined },
  { name: "no line", text: "a", line: 0, column: 0, want: undefined },
];

suite("a code frame", () => {
  for (const { name, text, line, column, want } of cases) {
    test(name, () => {
      assert.equal(renderCodeFrame(text, { line, column }), want);
    });
  }
});
