import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import * as fc from "fast-check";
import jmespath from "jmespath";
import { compileExpression } from "../../src/jmespath/compile/compile.ts";
import { rootScope } from "../../src/jmespath/compile/scope.ts";
import { isEvaluationError } from "../../src/model/evaluation-error.ts";
import type { JsonValue } from "../../src/model/json.ts";
import { defaultEvaluationLimits } from "../../src/model/limits.ts";
import { canonicalText } from "../conformance/go-values.ts";
import { readVectorFile } from "../conformance/read-vectors.ts";
import { inheritedNames, jsonDocument } from "../fuzz/arbitrary-value.ts";
import { allFunctions, freshBudget } from "../fuzz/engine-table.ts";
import { ownVectors } from "../fuzz/own-vectors.ts";
import { runProperty } from "../fuzz/run-property.ts";

/**
 * A second opinion on the part of the language that the classic dialect shares: the library `jmespath` has to agree
 * wherever it can read an expression, but for the reasons listed here.
 */
const reasons: readonly {
  readonly reason: string;
  /** An expression, data, and what ours and the library make of it. */
  readonly example: readonly [string, JsonValue, string, string];
  /** `got` is what ours made of the expression. */
  readonly covers: (text: string, got: string) => boolean;
}[] = [
  {
    reason: "only numbers are ordered here, anything there",
    example: ["a < b", { a: "x", b: "y" }, "null", "true"],
    covers: (text) => /[<>]/.test(text),
  },
  {
    reason: "texts can be sliced here",
    example: ["@[1:]", "abc", '"bc"', "null"],
    covers: (text) => /\[[^\]]*:/.test(text),
  },
  {
    reason: "the library reads what is damaged, and bare words in backticks",
    example: ["a[*].", {}, "syntax error", "null"],
    covers: (_, got) => got === "syntax error",
  },
  {
    reason: "a list or object is made of null here, and null there",
    example: ["`null` | [@]", null, "[null]", "null"],
    covers: (text) => /(?:^|[^\w"')\]])\s*[[{]/.test(text),
  },
  {
    reason: "a call behind a missing field is null here, and made there",
    example: ["a.type(@)", {}, "null", '"null"'],
    covers: (text) => /\.\s*\w+\(/.test(text),
  },
  {
    reason: "an error left of `[?`, `[]` or `.*` is null here",
    example: ["abs('x')[]", null, "null", "error"],
    covers: (text, got) => got !== "error" && /\[\?|\[\]|\.\s*\*/.test(text),
  },
  {
    reason: "texts count by code points here, by UTF-16 units there",
    example: ["length(@)", "😀", "1", "2"],
    covers: (text) => /length|reverse|sort|m(?:ax|in)/.test(text),
  },
  {
    reason: "`to_string` sorts keys here, and escapes as Go does",
    example: ["to_string(@)", { b: "<" }, '"{\\"b\\":\\"\\\\u003c\\"}"', '"{\\"b\\":\\"<\\"}"'],
    covers: (text) => text.includes("to_string("),
  },
  {
    reason: "`to_number` of an empty or blank text is null here",
    example: ["to_number('')", null, "null", "0"],
    covers: (text) => text.includes("to_number("),
  },
  {
    reason: "a text contains texts only here",
    example: ["contains('a1', `1`)", null, "false", "true"],
    covers: (text) => text.includes("contains("),
  },
  {
    reason: "`sum` of nothing is an error here, and a single element is not looked at",
    example: ["sum(`[]`)", null, "error", "0"],
    covers: (text) => text.includes("sum("),
  },
  {
    reason: "the mean of nothing is null here, and no number there",
    example: ["avg(`[]`) == `null`", null, "true", "false"],
    covers: (text) => text.includes("avg("),
  },
  {
    reason: "every text begins and ends with the empty one here",
    example: ["starts_with('a', '')", null, "true", "false"],
    covers: (text) => /s_with\(/.test(text),
  },
  {
    reason: "a star behind `@` multiplies here",
    example: ["(@ * a)", { b: 1 }, "null", '{"b":1}'],
    covers: (text) => /@\s*\*/.test(text),
  },
  {
    reason: "an expression reference has no fields here",
    example: ["&a", null, "{}", '{"jmespathType":"Expref","name":"a","type":"Field"}'],
    covers: (text) => /&[^&]/.test(text),
  },
  {
    reason: "half a surrogate pair is U+FFFD here",
    example: ['`"\\ud83d"`', null, '"\ufffd"', '"\\ud83d"'],
    covers: (text) => /\\ud[89a-f]/i.test(text),
  },
  {
    reason: "`max_by` and `min_by` of texts are not known there",
    example: ["max_by(@, &a)", [{ a: "x" }, { a: "y" }], '{"a":"y"}', "null"],
    covers: (text) => /_by\(/.test(text),
  },
  {
    reason: "`\\\\` in quotes is one backslash here",
    example: ["'\\\\'", null, '"\\\\"', '"\\\\\\\\"'],
    covers: (text) => text.includes("\\\\"),
  },
];

/** The functions that both know by the same name and meaning. */
const shared = new Set(
  (
    "abs avg ceil contains ends_with floor join keys length map max max_by merge min min_by not_null reverse sort " +
    "sort_by starts_with sum to_array to_number to_string type values"
  ).split(" "),
);

/** Whether the expression is one of the classic dialect as well. */
function isShared(text: string): boolean {
  try {
    jmespath.compile(text);
  } catch {
    return false;
  }
  return [...text.matchAll(/(\w+)\s*\(/g)].every(([, name = ""]) => shared.has(name));
}

/** A text that equal results share. The order of keys is the document's there, so no order counts where it shows. */
function show(result: unknown, text: string): string {
  const json: JsonValue = JSON.parse(JSON.stringify(result ?? null));
  return canonicalText(json, /\*|keys|values/.test(text));
}

function ask(text: string, data: JsonValue): string {
  const compiled = compileExpression(text, allFunctions, defaultEvaluationLimits);
  const result = compiled.evaluate(data, rootScope(freshBudget()));
  if (!isEvaluationError(result)) return show(result, text);
  return result.code === "EVALUATION_SYNTAX" ? "syntax error" : "error";
}

function askLibrary(text: string, data: JsonValue): string {
  try {
    return show(jmespath.search(data, text), text);
  } catch {
    return "error";
  }
}

/** Why the two differ; undefined when they agree, `unknown` when there is no reason for it. */
function differenceOf(text: string, data: JsonValue): string | undefined {
  const [got, opinion] = [ask(text, data), askLibrary(text, data)];
  if (got === opinion || (got.endsWith("error") && opinion === "error")) return undefined;
  const known = reasons.find(({ covers }) => covers(text, got));
  return known?.reason ?? `unknown: ${got} and ${opinion}`;
}

for (const { reason, example, covers } of reasons) {
  test(`the dialects differ: ${reason}`, () => {
    const [text, data, wanted, opinion] = example;
    assert.deepEqual([ask(text, data), askLibrary(text, data)], [wanted, opinion]);
    assert.ok(covers(text, wanted));
  });
}

const expressions: readonly (readonly [string, JsonValue])[] = [
  ["a.b.c", { a: { b: { c: 1 } } }],
  ["a[0].b", { a: [{ b: 1 }, { b: 2 }] }],
  ["a[-1]", { a: [1, 2] }],
  ["a[*].b", { a: [{ b: 1 }, {}, { b: 2 }] }],
  ["a[].b[]", { a: [[{ b: [1] }], { b: [2, [3]] }] }],
  [
    "a[?b == `1`].c",
    {
      a: [
        { b: 1, c: "x" },
        { b: 2, c: "y" },
      ],
    },
  ],
  ["a[?b > `1` && b < `4`]", { a: [{ b: 1 }, { b: 2 }, { b: 5 }] }],
  ["a[1:3]", { a: [0, 1, 2, 3] }],
  ["a[::-1]", { a: [0, 1, 2] }],
  ["a.*.b", { a: { x: { b: 1 }, y: { b: 2 }, z: 3 } }],
  ["{x: a, y: b[0]}", { a: 1, b: [2] }],
  ["[a, b[0]]", { a: 1, b: [2] }],
  ["a || b && !c", { b: 1 }],
  ["a | [0] | b", { a: [{ b: 1 }] }],
  [
    "sort_by(@, &a)[0].b",
    [
      { a: 2, b: "x" },
      { a: 1, b: "y" },
    ],
  ],
  [
    "max_by(@, &a).b",
    [
      { a: 2, b: "x" },
      { a: 1, b: "y" },
    ],
  ],
  ["map(&a, @)", [{ a: 1 }, {}]],
  ["join(',', sort(keys(@)))", { b: 1, a: 2 }],
  ["merge(@, {c: `3`})", { a: 1 }],
  ["length(a) == length(b)", { a: "xyz", b: [1, 2, 3] }],
  ["sum(a) == `6` && avg(a) == `2`", { a: [1, 2, 3] }],
  ["not_null(a, b, c)", { b: null, c: 1 }],
  ["reverse(a)", { a: ["x", "y"] }],
  ["contains(a, 'x') && starts_with(b, 'y') && ends_with(b, 'z')", { a: ["x"], b: "yz" }],
  ["type(a) == 'array' && to_number(b) == `1.5`", { a: [], b: "1.5" }],
  ["abs(`1`, `2`)", null],
  ["abs(a)", { a: ["x"] }],
];

test("both agree on an expression of every kind", () => {
  for (const [text, data] of expressions) {
    assert.ok(isShared(text), text);
    assert.deepEqual([text, ask(text, data)], [text, askLibrary(text, data)]);
  }
});

test("both agree on the expressions of the vectors that both can read", (t) => {
  const cases = ownVectors("expr-", "expr").filter(({ expression }) => isShared(expression));
  const found = cases.map(({ expression, input }) => differenceOf(expression, input));
  const unknown = cases.filter((_, i) => found[i]?.startsWith("unknown"));
  assert.deepEqual(
    unknown.map(
      ({ id, expression, input }) => `${id} ${expression} ${differenceOf(expression, input)}`,
    ),
    [],
  );
  const agreed = found.filter((difference) => difference === undefined).length;
  t.diagnostic(`${agreed} of ${cases.length} agree`);
  assert.ok(agreed > 500 && agreed > 0.8 * cases.length, `${agreed} of ${cases.length} agree`);
});

const classicFile = join(
  import.meta.dirname,
  "../../../shared/conformance/upstream/expr-suite-classic.jsonl",
);
const skip = existsSync(classicFile) ? false : `${classicFile} is not there`;

test("both agree on the suite of the classic dialect", { skip }, () => {
  const found = readVectorFile(classicFile).vectors.map((vector) => {
    assert.ok(vector.kind === "expr");
    return { ...vector, difference: differenceOf(vector.expression, vector.input) };
  });
  assert.deepEqual(
    found.filter(({ difference }) => difference !== undefined).map(({ expression }) => expression),
    ["sum(`[]`)"],
  );
});

const field = fc.constantFrom("a", "b", "c", "items", "name", "x");
const literal = fc.constantFrom(
  "`1`",
  "`0`",
  "'a'",
  "'abc'",
  "`null`",
  "`true`",
  "`[]`",
  "`[1, 2]`",
);

/** Expressions of the classic dialect, built so that the reasons above seldom come into play. */
const { classic } = fc.letrec<{ classic: string }>(
  (tie: fc.LetrecTypedTie<{ classic: string }>) => {
    const part = tie("classic");
    const after = fc.constantFrom(".a", ".b", "[0]", "[-1]", "[*]", "[]", ".*", ".items", "[*].a");
    const call = fc.constantFrom(
      ...[...shared].filter((name) => !/_by|map|merge|not_null/.test(name)),
    );
    return {
      classic: fc.oneof(
        { maxDepth: 4, withCrossShrink: true },
        { weight: 2, arbitrary: fc.oneof(field, fc.constant("@"), literal) },
        { weight: 3, arbitrary: fc.tuple(field, after, after).map((parts) => parts.join("")) },
        { weight: 2, arbitrary: fc.tuple(field, part).map((parts) => `${parts.join("[?")}]`) },
        {
          weight: 2,
          arbitrary: fc
            .tuple(part, fc.constantFrom("==", "!=", "&&", "||", "|"), part)
            .map((parts) => `(${parts.join(" ")})`),
        },
        { weight: 1, arbitrary: part.map((inner) => `!${inner}`) },
        { weight: 2, arbitrary: fc.tuple(call, part).map((parts) => `${parts.join("(")})`) },
        { weight: 1, arbitrary: part.map((inner) => `map(&${inner}, @)`) },
      ),
    };
  },
);

/** Documents without the names that make the library throw. */
const document = jsonDocument.map(
  (value): JsonValue => JSON.parse(JSON.stringify(value), withoutInherited),
);

function withoutInherited(key: string, member: unknown): unknown {
  return inheritedNames.includes(key) ? undefined : member;
}

test("both agree on generated expressions", () => {
  runProperty(
    fc.property(classic, document, (text, data) => {
      fc.pre(isShared(text));
      assert.doesNotMatch(differenceOf(text, data) ?? "", /^unknown/);
    }),
    2_000,
  );
});
