import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { suite, test } from "node:test";
import { createPolicyFunctions } from "../../src/kyverno-json/functions/function-table.ts";
import { defaultPolicyOptions } from "../../src/model/limits.ts";
import { loadPolicySet } from "../policy/load-policies.ts";
import { policyText } from "../policy/load-text.ts";
import { countCalls } from "../support/count-calls.ts";

const policyFunctions = createPolicyFunctions({
  nowMs: () => 0,
  random: () => 0,
  decoderFor: () => () => null,
});

interface Counts {
  readonly keys: number;
  readonly expressions: number;
}

/** Loads the policies, and counts the parses. */
function load(texts: readonly string[]): Counts {
  const files = texts.map((text, index) => ({ path: `${index}.yaml`, text }));
  const count = countCalls(() => {
    const { policySet, diagnostics } = loadPolicySet(
      { revision: "r", files },
      defaultPolicyOptions,
      policyFunctions,
    );
    assert.ok(policySet, JSON.stringify(diagnostics));
  });
  return {
    keys: count("src/kyverno-json/assertion/parse-key.ts", "parseKey"),
    expressions: count("src/jmespath/syntax/parse-expression.ts", "parseExpression"),
  };
}

/** A rule with a key, an expression or a leaf in every place that a rule has for one. */
const rule = JSON.stringify({
  name: "r",
  context: [
    { name: "path", variable: "(request.http.path)" },
    { name: "role", variable: "admin" },
  ],
  match: { any: [{ request: { http: { "(method)": "GET" } } }] },
  exclude: { all: [{ "(request.http.host)": "a" }] },
  identifier: "request.id",
  assert: {
    all: [
      {
        message: "{{ $path }} of {{ request.http.method }}",
        check: {
          "(split($path, '/'))": { "~.(@)->part": { "($part != 'x')": true } },
          "(request.http.fragment)": "($role)",
        },
      },
    ],
  },
});

/** The texts of it that are keys, leaves or context variables, and the expressions. */
const keyTexts = [
  "(request.http.path)",
  "admin",
  "request",
  "http",
  "(method)",
  "GET",
  "(request.http.host)",
  "a",
  "(split($path, '/'))",
  "~.(@)->part",
  "($part != 'x')",
  "(request.http.fragment)",
  "($role)",
];
const expressions = [
  "request.http.path",
  "method",
  "request.http.host",
  "request.id",
  "$path",
  "request.http.method",
  "split($path, '/')",
  "@",
  "$part != 'x'",
  "request.http.fragment",
  "$role",
];

suite("loading policies parses", () => {
  test("every key, leaf, variable and expression of a rule once", () => {
    assert.deepEqual(load([policyText("p", rule)]), {
      keys: keyTexts.length,
      expressions: expressions.length,
    });
  });

  test("what another rule or policy of the set repeats not again", () => {
    const other = rule.replace('"name":"r"', '"name":"s"');
    const counts = load([policyText("p", rule, other), policyText("q", rule)]);
    assert.deepEqual(counts, { keys: keyTexts.length, expressions: expressions.length });
  });

  test("what each load holds by itself", () => {
    load([policyText("p", rule)]);
    assert.equal(load([policyText("p", rule)]).expressions, expressions.length);
  });

  test("the book policy by its distinct texts", () => {
    assert.deepEqual(load([readFileSync("policies/book.yaml", "utf8")]), {
      keys: 13,
      expressions: 2,
    });
  });
});
