import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { compileExpression } from "../../src/cel/policy/compile-expression.ts";
import { parseCel } from "../../src/cel/syntax/parse.ts";
import { createBudget } from "../../src/model/budget.ts";
import { isEvaluationError } from "../../src/model/evaluation-error.ts";
import { defaultEvaluationLimits } from "../../src/model/limits.ts";
import { celModes } from "../conformance/cel-modes.ts";
import { failed, interpretCel } from "../support/cel-interpreter.ts";
import { countOf } from "../support/test-effort.ts";

interface Grammar {
  readonly int: string;
  readonly bool: string;
  readonly text: string;
  readonly list: string;
}

/** Well-typed expressions; `i` and `j` are ints that a macro binds, or are not there, which the checker refuses. */
const grammar = fc.letrec<Grammar>((tie: fc.LetrecTypedTie<Grammar>) => {
  const binary = (kind: keyof Grammar, operators: readonly string[]): fc.Arbitrary<string> =>
    fc
      .tuple(tie(kind), fc.constantFrom(...operators), tie(kind))
      .map(([left, operator, right]) => `(${left} ${operator} ${right})`);
  const conditional = (kind: keyof Grammar): fc.Arbitrary<string> =>
    fc
      .tuple(tie("bool"), tie(kind), tie(kind))
      .map(([condition, then, otherwise]) => `(${condition} ? ${then} : ${otherwise})`);
  const bound = (kind: keyof Grammar): fc.Arbitrary<string> =>
    fc.tuple(tie("int"), tie(kind)).map(([init, body]) => `cel.bind(i, ${init}, ${body})`);
  const macro = (names: readonly string[], body: keyof Grammar): fc.Arbitrary<string> =>
    fc
      .tuple(tie("list"), fc.constantFrom(...names), fc.constantFrom("i", "j"), tie(body))
      .map(([list, name, variable, inner]) => `${list}.${name}(${variable}, ${inner})`);
  return {
    int: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fc.constantFrom("0", "1", "2", "-3", "9223372036854775807", "i", "j"),
      binary("int", ["+", "-", "*", "/", "%"]),
      tie("list").map((list) => `size(${list})`),
      tie("text").map((text) => `size(${text})`),
      fc.tuple(tie("list"), tie("int")).map(([list, at]) => `${list}[${at}]`),
      conditional("int"),
      bound("int"),
    ),
    bool: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fc.constantFrom("true", "false"),
      binary("bool", ["&&", "||", "=="]),
      binary("int", ["<", "<=", ">", ">=", "==", "!="]),
      binary("text", ["<", ">=", "=="]),
      binary("list", ["==", "!="]),
      tie("bool").map((operand) => `!${operand}`),
      fc.tuple(tie("int"), tie("list")).map(([value, list]) => `(${value} in ${list})`),
      fc.tuple(tie("text"), tie("text")).map(([text, part]) => `${text}.contains(${part})`),
      macro(["all", "exists", "exists_one"], "bool"),
      conditional("bool"),
      bound("bool"),
    ),
    text: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fc.constantFrom('""', '"a"', '"ab"', '"\u{1f600}"', '"\uffff"'),
      binary("text", ["+"]),
      conditional("text"),
    ),
    list: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fc.array(tie("int"), { minLength: 1, maxLength: 3 }).map((all) => `[${all.join(", ")}]`),
      binary("list", ["+"]),
      macro(["filter"], "bool"),
      macro(["map"], "int"),
      conditional("list"),
    ),
  };
});

const { environment, createObject } = celModes.Envoy;
const object = createObject({}, undefined);

test("compiled expressions give what a plain walk over their tree gives", () => {
  let compared = 0;
  fc.assert(
    fc.property(fc.oneof(grammar.int, grammar.bool, grammar.text, grammar.list), (text) => {
      const compiled = compileExpression(text, environment, defaultEvaluationLimits);
      // A name that nothing binds.
      if (!("root" in compiled)) return;
      compared += 1;
      const result = compiled.evaluate({
        budget: createBudget(defaultEvaluationLimits),
        nowMs: 0,
        object,
        variables: undefined,
        locals: [],
      });
      const wanted = interpretCel(parseCel(text, 200));
      assert.deepEqual(isEvaluationError(result) ? failed : result, wanted, text);
    }),
    { numRuns: countOf(4_000, 5) },
  );
  assert.ok(compared > 200, `${compared} were compared`);
});

test("no text crashes or hangs the compiler, or reaches a prototype", () => {
  const pieces = fc.constantFrom(
    ..."object attributes __proto__ constructor toString . [ ] ( ) { } ? : , + - ! && || == in 1 1u 1.5 'a' b\"\\x00\" r'\\' \"\\u00e9\" has map all cel.bind `a` // \n 9223372036854775808 0x1 null true size matches".split(
      " ",
    ),
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
      const compiled = compileExpression(parts.join(" "), environment, defaultEvaluationLimits);
      if (!("root" in compiled)) return;
      const result = compiled.evaluate({
        budget: createBudget(defaultEvaluationLimits),
        nowMs: 0,
        object,
        variables: undefined,
        locals: [],
      });
      assert.notEqual(typeof result, "function");
      assert.notEqual(result, undefined);
    }),
    { numRuns: countOf(20_000, 10) },
  );
});
