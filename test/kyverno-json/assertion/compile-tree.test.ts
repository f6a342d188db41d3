import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  ExpressionReference,
  GoInt,
  ItemsArray,
  type Value,
} from "../../../src/go-values/value.ts";
import { compileTree } from "../../../src/kyverno-json/assertion/compile-tree.ts";
import { EvaluationError } from "../../../src/model/evaluation-error.ts";
import type { JsonValue } from "../../../src/model/json.ts";
import { parsedTree } from "../parsed.ts";
import { createTestCompiler, holdTree } from "./hold-tree.ts";

function typeError(message: string): EvaluationError {
  return new EvaluationError("EVALUATION_TYPE", message);
}

function otherError(message: string): EvaluationError {
  return new EvaluationError("EVALUATION_OTHER", message);
}

interface Case {
  readonly name: string;
  readonly tree: JsonValue;
  readonly value: Value;
  readonly want: "holds" | readonly string[] | EvaluationError;
}

const leaves: readonly Case[] = [
  { name: "equal strings", tree: "x", value: "x", want: "holds" },
  {
    name: "other string",
    tree: "x",
    value: "y",
    want: ['t: Invalid value: "y": Expected value: "x"'],
  },
  { name: "null against null", tree: null, value: null, want: "holds" },
  {
    name: "null against a value",
    tree: null,
    value: 1,
    want: ["t: Invalid value: 1: Expected value: <nil>"],
  },
  {
    name: "null against an object",
    tree: null,
    value: { a: 1 },
    want: ['t: Invalid value: map[string]interface {}{"a":1}: Expected value: <nil>'],
  },
  {
    name: "a boolean against null",
    tree: true,
    value: null,
    want: ['t: Invalid value: "null": Expected value: true'],
  },
  {
    name: "a string against a number",
    tree: "1",
    value: 1,
    want: typeError("t: Internal error: types are not comparable, string - float64"),
  },
  {
    name: "a number against a string",
    tree: 12,
    value: "12",
    want: typeError("t: Internal error: types are not comparable, float64 - string"),
  },
  {
    name: "a string against an object",
    tree: "x",
    value: {},
    want: typeError("t: Internal error: types are not comparable, string - map"),
  },
  {
    name: "a boolean against an array",
    tree: false,
    value: [],
    want: typeError("t: Internal error: types are not comparable, bool - slice"),
  },
  { name: "a number against a Go integer", tree: 3, value: new GoInt(3), want: "holds" },
  {
    name: "a number against another Go integer",
    tree: 3,
    value: new GoInt(4),
    want: ["t: Invalid value: 4: Expected value: 3"],
  },
  {
    name: "a string against a Go integer",
    tree: "3",
    value: new GoInt(3),
    want: typeError("t: Internal error: types are not comparable, string - int"),
  },
  {
    name: "a string against an expression reference",
    tree: "f",
    value: new ExpressionReference(() => null),
    want: typeError("t: Internal error: types are not comparable, string - func"),
  },
  { name: "minus zero is zero", tree: 0, value: -0, want: "holds" },
  {
    name: "a large number",
    tree: 5,
    value: 1_234_567,
    want: ["t: Invalid value: 1.234567e+06: Expected value: 5"],
  },
  {
    name: "text that Go escapes",
    tree: 'x"y',
    value: "é\n\u200b",
    want: ['t: Invalid value: "é\\n\\u200b": Expected value: "x\\"y"'],
  },
  { name: "escapes stay on the right", tree: "\\(x)\\", value: "\\(x)\\", want: "holds" },
  { name: "an arrow is text on the right", tree: "p->q", value: "p->q", want: "holds" },
  { name: "a line break makes it text", tree: "(b)\n", value: "(b)\n", want: "holds" },
];

const expected: readonly Case[] = [
  { name: "the value itself", tree: "(@)", value: { a: [1, null] }, want: "holds" },
  { name: "an expression for text in parentheses", tree: "('(x)')", value: "(x)", want: "holds" },
  { name: "an unnamed foreach is ignored", tree: "~.(@)", value: 1, want: "holds" },
  {
    name: "a named foreach",
    tree: "~x.(@)",
    value: 1,
    want: otherError('t: Invalid value: "~x.(@)": foreach is not supported on the RHS'),
  },
  {
    name: "a binding",
    tree: "(b)->c",
    value: 1,
    want: otherError('t: Invalid value: "(b)->c": binding is not supported on the RHS'),
  },
  {
    name: "an expression that errs",
    tree: "($no)",
    value: 1,
    want: new EvaluationError(
      "EVALUATION_UNDEFINED_VARIABLE",
      "t: Internal error: variable not defined: $no",
    ),
  },
  { name: "a subset of an object", tree: "({x: `1`})", value: { x: 1, y: 2 }, want: "holds" },
  {
    name: "an object with a key that is absent",
    tree: "({x: @.no})",
    value: { y: 2 },
    want: [
      't: Invalid value: map[string]interface {}{"y":2}: Expected value: map[string]interface {}{"x":interface {}(nil)}',
    ],
  },
  {
    name: "an object against null",
    tree: "({x: `1`})",
    value: null,
    want: typeError("t: Internal error: invalid actual value, must be a map, found invalid"),
  },
  {
    name: "an array against text",
    tree: "([`1`])",
    value: "x",
    want: typeError("t: Internal error: invalid actual value, must be a slice, found string"),
  },
  {
    name: "an array of another length",
    tree: "([`1`])",
    value: [1, 2],
    want: ["t: Invalid value: []interface {}{1, 2}: Expected value: []interface {}{1}"],
  },
  {
    name: "an array with an element of another type",
    tree: "([`2`, 'x'])",
    value: [2, 3],
    want: typeError("t: Internal error: types are not comparable, string - float64"),
  },
  {
    name: "an array whose first mismatch ends the comparison",
    tree: "([`1`, 'x'])",
    value: [2, 3],
    want: ['t: Invalid value: []interface {}{2, 3}: Expected value: []interface {}{1, "x"}'],
  },
  {
    name: "NaN equals nothing",
    tree: "(`0` / `0`)",
    value: Number.NaN,
    want: ["t: Invalid value: NaN: Expected value: NaN"],
  },
];

const arrays: readonly Case[] = [
  { name: "element by element", tree: ["x", 1], value: ["x", 1], want: "holds" },
  { name: "the empty array", tree: [], value: [], want: "holds" },
  { name: "a typed array", tree: [{ k: "x" }], value: new ItemsArray([{ k: "x" }]), want: "holds" },
  { name: "null", tree: ["x"], value: null, want: ['t: Invalid value: "null": value is null'] },
  {
    name: "no array",
    tree: ["x"],
    value: "x",
    want: typeError('t: Invalid value: "x": expected a slice'),
  },
  {
    name: "another length",
    tree: ["x"],
    value: ["x", "y"],
    want: ['t: Invalid value: []interface {}{"x", "y"}: lengths of slices don\'t match'],
  },
  {
    name: "all elements that fail",
    tree: [1, 2, 3],
    value: [1, 3, 2],
    want: [
      "t[1]: Invalid value: 3: Expected value: 2",
      "t[2]: Invalid value: 2: Expected value: 3",
    ],
  },
];

const maps: readonly Case[] = [
  {
    name: "a plain key goes through scalars",
    tree: { a: { b: "x" } },
    value: { a: "x" },
    want: "holds",
  },
  { name: "no keys hold always", tree: {}, value: null, want: "holds" },
  { name: "an absent key is null", tree: { a: null }, value: {}, want: "holds" },
  {
    name: "keys are not paths",
    tree: { "a.b": 1 },
    value: { a: { b: 1 } },
    want: ['t.a.b: Invalid value: "null": Expected value: 1'],
  },
  {
    name: "an empty key",
    tree: { "": 1 },
    value: { "": 2 },
    want: ["t[]: Invalid value: 2: Expected value: 1"],
  },
  {
    name: "keys in code point order",
    tree: { "\ufb00": 1, "😀": 1, b: 1 },
    value: {},
    want: [
      't.b: Invalid value: "null": Expected value: 1',
      't.\ufb00: Invalid value: "null": Expected value: 1',
      't.😀: Invalid value: "null": Expected value: 1',
    ],
  },
  {
    name: "an error discards fails",
    tree: { a: 1, b: "x", c: 1 },
    value: { a: 2, b: 1, c: 2 },
    want: typeError("t.b: Internal error: types are not comparable, string - float64"),
  },
  {
    name: "inherited names are absent",
    tree: { constructor: null, toString: null, hasOwnProperty: null },
    value: {},
    want: "holds",
  },
  { name: "an escaped key", tree: { "\\(b)->n\\": 1 }, value: { "(b)->n": 1 }, want: "holds" },
  { name: "an expression key", tree: { "(a.b)": 1 }, value: { a: { b: 1 } }, want: "holds" },
  {
    name: "an expression key that is none",
    tree: { "(a) -> x": { "($x)": 1 } },
    value: { a: 1 },
    want: ['t.(a) -> x.($x): Invalid value: "null": Expected value: 1'],
  },
  {
    name: "an expression key with a syntax error",
    tree: { "(jp;a)": 1 },
    value: {},
    want: new EvaluationError(
      "EVALUATION_SYNTAX",
      "t.(jp;a): Internal error: SyntaxError: Unknown char: ';'",
    ),
  },
  {
    name: "an inner binding shadows the outer one",
    tree: { "(a)->s": { "($s + $s)->s": { "($s)": 4 } } },
    value: { a: 2 },
    want: "holds",
  },
  {
    name: "a binding is not seen by the keys beside it",
    tree: { "(a)->x": 1, "(b || $x)": 1 },
    value: { a: 1 },
    want: new EvaluationError(
      "EVALUATION_UNDEFINED_VARIABLE",
      "t.(b || $x): Internal error: variable not defined: $x",
    ),
  },
];

const foreach: readonly Case[] = [
  { name: "no element", tree: { "~.a": 1 }, value: { a: [] }, want: "holds" },
  {
    name: "all elements that fail",
    tree: { "~.a": { b: 1 } },
    value: { a: [{ b: 1 }, { b: 2 }, {}] },
    want: [
      "t.~.a[1].b: Invalid value: 2: Expected value: 1",
      't.~.a[2].b: Invalid value: "null": Expected value: 1',
    ],
  },
  {
    name: "members by key",
    tree: { "~k.a": { "($k)": "x" } },
    value: { a: { x: 1, y: 2 } },
    want: ['t.~k.a[y].($k): Invalid value: "y": Expected value: "x"'],
  },
  {
    name: "the index is a Go integer",
    tree: { "~i.a": { "($i)": 0 } },
    value: { a: ["p"] },
    want: "holds",
  },
  {
    name: "which no number equals",
    tree: { "~i.a": { "($i == `0`)": true } },
    value: { a: ["p"] },
    want: ["t.~i.a[0].($i == `0`): Invalid value: false: Expected value: true"],
  },
  {
    name: "the binding is the whole collection",
    tree: { "~.a->all": { "($all[0])": 7 } },
    value: { a: [7, 8] },
    want: "holds",
  },
  {
    name: "inside one another, with indices of arrays between",
    tree: { "~.a": [{ "~.b": 1 }] },
    value: { a: [[{ b: [1, 2] }], [{ b: { q: 3 } }]] },
    want: [
      "t.~.a[0][0].~.b[1]: Invalid value: 2: Expected value: 1",
      "t.~.a[1][0].~.b[q]: Invalid value: 3: Expected value: 1",
    ],
  },
  {
    name: "null is no collection",
    tree: { a: { "~.b": { c: 1 } } },
    value: { a: {} },
    want: typeError('t.a.~.b: Invalid value: "null": expected a slice or a map'),
  },
  {
    name: "over no object the mark is lost",
    tree: { a: { "~.b": { c: 1 } } },
    value: {},
    want: ['t.a.~.b.c: Invalid value: "null": Expected value: 1'],
  },
  {
    name: "over no object the binding is lost",
    tree: { "x->y": { "($y)": 1 } },
    value: 5,
    want: new EvaluationError(
      "EVALUATION_UNDEFINED_VARIABLE",
      "t.x->y.($y): Internal error: variable not defined: $y",
    ),
  },
];

for (const [name, cases] of Object.entries({ leaves, expected, arrays, maps, foreach })) {
  suite(name, () => {
    for (const { name: title, tree, value, want } of cases) {
      test(title, () => {
        assert.deepEqual(holdTree(tree, value), want);
      });
    }
  });
}

test("misuses are reported with their place", () => {
  const { compiler, reports } = createTestCompiler();
  const site = {
    documentPath: ["check"],
    path: "t",
    at: [],
    variables: new Map(),
  };
  compileTree(parsedTree({ a: ["(b)->c"], b: "~x.(@)", c: "~.(@)" }), site, compiler);
  assert.deepEqual(
    reports.map(({ code, severity, origin }) => [code, severity, ...origin.documentPath]),
    [
      ["POLICY_MISUSE", "error", "check", "a", 0],
      ["POLICY_MISUSE", "error", "check", "b"],
      ["POLICY_MISUSE", "warning", "check", "c"],
    ],
  );
});

test("variables are in reach below their key only", () => {
  const { compiler } = createTestCompiler();
  const seen = new Map<string, string[]>();
  const site = {
    documentPath: [],
    path: "t",
    at: [],
    variables: new Map([["payload", undefined]]),
  };
  compileTree(parsedTree({ "~i.(a)->x": { b: "(c)" }, d: "(e)" }), site, {
    ...compiler,
    compile: (expression, offset, origin) => {
      seen.set(expression.text, [...origin.variables.keys()]);
      return compiler.compile(expression, offset, origin);
    },
  });
  assert.deepEqual(
    seen,
    new Map([
      ["a", ["payload"]],
      ["c", ["payload", "i", "x"]],
      ["e", ["payload"]],
    ]),
  );
});
