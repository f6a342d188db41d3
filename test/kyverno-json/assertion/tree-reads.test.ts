import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  readExpression,
  type Whereabouts,
} from "../../../src/jmespath/compile/expression-reads.ts";
import { astOf } from "../../../src/jmespath/syntax/parsed-expression.ts";
import { readTree } from "../../../src/kyverno-json/assertion/tree-reads.ts";
import type { JsonValue } from "../../../src/model/json.ts";
import { parsedTree } from "../parsed.ts";

function write(part: NonNullable<Whereabouts>): string {
  if (!("call" in part)) return ["@", ...part].join(".");
  const seen = part.isOnlySeen === true ? "?" : "";
  return ["json", ...part.steps.map((step) => step ?? "*")].join(".") + seen;
}

function read(tree: JsonValue, maxDepth: number): string[] {
  const notes = new Set<string>();
  const note = (path: Whereabouts): void => {
    if (path !== undefined) notes.add(write(path));
  };
  readTree(parsedTree(tree, maxDepth), [], {
    note,
    readExpression: (expression, at) => {
      const ast = astOf(expression);
      return ast && readExpression(ast, at, note);
    },
  });
  return [...notes].toSorted();
}

const rows: readonly {
  readonly name: string;
  readonly tree: JsonValue;
  readonly want: readonly string[];
  readonly maxDepth?: number;
}[] = [
  { name: "a leaf", tree: "x", want: ["@"] },
  { name: "null", tree: { a: null }, want: ["@.a"] },
  { name: "keys", tree: { a: { b: "x", c: 1 }, d: true }, want: ["@.a.b", "@.a.c", "@.d"] },
  { name: "deep keys", tree: { a: { b: { c: { d: { e: 1 } } } } }, want: ["@.a.b.c.d"] },
  { name: "an empty object", tree: { a: {} }, want: [] },
  { name: "an array", tree: { a: ["x", { b: 1 }] }, want: ["@.a"] },
  { name: "an expression as key", tree: { a: { "(b.c)": "x" } }, want: ["@.a.b.c"] },
  { name: "keys below an expression", tree: { "(a.b)": { c: "x" } }, want: ["@.a.b.c"] },
  { name: "an expression without data", tree: { a: { "('x')": "x" } }, want: [] },
  { name: "a call", tree: { a: { "(split(@, ' ')[1])": { "(@)": "x" } } }, want: ["@.a"] },
  { name: "`$payload` far down", tree: { a: { "($payload.b)": { c: 1 } } }, want: ["@.b.c"] },
  { name: "an expression as leaf", tree: { a: "(b)" }, want: ["@.a", "@.a.b"] },
  { name: "the payload as leaf", tree: { a: "($payload.b)" }, want: ["@.a", "@.b"] },
  { name: "`~` over a key", tree: { "~.a": { b: 1 } }, want: ["@.a"] },
  { name: "`~` over an expression", tree: { "~i.(a.b)": { "($i)": 1 } }, want: ["@.a.b"] },
  { name: "`~` over nothing", tree: { a: { "~.b": {} } }, want: ["@.a.b"] },
  { name: "a binding of a key", tree: { "a->x": { b: { "($x)": 1 } } }, want: ["@.a"] },
  { name: "a binding of an expression", tree: { "(a)->x": { b: 1 } }, want: ["@.a"] },
  { name: "a key in escapes", tree: { "\\(a)\\": { b: 1 } }, want: ["@.(a).b"] },
  { name: "a syntax error", tree: { "(a b)": 1 }, want: [] },
  {
    name: "keys over JSON",
    tree: { "(json_parse(a))": { b: { c: 1 }, d: "x" } },
    want: ["@.a", "json.b.c", "json.d"],
  },
  {
    name: "`~` over JSON",
    tree: { "~.(json_parse(a).b)": { c: 1 } },
    want: ["@.a", "json.b.*.c", "json.b.*?"],
  },
  {
    name: "`~` with an index over JSON",
    tree: { "~i.(json_parse(a))": { "(c > $i)": true } },
    want: ["@.a", "json.*.c", "json.*?"],
  },
  { name: "a binding over JSON", tree: { "(json_parse(a))->x": { c: 1 } }, want: ["@.a", "json"] },
  {
    name: "`~` and a binding over JSON",
    tree: { "~.(json_parse(a))->x": { c: 1 } },
    want: ["@.a", "json"],
  },
  {
    name: "`~` over JSON, with nothing to see below",
    tree: { "~.(json_parse(a).b)": { "('x')": "y" } },
    want: ["@.a", "json.b.*?"],
  },
  { name: "a leaf over JSON", tree: { "(json_parse(a).b)": null }, want: ["@.a", "json.b"] },
  {
    name: "an array over JSON",
    tree: { "(json_parse(a).b)": [{ c: 1 }] },
    want: ["@.a", "json.b"],
  },
  {
    name: "too deep in JSON",
    tree: { "(json_parse(a))": { b: 1 } },
    maxDepth: 2,
    want: ["@", "@.a", "json.b"],
  },
  { name: "too deep", tree: { a: { b: 1 } }, maxDepth: 2, want: ["@", "@.a.b"] },
];

suite("what a tree sees of the payload", () => {
  for (const { name, tree, want, maxDepth = 9 } of rows) {
    test(name, () => {
      assert.deepEqual(read(tree, maxDepth), want);
    });
  }
});
