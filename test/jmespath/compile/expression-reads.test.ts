import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { readExpression } from "../../../src/jmespath/compile/expression-reads.ts";
import type { JsonPart } from "../../../src/jmespath/compile/json-part.ts";
import { parseExpression } from "../../../src/jmespath/syntax/parse-expression.ts";
import { ExpressionSyntaxError } from "../../../src/jmespath/syntax/syntax-error.ts";
import type { PayloadPath } from "../../../src/model/payload-reads.ts";

/** What is noted of the payload when the expression is evaluated for it, and where the result stands. */
function read(expression: string): { notes: string[]; result: string | undefined } {
  const ast = parseExpression(expression);
  assert.ok(!(ast instanceof ExpressionSyntaxError), expression);
  const notes = new Set<string>();
  const result = readExpression(
    ast,
    [],
    (path) => {
      if (path !== undefined) notes.add(write(path));
    },
    variables,
  );
  return { notes: [...notes].toSorted(), result: result && write(result) };
}

const variables = new Map([["t", { call: "c", steps: ["t"] }]]);

function write(part: PayloadPath | JsonPart): string {
  if (!("call" in part)) return ["@", ...part].join(".");
  const seen = part.isOnlySeen === true ? "?" : "";
  return ["json", ...part.steps.map((step) => step ?? "*")].join(".") + seen;
}

/** `result` is what the caller still has to note. */
const rows: readonly {
  readonly name: string;
  readonly result?: string;
  readonly notes?: readonly string[];
}[] = [
  { name: "@", result: "@" },
  { name: "a", result: "@.a" },
  { name: "a.b.c", result: "@.a.b.c" },
  { name: "a.b.c.d.e", result: "@.a.b.c.d" },
  { name: '"a.b".c', result: "@.a.b.c" },
  { name: "a | b", result: "@.a.b" },
  { name: "a | @", result: "@.a" },
  { name: "a | 'x'" },
  { name: "'x'" },
  { name: "$" },
  { name: "$payload", result: "@" },
  { name: "$payload.a.b", result: "@.a.b" },
  { name: "x.y | $payload.a", result: "@.a" },
  { name: "$other.a" },
  { name: "$policy.name" },
  { name: "a.[`1`]", notes: ["@.a"] },
  { name: "a.[b]", notes: ["@.a", "@.a.b"] },
  { name: "a.{x: `1`}", notes: ["@.a"] },
  { name: "a | [`1`]" },
  { name: "a | {x: b}", notes: ["@.a.b"] },
  { name: "a[0]", notes: ["@.a"] },
  { name: "a[0].b", notes: ["@.a"] },
  { name: "a[1:]", notes: ["@.a"] },
  { name: "a[*].b", notes: ["@.a"] },
  { name: "a.*.b", notes: ["@.a"] },
  { name: "*", notes: ["@"] },
  { name: "a[].b", notes: ["@.a"] },
  { name: "a[?b].c", notes: ["@.a"] },
  { name: "a[?$payload.x == b].c", notes: ["@.a", "@.x"] },
  { name: "a[*].[$payload.x]", notes: ["@.a", "@.x"] },
  { name: "[a, b.c]", notes: ["@.a", "@.b.c"] },
  { name: "{x: a, y: @}", notes: ["@", "@.a"] },
  { name: "a || b", notes: ["@.a", "@.b"] },
  { name: "(a || b).c", notes: ["@.a", "@.b"] },
  { name: "a && b.c", notes: ["@.a", "@.b.c"] },
  { name: "!a.b", notes: ["@.a"] },
  { name: "!(a.b)", notes: ["@.a.b"] },
  { name: "a == b", notes: ["@.a", "@.b"] },
  { name: "a.b < `1`", notes: ["@.a.b"] },
  { name: "a + b", notes: ["@.a", "@.b"] },
  { name: "-a", notes: ["@.a"] },
  { name: "let $x = a in $x.b", notes: ["@.a"] },
  { name: "let $x = 'y' in b", result: "@.b" },
  { name: "let $payload = a in $payload.b", result: "@.b", notes: ["@.a"] },
  { name: "json_parse(a)", result: "json", notes: ["@.a"] },
  { name: "json_parse(a).b.c", result: "json.b.c", notes: ["@.a"] },
  { name: "parse_json(a) | b", result: "json.b", notes: ["@.a"] },
  { name: "json_parse_strict(a)[*].b", notes: ["@.a", "json.*.b", "json.*?"] },
  { name: "json_parse(a).b[?c].d", notes: ["@.a", "json.b.*.c", "json.b.*.d", "json.b.*?"] },
  { name: "json_parse(a).b[?c]", notes: ["@.a", "json.b.*", "json.b.*.c", "json.b.*?"] },
  { name: "json_parse(a).*.b", notes: ["@.a", "json.*.b", "json.*?"] },
  { name: "json_parse(a).b[*].[`1`]", notes: ["@.a", "json.b.*?", "json?"] },
  { name: "json_parse(a).b.[`1`]", notes: ["@.a", "json.b?"] },
  { name: "json_parse(a)[]", notes: ["@.a", "json"] },
  { name: "json_parse(a).b[0]", notes: ["@.a", "json.b", "json.b?"] },
  { name: "json_parse(a) == b", notes: ["@.a", "@.b", "json"] },
  { name: "json_parse(a) || b", notes: ["@.a", "@.b", "json"] },
  { name: "length(json_parse(a).b)", notes: ["@.a", "json.b"] },
  { name: "let $x = json_parse(a) in $x.b", notes: ["@.a", "json"] },
  {
    name: "not_null(json_parse(a).b, `[]`)[*].c",
    notes: ["@.a", "json.b.*.c", "json.b.*?"],
  },
  { name: "not_null(json_parse(a).b, c).d", notes: ["@.a", "@.c", "json.b"] },
  { name: "not_null(a, 'x').b", notes: ["@.a"] },
  { name: "json_parse(a, b).c", notes: ["@.a", "@.b"] },
  { name: "json_parse(json_parse(a).b).c", result: "json.c", notes: ["@.a", "json.b"] },
  { name: `json_parse(a).${"b.".repeat(20)}c`, result: `json${".b".repeat(16)}`, notes: ["@.a"] },
  { name: "$t.a", result: "json.t.a" },
  { name: "x | $t.a[*].b", notes: ["json.t.a.*.b", "json.t.a.*?", "json.t?"] },
  { name: "let $x[*] in b", result: "@.b", notes: ["@"] },
  { name: "let $x.a in b", result: "@.b", notes: ["@.a"] },
  { name: "length(a)", notes: ["@.a"] },
  { name: "length(@)", notes: ["@"] },
  { name: "keys($payload)", notes: ["@"] },
  { name: "a.length(@)", notes: ["@.a"] },
  { name: "a.length('x')", notes: ["@.a"] },
  { name: "nope(a, b)", notes: ["@.a", "@.b"] },
  { name: "map(&b, a)", notes: ["@.a"] },
  { name: "map(&$payload.c, a)", notes: ["@.a", "@.c"] },
  { name: "a = b", notes: ["@.a", "@.b"] },
];

suite("what an expression sees of the payload", () => {
  for (const { name, result, notes = [] } of rows) {
    test(name, () => {
      assert.deepEqual(read(name), { notes, result });
    });
  }
});
