import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { assert as assertProperty, constantFrom, property, string } from "fast-check";
import { type KeyExpression, parseKey } from "../../../src/kyverno-json/assertion/parse-key.ts";

function field(statement: string, offset: number, more: Partial<KeyExpression> = {}) {
  return { statement, isExpression: false, offset, isForeach: false, ...more };
}

function expression(statement: string, offset: number, more: Partial<KeyExpression> = {}) {
  return { ...field(statement, offset, more), isExpression: true };
}

const cases: readonly { text: string; want: KeyExpression | undefined }[] = [
  { text: "a", want: field("a", 0) },
  { text: "a.b", want: field("a.b", 0) },
  { text: "", want: undefined },
  { text: "~.", want: undefined },
  { text: "->x", want: undefined },
  { text: "~.->x", want: undefined },
  { text: "()", want: field("()", 0) },
  { text: "(a)", want: expression("a", 1) },
  { text: "(a || b) && (c)", want: expression("a || b) && (c", 1) },
  { text: "(jp:a)", want: expression("a", 4) },
  { text: "(cel:a)", want: expression("a", 5) },
  { text: "(jp;a)", want: expression("jp;a", 1) },
  { text: "(a:)", want: expression("a:", 1) },
  { text: "(a::b)", want: expression(":b", 3) },
  { text: "(a) ", want: field("(a) ", 0) },
  { text: "(a)->x", want: expression("a", 1, { bindingName: "x" }) },
  { text: "(a)->  x", want: expression("a", 1, { bindingName: "x" }) },
  { text: "(a)-> \n x", want: expression("a", 1, { bindingName: "x" }) },
  { text: "(a) -> x", want: field("(a) ", 0, { bindingName: "x" }) },
  { text: "(a)->x->y", want: field("(a)->x", 0, { bindingName: "y" }) },
  { text: "(a)->x ", want: field("(a)->x ", 0) },
  { text: "(a)->é", want: field("(a)->é", 0) },
  { text: "a->b", want: field("a", 0, { bindingName: "b" }) },
  { text: "~.a", want: field("a", 2, { isForeach: true }) },
  { text: "~i.a", want: field("a", 3, { isForeach: true, indexName: "i" }) },
  { text: "~i.(a)", want: expression("a", 4, { isForeach: true, indexName: "i" }) },
  { text: "~é.a", want: field("~é.a", 0) },
  { text: "~.~.a", want: field("~.a", 2, { isForeach: true }) },
  {
    text: "~index.(a)->all",
    want: expression("a", 8, { isForeach: true, indexName: "index", bindingName: "all" }),
  },
  { text: "\\(a)->b\\", want: field("(a)->b", 1) },
  { text: "\\x\\->b", want: field("x", 1, { bindingName: "b" }) },
  { text: "~i.\\x\\", want: field("x", 4, { isForeach: true, indexName: "i" }) },
  { text: "\\a", want: field("\\a", 0) },
  { text: "\\\\", want: field("\\\\", 0) },
  { text: "(b)\n", want: field("(b)\n", 0) },
  { text: "(a\nb)", want: field("(a\nb)", 0) },
  { text: "~.a\nb", want: field("a", 2, { isForeach: true }) },
  { text: "lost\n(a)->x", want: expression("a", 6, { bindingName: "x" }) },
  { text: "(a)\n->x", want: expression("a", 1, { bindingName: "x" }) },
  { text: "(a) \n ->x", want: field("(a) ", 0, { bindingName: "x" }) },
  { text: "\n->x", want: undefined },
];

suite("a key's parts", () => {
  for (const { text, want } of cases) {
    test(JSON.stringify(text), () => {
      assert.deepEqual(parseKey(text), want);
    });
  }
});

test("a long text of blanks and arrows takes linear time", () => {
  const text = `${"\n ".repeat(200_000)}${"-> ".repeat(200_000)}`;
  assert.equal(parseKey(text)?.statement, text);
  assert.equal(parseKey(`${text}x`)?.bindingName, "x");
});

/** The original's steps by its regular expressions, which JavaScript runs in more than linear time. */
function parseByPatterns(text: string): Partial<KeyExpression> | undefined {
  const foreach = /^~([0-9A-Za-z_]+)?\.([^\n]*)/.exec(text);
  const afterForeach = foreach?.[2] ?? text;
  const binding = /([^\n]*)[\t\n\f\r ]*->[\t\n\f\r ]*([0-9A-Za-z_]+)$/.exec(afterForeach);
  const afterBinding = binding?.[1] ?? afterForeach;
  const escape = /^\\([^\n]+)\\$/.exec(afterBinding);
  const engine = escape === null ? /^\((?:([0-9A-Za-z_]+):)?([^\n]+)\)$/.exec(afterBinding) : null;
  const statement = escape?.[1] ?? engine?.[2] ?? afterBinding;
  if (statement === "") return undefined;
  return {
    statement,
    isExpression: engine !== null,
    isForeach: foreach !== null,
    ...(foreach?.[1] !== undefined && { indexName: foreach[1] }),
    ...(binding?.[2] !== undefined && { bindingName: binding[2] }),
  };
}

test("any text is parsed as the original's patterns do", () => {
  const unit = constantFrom("~", ".", "->", "(", ")", "\\", "\n", " ", "\t", "a", "b:", "é", "i");
  const text = string({ unit, maxLength: 14 });
  assertProperty(
    property(text, (input) => {
      const found = parseKey(input);
      const offset = found?.offset ?? 0;
      assert.deepEqual(
        found,
        found === undefined ? parseByPatterns(input) : { ...parseByPatterns(input), offset },
      );
      assert.ok(input.startsWith(found?.statement ?? "", offset));
    }),
    { seed: 5, numRuns: 5_000 },
  );
});
