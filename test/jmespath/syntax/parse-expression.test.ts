import assert from "node:assert/strict";
import { test } from "node:test";
import type { Ast } from "../../../src/jmespath/syntax/ast.ts";
import { parseExpression } from "../../../src/jmespath/syntax/parse-expression.ts";
import { ExpressionSyntaxError } from "../../../src/jmespath/syntax/syntax-error.ts";

function parsed(text: string): Ast {
  const ast = parseExpression(text);
  assert.ok(!(ast instanceof ExpressionSyntaxError), text);
  return ast;
}

function withoutPlaces(text: string): string {
  return JSON.stringify(parsed(text), (key, value: unknown) =>
    key === "offset" ? undefined : value,
  );
}

test("chains of one operator are one node, with height and size counted", () => {
  const ast = parsed("a || b || (c || d.e)");
  assert.equal(ast.kind, "or");
  assert.deepEqual(
    ast.steps.map((step) => step.kind),
    ["field", "field", "field", "path"],
  );
  assert.equal(ast.height, 3);
  assert.equal(ast.size, 7);
});

test("texts that mean the same parse to the same kind of tree", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["a.b.c", "(a.b).c"],
    ["!a.b", "(!a).b"],
    ["!a[0]", "!(a[0])"],
    ["-a * b", "-(a * b)"],
    ["-a + b", "(-a) + b"],
    ["a - b - c", "(a - b) - c"],
    ["a / b * c", "a / (b * c)"],
    ["a / b × c", "(a / b) × c"],
    ["a + b == c && d", "((a + b) == c) && d"],
    ["a || b && c", "a || (b && c)"],
    ["a | b || c", "a | (b || c)"],
    ["f(a b,)", "f(a, b)"],
    ["(f)(a)", "f(a)"],
    ["let $a = a $b = b in $a | $b", "let $a = a, $b = b in ($a | $b)"],
    ["{a: b c: d}", "{a: b, c: d}"],
    ["&a | b", "&(a | b)"],
  ];
  for (const [left, right] of cases) assert.equal(withoutPlaces(left), withoutPlaces(right), left);
});

test("errors have the Go library's words and a place", () => {
  const cases = [
    { text: "", message: "SyntaxError: Incomplete expression", offset: 0 },
    { text: "a ||", message: "SyntaxError: Incomplete expression", offset: 4 },
    { text: "let $a = b", message: "SyntaxError: Incomplete expression", offset: 10 },
    { text: "1 + a", message: "SyntaxError: Invalid token: TOKNumber", offset: 0 },
    { text: "f(,a)", message: "SyntaxError: Invalid token: TOKComma", offset: 2 },
    { text: "[a,]", message: "SyntaxError: Invalid token: TOKRbracket", offset: 3 },
    {
      text: "a -1",
      message: "SyntaxError: Unexpected token at the end of the expression: TOKNumber",
      offset: 2,
    },
    { text: "a !b", message: "SyntaxError: Unexpected token: TOKNot", offset: 2 },
    { text: "a {b: c}", message: "SyntaxError: Unexpected token: TOKLbrace", offset: 2 },
    { text: "a[] * b", message: "SyntaxError: Error", offset: 4 },
    { text: "a.@", message: "SyntaxError: Expected identifier, lbracket, or lbrace", offset: 2 },
    {
      text: "{a b}",
      message: "SyntaxError: Expected TOKColon, received: TOKUnquotedIdentifier",
      offset: 3,
    },
    {
      text: "{}",
      message: "SyntaxError: Expected tQuotedIdentifier or tUnquotedIdentifier",
      offset: 1,
    },
    {
      text: "{a: b,}",
      message: "SyntaxError: Expected tQuotedIdentifier or tUnquotedIdentifier",
      offset: 6,
    },
    {
      text: "[a b]",
      message: "SyntaxError: Expected TOKComma, received: TOKUnquotedIdentifier",
      offset: 3,
    },
    {
      text: "a[b]",
      message: "SyntaxError: Expected TOKStar, received: TOKUnquotedIdentifier",
      offset: 2,
    },
    {
      text: "a[0:b]",
      message: "SyntaxError: Expected tColon or tNumber, received: TOKUnquotedIdentifier",
      offset: 4,
    },
    { text: "a[1:2:3:4]", message: "SyntaxError: Too many colons in slice expression", offset: 7 },
    { text: "(a", message: "SyntaxError: Expected TOKRparen, received: TOKEOF", offset: 2 },
    { text: "'f'(a)", message: "SyntaxError: Invalid node as function name.", offset: 0 },
    {
      text: '"f"(a)',
      message: "SyntaxError: Can't have quoted identifier as function name.",
      offset: 0,
    },
    { text: "a | `x`", message: "invalid character 'x' looking for beginning of value", offset: 4 },
    {
      text: "a[-9223372036854775809]",
      message: 'strconv.Atoi: parsing "-9223372036854775809": value out of range',
      offset: 2,
    },
  ];
  for (const { text, message, offset } of cases) {
    assert.deepEqual(parseExpression(text), new ExpressionSyntaxError(message, offset), text);
  }
});

test("an index is a Go int", () => {
  for (const text of [
    "a[9223372036854775807]",
    "a[-9223372036854775808]",
    `a[${"0".repeat(50)}1]`,
  ]) {
    assert.equal(parsed(text).kind, "path", text);
  }
});
