import assert from "node:assert/strict";
import { test } from "node:test";
import { GoInt, ItemsArray, type Value } from "../../../src/go-values/value.ts";
import { coreFunctions } from "../../../src/jmespath/functions/core-functions.ts";
import { outcome } from "../evaluate.ts";

type Case = readonly [expression: string, current: Value, want: unknown];

function check(cases: readonly Case[]): void {
  for (const [expression, current, want] of cases) {
    assert.deepEqual(outcome(expression, current), want, expression);
  }
}

test("the table has each function of the language once", () => {
  const names = coreFunctions.map((row) => row.name);
  assert.equal(new Set(names).size, names.length);
  assert.equal(names.length, 36);
});

test("numbers", () => {
  check([
    ["abs(`-1.5`)", null, 1.5],
    ["ceil(`1.2`)", null, 2],
    ["floor(`-1.2`)", null, -2],
    ["avg(@)", [1, 2, 6], 3],
    ["avg(@)", [], null],
  ]);
});

test("strings are joined, reversed, changed in case and trimmed by code point", () => {
  check([
    ["join(', ', @)", ["a", "b"], "a, b"],
    ["join(', ', @)", [], ""],
    ["join('', @)", ["\udcc3", "\udca9"], "é"],
    ["reverse(@)", "a😀", "😀a"],
    ["reverse(@)", "a\udcffé", "é\ufffda"],
    ["reverse(@)", "\udca9\udcc3", "\ufffd\ufffd"],
    ["reverse(@)", [1, 2], [2, 1]],
    ["upper('ßŉﬁé')", null, "ßŉﬁÉ"],
    ["lower('ÀΑΣİ')", null, "àασi"],
    ["trim_left(@)", "\t\u0085\u00a0\u3000a ", "a "],
    ["trim_right(@)", "a\ufeff \n", "a\ufeff"],
    ["trim_left('xyxa', 'yx')", null, "a"],
    ["trim_left('  a', '')", null, "a"],
    ["trim_right('abcxx', 'xc')", null, "ab"],
    ["trim_right('xx', 'x')", null, ""],
  ]);
});

test("padding counts bytes", () => {
  const width =
    "EVALUATION_VALUE: invalid value, the function 'pad_left' expects its 'width' argument to be a an integer value greater than or equal to zero.";
  const pad =
    "EVALUATION_VALUE: invalid value, the function 'pad_right' expects its 'pad' argument to be a string of length 1";
  check([
    ["pad_left('a', `3`)", null, "  a"],
    ["pad_right('a', `3`, 'x')", null, "axx"],
    ["pad_left('é', `3`, '.')", null, ".é"],
    ["pad_left('abc', `2`)", null, "abc"],
    ["pad_left('a', `3`, '')", null, "a"],
    ["pad_left('a', `-1`)", null, width],
    ["pad_left('a', `1.5`)", null, width],
    ["pad_left('a', @ / @)", 0, width],
    ["pad_right('a', `3`, 'é')", null, pad],
    ["pad_right('a', `3`, 'xy')", null, pad],
    [
      "pad_left('a', `2e6`)",
      null,
      "EVALUATION_SIZE_LIMIT: a function's result is longer than 1048576 bytes",
    ],
  ]);
});

function panic(range: string): string {
  return `EVALUATION_PANIC: runtime error: slice bounds out of range [${range}]`;
}

function notAnInteger(name: string): string {
  return `EVALUATION_VALUE: invalid value, the function 'find_first' expects its '${name}' argument to be an integer.`;
}

test("strings are searched by byte", () => {
  check([
    ["contains('abc', 'b')", null, true],
    ["contains('abc', `1`)", null, false],
    ["contains(@, 'b')", ["a", "b"], true],
    ['contains(@, `{"a":[1]}`)', [{ a: [1] }], true],
    ["contains(@, `1`)", [new GoInt(1)], false],
    ["contains('é', @)", "\udca9", true],
    ["contains('💀', @)", "\udc81", false],
    ["starts_with('abc', 'ab')", null, true],
    ["starts_with('é', @)", "\udcc3", true],
    ["ends_with('abc', '')", null, true],
    ["ends_with('abc', 'b')", null, false],
    ["find_first('éxéx', 'x')", null, 2],
    ["find_last('éxéx', 'x')", null, 5],
    ["find_first('abab', 'b', `2`)", null, 3],
    ["find_last('abab', 'b', `0`, `3`)", null, 1],
    ["find_first('abc', 'c', `-5`, `99`)", null, 2],
    ["find_first('abc', 'z')", null, null],
    ["find_first('', 'a', `9`)", null, null],
    ["find_first('', 'a', `0.5`)", null, null],
    ["find_last('a', '', `0`, `0.5`)", null, null],
    ["find_first('abc', '')", null, null],
    ["find_first('abc', 'c', `1.5`)", null, notAnInteger("start")],
    ["find_first('abc', 'c', `0`, `1.5`)", null, notAnInteger("end")],
    ["find_first('abc', 'c', `10`)", null, panic("10:3")],
    ["find_first('abc', 'c', `2`, `1`)", null, panic("2:1")],
    ["find_last('abc', 'c', `0`, `-1`)", null, panic(":-1")],
  ]);
});

test("collections are made, merged and taken apart in key order", () => {
  check([
    ["keys(@)", { b: 1, "😀": 2, a: 3, "\uffff": 4 }, ["a", "b", "\uffff", "😀"]],
    ["values(@)", { b: 1, a: null }, [null, 1]],
    ["length('a😀')", null, 2],
    ["length(@)", { a: 1 }, 1],
    ["length(@)", [null], 1],
    ["map(&a, @)", [{ a: 1 }, {}], [1, null]],
    ['merge(@, `{"a":{"c":1}}`)', { a: { b: 1 }, d: 2 }, { a: { c: 1 }, d: 2 }],
    ["not_null(a, b, `1`)", {}, 1],
    ["not_null(a)", {}, null],
    ["zip(@, `[3]`, `[4, 5]`)", [1, 2], [[1, 3, 4]]],
    [
      "from_items(@)",
      [
        ["a", 1],
        ["a", 2],
      ],
      { a: 2 },
    ],
    ["from_items(@)", [], {}],
    [
      "from_items(@)",
      [[1, 2], [], null],
      "EVALUATION_TYPE: invalid type, first argument must be an array of arrays",
    ],
    [
      "from_items(@)",
      [1],
      "EVALUATION_TYPE: invalid type, first argument must be an array of arrays",
    ],
    [
      "from_items(@)",
      [["a"]],
      "EVALUATION_VALUE: invalid value, each array must contain two elements, a pair of string and value",
    ],
    [
      "from_items(@)",
      [[1, 2]],
      "EVALUATION_VALUE: invalid value, each array must contain two elements, a pair of string and value",
    ],
    [
      "group_by(@, &k)",
      [{ k: "x", n: 1 }, { k: "y" }, { k: "x" }],
      { x: [{ k: "x", n: 1 }, { k: "x" }], y: [{ k: "y" }] },
    ],
    ["group_by(@, &k)", [], null],
    [
      "group_by(@, &k)",
      [{ k: 1 }],
      "EVALUATION_TYPE: invalid type, the expression must evaluate to a string",
    ],
    [
      "group_by(@, &abs(@))",
      ["x"],
      'EVALUATION_TYPE: invalid type for: x, expected: []functions.JpType{"number"}',
    ],
  ]);
});

test("the greatest, the least and the order of things", () => {
  const pair = [
    { k: 1, n: "first" },
    { k: 1, n: "second" },
  ];
  check([
    ["max(@)", [1, 3, 2], 3],
    ["min(@)", ["b", "\uffff", "😀", "a"], "a"],
    ["max(@)", ["b", "\uffff", "😀", "a"], "😀"],
    ["max(@)", [], null],
    ["max_by(@, &k).n", pair, "first"],
    ["min_by(@, &k).n", pair, "first"],
    ["max_by(@, &@)", ["a", "b"], "b"],
    ["min_by(@, &@)", ["b", "a"], "a"],
    ["max_by(@, &nope(@))", [1], 1],
    ["max_by(@, &k)", [], null],
    ["max_by(@, &@)", [1, "a"], "EVALUATION_TYPE: invalid type, must be number"],
    ["max_by(@, &@)", ["a", 1], "EVALUATION_TYPE: invalid type, must be string"],
    ["max_by(@, &@)", [null, 1], "EVALUATION_TYPE: invalid type, must be number of string"],
    ["sort(@)", [3, 1, 2], [1, 2, 3]],
    ["sort(@)", ["b", "a", "A", "é"], ["A", "a", "b", "é"]],
    ["sort(@)", [], []],
    [
      "sort_by(@, &k)[*].n",
      [
        { k: 2, n: 1 },
        { k: 1, n: 2 },
        { k: 2, n: 3 },
      ],
      [2, 1, 3],
    ],
    ["sort_by(@, &nope(@))", [1], [1]],
    ["sort_by(@, &@)", [2, "x"], "EVALUATION_TYPE: error in sort_by comparison"],
    [
      "sort_by(@, &abs(@))",
      [2, "x", null],
      'EVALUATION_TYPE: invalid type for: x, expected: []functions.JpType{"number"}',
    ],
    [
      "sort_by(@, &a.floor(b))",
      [{ a: { b: 2 } }, { a: { b: 1 } }, { a: null }],
      "EVALUATION_TYPE: error in sort_by comparison",
    ],
    ["sort_by(@, &[@])", [1, 2], "EVALUATION_TYPE: invalid type, must be number of string"],
    ["[sort_by(@, &@)[0], @[0]]", ["b", "a"], ["a", "b"]],
  ]);
});

test("conversions", () => {
  check([
    ["to_array(@)", [1], [1]],
    ["to_array(@)", "a", ["a"]],
    ["to_number(@)", "1_000.5e1", 10005],
    ["to_number(@)", "x", null],
    ["to_number(@)", true, null],
    ["to_number(@)", new GoInt(-1), -1],
    ["to_number(@)", null, null],
    ["to_number(@)", [1], null],
    ["to_number(@)", { a: 1 }, null],
    ["to_number(@)", new ItemsArray([]), "EVALUATION_TYPE: unknown type"],
    ["to_number(&a)", null, "EVALUATION_TYPE: unknown type"],
    ["to_string(@)", "a", "a"],
    ["to_string(@)", { b: "<", a: 1 }, '{"a":1,"b":"\\u003c"}'],
    ["to_string(`1` / `0`)", null, "EVALUATION_VALUE: json: unsupported value: +Inf"],
    [
      "[type(a), type('x'), type(`1`), type(`true`), type([a]), type({a: a})]",
      {},
      ["null", "string", "number", "boolean", "array", "object"],
    ],
    ["type(@)", new GoInt(1), "EVALUATION_TYPE: unknown type"],
    ["type(&a)", null, "EVALUATION_TYPE: unknown type"],
  ]);
});
