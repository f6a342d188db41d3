import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ExpressionReference,
  GoInt,
  ItemsArray,
  type Value,
} from "../../../src/go-values/value.ts";
import {
  compileExpression,
  type ExpressionFault,
  type FreeVariable,
} from "../../../src/jmespath/compile/compile.ts";
import { childScope, LazyResult, rootScope } from "../../../src/jmespath/compile/scope.ts";
import { EvaluationError } from "../../../src/model/evaluation-error.ts";
import { defaultEvaluationLimits } from "../../../src/model/limits.ts";
import { budgetOf, evaluate, outcome, testTable } from "../evaluate.ts";

type Case = readonly [expression: string, current: Value, want: unknown];

function check(cases: readonly Case[]): void {
  for (const [expression, current, want] of cases) {
    assert.deepEqual(outcome(expression, current), want, expression);
  }
}

test("fields, paths and indexes give null for whatever is not there", () => {
  check([
    ["@", 1, 1],
    ["$", { a: 1 }, null],
    ["$.a", { a: 1 }, null],
    ["a", { a: 1 }, 1],
    ["a.b.c.d", { a: { b: { c: { d: 1 } } } }, 1],
    ["a.b.c.d", { a: { b: "x" } }, null],
    ["a.b", { a: [{ b: 1 }] }, null],
    ["length", [1], null],
    ["true", {}, null],
    ["a[0].b[-1]", { a: [{ b: [1, 2] }] }, 2],
    ["[5]", [1], null],
    ["[-2]", [1], null],
    ["[0]", "abc", null],
    ["a.{b: @}", {}, null],
    ["@ | {b: @}", null, { b: null }],
    ["@.{b: @}", null, null],
    ["@.[@]", null, null],
    ["@.type(@)", null, null],
    ["@.type(@)", 1, "number"],
    ["[a]", {}, [null]],
    ["{a: @, a: b}", { b: 1 }, { a: 1 }],
  ]);
});

test("slices are Python's; a string's slice ends the expression", () => {
  const digits = [0, 1, 2, 3, 4];
  check([
    ["[1:3]", digits, [1, 2]],
    ["[:-1]", digits, [0, 1, 2, 3]],
    ["[::2]", digits, [0, 2, 4]],
    ["[::-1]", digits, [4, 3, 2, 1, 0]],
    ["[3:0:-2]", digits, [3, 1]],
    ["[-100:100]", digits, digits],
    ["[100:-100:-1]", digits, [4, 3, 2, 1, 0]],
    ["[5:]", digits, []],
    ["[::0]", digits, "EVALUATION_VALUE: invalid slice, step cannot be 0"],
    ["[::0]", "abc", null],
    ["[::0]", {}, null],
    ["[1:]", { a: 1 }, null],
    ["[1:3]", "a😀bc", "😀b"],
    ["[::-1]", "a😀b", "b😀a"],
    ["[0:2].foo", "hello", "he"],
    ["[0:2][0]", "hello", "he"],
    ["[*].a", "hello", null],
    ["[0:2].a", [{ a: 1 }, {}], [1]],
  ]);
});

test("projections drop nulls and do not care for the wrong type", () => {
  check([
    ["[*].a", [{ a: 1 }, {}, { a: null }, { a: 2 }], [1, 2]],
    ["[*]", { a: 1 }, null],
    ["*", { b: 1, a: null, c: 2 }, [1, 2]],
    ["*.*", { a: { x: 1 } }, [[1]]],
    ["*", [1], null],
    ["[]", [1, [2, [3]], null], [1, 2, [3]]],
    ["[]", "x", null],
    ["a[][0]", { a: [[1], [2]] }, []],
    ["a[*][0]", { a: [[1], [2]] }, [1, 2]],
    ["[?a].b", [{ a: 1, b: 2 }, { b: 3 }], [2]],
    ["[?@ > `1`] | [0]", [1, 2, 3], 2],
    ["[?x]", { x: 1 }, null],
    ["a[?x][]", { a: [{ x: [1] }] }, [{ x: [1] }]],
  ]);
});

test("errors on the left vanish in filters, flattening and object projections only", () => {
  const unknown = "EVALUATION_UNKNOWN_FUNCTION: unknown function: nope";
  check([
    ["nope(@)[]", null, null],
    ["nope(@)[?x]", null, null],
    ["nope(@).*", null, null],
    ["nope(@)[*]", null, unknown],
    ["nope(@)[0]", null, unknown],
    ["nope(@)[0:1]", null, unknown],
    ["nope(@).a", null, unknown],
    ["nope(@) | a", null, unknown],
    ["[?nope(@)]", [1], unknown],
    ["[].nope(@)", [1], unknown],
    ["*.nope(@)", { a: 1 }, unknown],
    ["!nope(@)", null, unknown],
    ["a && nope(@)", {}, null],
    ["a || nope(@)", { a: 1 }, 1],
  ]);
});

test("equality is deep and minds dynamic types", () => {
  check([
    ["`1` == `1.0`", null, true],
    ['`[1,{"a":[]}]` == `[1,{"a":[]}]`', null, true],
    ['`{"a":1}` == `{"b":1}`', null, false],
    ['`{"a":null}` == `{}`', null, false],
    ["a == b", {}, true],
    ["a == null", {}, true],
    ["'a' != 'b'", null, true],
    ["a == `null`", { a: false }, false],
    ["int(`1`) == `1`", null, false],
    ["int(`1`) == int(`1`)", null, true],
    ["typed(@) == @", [{ a: 1 }], false],
    ["typed(@) == typed(@)", [{ a: 1 }], true],
    ["(@/@) == (@/@)", 0, false],
    ["(&a) == (&a)", null, false],
    ["let $f = &a in $f == $f", null, false],
  ]);
});

test("order and arithmetic are for numbers and Go ints, all else is null", () => {
  check([
    ["`1` < `2`", null, true],
    ["`2` <= `1`", null, false],
    ["int(`1`) >= `1`", null, true],
    ["'a' < 'b'", null, null],
    ["`1` > @", null, null],
    ["int(`1`) + int(`2`)", null, 3],
    ["`7` // `2`", null, 3],
    ["`-7` // `2`", null, -4],
    ["`-7` % `3`", null, -1],
    ["`1` / `0`", null, Number.POSITIVE_INFINITY],
    ["`8` / `2` * `2`", null, 2],
    ["`8` ÷ `2` × `2`", null, 8],
    ["`1` − `2`", null, -1],
    ["- -`1`", null, 1],
    ["+`1`", null, 1],
    ["-'a'", null, null],
    ["'1' + `1`", null, null],
  ]);
});

test("truth is in all but null, false and what is empty", () => {
  check([
    ["`0` || 'x'", null, 0],
    ["`[]` || `{}` || '' || `false` || a", {}, null],
    ["`[]` && 'x'", null, []],
    ["`{\"a\":null}` && 'x'", null, "x"],
    ["!`0`", null, false],
    ["!int(`0`)", null, false],
    ["!typed(`[]`)", null, true],
    ["!typed(`[{}]`)", null, false],
    ["!a.b", { a: { b: true } }, null],
    ["!a[0]", { a: [false] }, true],
    ["!&a", null, false],
  ]);
});

test("let binds what it evaluates outside, for the body only", () => {
  const undefinedA = "EVALUATION_UNDEFINED_VARIABLE: variable not defined: $a";
  const panic = "EVALUATION_PANIC: runtime error: index out of range [1] with length 0";
  check([
    [
      "let $a = a in b[*].[$a, @]",
      { a: 1, b: [2, 3] },
      [
        [1, 2],
        [1, 3],
      ],
    ],
    ["let $a = `1` in let $b = $a, $a = `2` in [$a, $b]", null, [2, 1]],
    ["let $a = `1`, $a = `2` in $a", null, 2],
    ["let $a = `1`, $b = $a in $b", null, undefinedA],
    ["[let $a = `1` in $a, $a]", null, undefinedA],
    ["let $a = `1` in b | $a", { b: 2 }, 1],
    ["let.in", { let: { in: 1 } }, 1],
    ["let $a in $a", null, panic],
    ["let $a = `1`, foo in $a", null, panic],
    ["let $a = nope(@), foo in $a", null, "EVALUATION_UNKNOWN_FUNCTION: unknown function: nope"],
    ["a = b", null, "EVALUATION_OTHER: Unknown AST node: ASTBinding"],
    ["let $a = $b = `1` in $a", null, "EVALUATION_OTHER: Unknown AST node: ASTBinding"],
    ["let $f = &a in map($f, @)", [{ a: 1 }], [1]],
    ["let $x = `1` in map(&[@, $x], @)", [2], [[2, 1]]],
  ]);
});

function oneOf(count: number): string {
  return `EVALUATION_PANIC: runtime error: index out of range [1] with length ${count}`;
}

test("any two parts of a let item are a name and its value, whatever stands between them", () => {
  const noName = "EVALUATION_PANIC: interface conversion: interface {} is nil, not string";
  const current = { a: 1, b: { c: 2, d: [3] }, d: [4] };
  const operators = ["==", "!=", "<", "|", "||", "&&", "+", "-", "*", "/", "//", "%", "="];
  for (const operator of operators) {
    check([
      [`let $x ${operator} a in $x`, current, 1],
      [`let $y = a, '$x' ${operator} b.c in $x`, current, 2],
      [
        `let $y = a, 'x' ${operator} a in $x`,
        current,
        "EVALUATION_UNDEFINED_VARIABLE: variable not defined: $x",
      ],
      [`let $y = a, [a] ${operator} a in $y`, current, noName],
      [
        `let $y = a, [a] ${operator} nope(@) in $y`,
        current,
        "EVALUATION_UNKNOWN_FUNCTION: unknown function: nope",
      ],
    ]);
  }
  check([
    ["let $x.a in $x", current, 1],
    ["let $x.b.c in $x", current, noName],
    ["let $x.d[0] in $x", current, 4],
    ["let $y = a, ($x.d)[0] in $x", current, noName],
    ["let $x[0] in $x", [7], 7],
    ["let $x[0][0] in $x", [7], noName],
    ["let $x[*] in $x", [7], [7]],
    ["let $x[?a] in $x", [7], [7]],
    ["let $x.* in $x", [7], [7]],
    ["let $x[] in $x", [7], noName],
    ["let $x[0:] in $x", [7], noName],
    ["let $x | a | b in $x", { a: 1, b: 2 }, noName],
    ["let $x | (a | b) in $x", { a: { b: 2 } }, 2],
    ["let $x || (a || b) in $x", { b: 2 }, 2],
    ['let $y = a, "$x".a in $x', current, 1],
    ['let $y = a, `"$x"` | a in $x', current, 1],
    ["let $y = a, `5` | a in $y", current, noName],
    ["let $y = a, ['$x', a] in $x", current, 1],
    ["let $y = a, ['$x', a, nope(@)] in $x", current, 1],
    ["let $y = a, [a] in $y", current, oneOf(1)],
    ['let $y = a, {"$x": nope(@), z: a} in $x', current, 1],
    ["let $y = a, {z: a} in $y", current, oneOf(1)],
    ["let $y = a, nope('$x', a) in $x", current, 1],
    ["let $y = a, nope(a) in $y", current, oneOf(1)],
    ["let $y = a, now() in $y", current, oneOf(0)],
    ["let $y = a, !a in $y", current, oneOf(1)],
    ["let $y = a, &a in $y", current, oneOf(1)],
    [
      "let $y = a, let $z = b in $z in $y",
      current,
      "EVALUATION_UNDEFINED_VARIABLE: variable not defined: $z",
    ],
    ["let $y = a, let $z = b in a in $y", current, noName],
  ]);
});

test("a panic does not vanish where other errors do", () => {
  const panic =
    "EVALUATION_PANIC: interface conversion: interface {} is []map[string]interface {}, not []interface {}";
  for (const swallowing of ["[]", "[?@]", ".*", "[].a", "[?a].b[]", "[] | a", "[].*"]) {
    check([
      [`(reverse(typed(@)))${swallowing}`, [], panic],
      [
        `(let $x in a)${swallowing}`,
        [],
        "EVALUATION_PANIC: runtime error: index out of range [1] with length 0",
      ],
      [
        `(find_first('abc', 'c', \`10\`))${swallowing}`,
        [],
        "EVALUATION_PANIC: runtime error: slice bounds out of range [10:3]",
      ],
    ]);
  }
});

test("variables are read when reached, lazy ones once", () => {
  let count = 0;
  const lazy = new LazyResult(() => ++count);
  const failing = new EvaluationError("EVALUATION_OTHER", "context[0].variable: …");
  let scope = childScope(rootScope(budgetOf()), "lazy", lazy);
  scope = childScope(scope, "failing", failing);
  const run = (text: string) =>
    compileExpression(text, testTable, defaultEvaluationLimits).evaluate(null, scope);
  assert.equal(run("`true` || $lazy"), true);
  assert.equal(count, 0);
  assert.deepEqual(run("[$lazy, $lazy]"), [1, 1]);
  assert.equal(run("$failing.a"), failing);
});

test("calls check the number of arguments, then their types", () => {
  check([
    [
      "length()",
      null,
      "EVALUATION_ARITY: invalid arity, the function 'length' expects 1 argument but none were supplied",
    ],
    [
      "join('')",
      null,
      "EVALUATION_ARITY: invalid arity, the function 'join' expects 2 arguments but 1 were supplied",
    ],
    [
      "merge()",
      null,
      "EVALUATION_ARITY: invalid arity, the function 'merge' expects 1 argument or more but none were supplied",
    ],
    [
      "zip(@)",
      [],
      "EVALUATION_ARITY: invalid arity, the function 'zip' expects 2 arguments or more but only 1 were supplied",
    ],
    [
      "abs(@, @)",
      1,
      "EVALUATION_ARITY: invalid arity, the function 'abs' expects at most 1 arguments but 2 were supplied",
    ],
    ["abs(nope(@), @)", 1, "EVALUATION_UNKNOWN_FUNCTION: unknown function: nope"],
    ["nope($x)", null, "EVALUATION_UNDEFINED_VARIABLE: variable not defined: $x"],
    ["now('anything', `1`)", null, "now"],
    ["abs(@)", "x", 'EVALUATION_TYPE: invalid type for: x, expected: []functions.JpType{"number"}'],
    [
      "abs(int(`1`))",
      null,
      'EVALUATION_TYPE: invalid type for: 1, expected: []functions.JpType{"number"}',
    ],
    [
      "reverse(@)",
      { b: [null], a: 1 },
      'EVALUATION_TYPE: invalid type for: map[a:1 b:[<nil>]], expected: []functions.JpType{"array", "string"}',
    ],
    [
      "avg(@)",
      [1, "2"],
      'EVALUATION_TYPE: invalid type for: [1 2], expected: []functions.JpType{"array[number]"}',
    ],
    [
      "from_items(typed(@))",
      [{ k: 1 }],
      'EVALUATION_TYPE: invalid type for: [map[k:1]], expected: []functions.JpType{"array[array]"}',
    ],
    [
      "map(a, @)",
      [],
      'EVALUATION_TYPE: invalid type for: <nil>, expected: []functions.JpType{"expref"}',
    ],
    [
      "zip(@, @, a)",
      [],
      'EVALUATION_TYPE: invalid type for: <nil>, expected: []functions.JpType{"array"}',
    ],
    ["(length)('abc')", null, 3],
  ]);
});

test("the typed array of items() is an array to the language, not to functions", () => {
  const items = new ItemsArray([{ k: "a" }, { k: "b" }]);
  const panic =
    "EVALUATION_PANIC: interface conversion: interface {} is []map[string]interface {}, not []interface {}";
  check([
    ["[0].k", items, "a"],
    ["[*].k", items, ["a", "b"]],
    ["[].k", items, ["a", "b"]],
    ["[?k == 'b']", items, [{ k: "b" }]],
    ["[1:].k", items, ["b"]],
    ["length(@)", items, 2],
    ["to_string(@)", items, '[{"k":"a"},{"k":"b"}]'],
    ["to_array(@)", items, [items]],
    ["type(@)", items, "EVALUATION_TYPE: unknown type"],
    ["reverse(@)", items, panic],
    ["contains(@, 'a')", items, panic],
    ["map(&k, @)", items, panic],
    ["sort_by(@, &k)", items, panic],
    ["max_by(@, &k)", items, panic],
    ["group_by(@, &k)", items, panic],
    ["zip(@, `[]`)", items, panic],
  ]);
});

test("an expression reference is a value that remembers its variables", () => {
  const reference = evaluate("let $x = `1` in &[$x, @]");
  assert.ok(reference instanceof ExpressionReference);
  assert.deepEqual(reference.evaluate(2), [1, 2]);
});

test("a Go int stays one", () => {
  assert.deepEqual(evaluate("$i", null, { i: new GoInt(2) }), new GoInt(2));
  assert.equal(evaluate("$i == `2`", null, { i: new GoInt(2) }), false);
});

function faultsOf(text: string): readonly ExpressionFault[] {
  return compileExpression(text, testTable, defaultEvaluationLimits).faults;
}

function variablesOf(text: string): readonly FreeVariable[] {
  return compileExpression(text, testTable, defaultEvaluationLimits).variables;
}

test("faults are found wherever they stand, with their places", () => {
  assert.deepEqual(faultsOf("a.b[?c == 'x']"), []);
  assert.deepEqual(faultsOf("a || nope(length(), @)"), [
    {
      code: "POLICY_ARITY",
      message: "invalid arity, the function 'length' expects 1 argument but none were supplied",
      offset: 10,
    },
    { code: "POLICY_UNKNOWN_FUNCTION", message: "unknown function: nope", offset: 5 },
  ]);
  assert.deepEqual(faultsOf("a b"), [
    {
      code: "POLICY_EXPRESSION_SYNTAX",
      message: "SyntaxError: Unexpected token at the end of the expression: TOKUnquotedIdentifier",
      offset: 2,
    },
  ]);
  assert.deepEqual(
    faultsOf("let $a in [b = c]").map(({ code, offset }) => ({ code, offset })),
    [
      { code: "POLICY_EXPRESSION_SYNTAX", offset: 4 },
      { code: "POLICY_EXPRESSION_SYNTAX", offset: 13 },
    ],
  );
});

test("free variables are those no let around them binds", () => {
  assert.deepEqual(variablesOf("$a.b || map(&[$c, @], $a)"), [
    { name: "a", offset: 0 },
    { name: "c", offset: 14 },
    { name: "a", offset: 22 },
  ]);
  assert.deepEqual(variablesOf("let $a = $b, $b = $a in [$a, $b, $c]"), [
    { name: "b", offset: 9 },
    { name: "a", offset: 18 },
    { name: "c", offset: 33 },
  ]);
});
