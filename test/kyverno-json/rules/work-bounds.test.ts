import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import type { Value } from "../../../src/go-values/value.ts";
import { compileExpression } from "../../../src/jmespath/compile/compile.ts";
import { childScope, rootScope } from "../../../src/jmespath/compile/scope.ts";
import { extentOf, wholeExtent } from "../../../src/jmespath/compile/work-bound.ts";
import { parseExpression } from "../../../src/jmespath/syntax/parse-expression.ts";
import { workOfFunction } from "../../../src/kyverno-json/functions/function-work.ts";
import { isRuleBounded } from "../../../src/kyverno-json/rules/work-bounds.ts";
import { isEvaluationError } from "../../../src/model/evaluation-error.ts";
import { defaultEvaluationLimits, defaultPolicyOptions } from "../../../src/model/limits.ts";
import { finishSteps } from "../../../src/model/resumable.ts";
import { allFunctions } from "../../fuzz/engine-table.ts";
import { runProperty } from "../../fuzz/run-property.ts";
import { loadPolicySet, readDocumentsSteps } from "../../policy/load-policies.ts";
import { policyText } from "../../policy/load-text.ts";
import { parsedRule } from "../parsed.ts";

function isBounded(rule: string): boolean {
  const text = policyText("p", rule);
  const read = finishSteps(readDocumentsSteps([{ path: "p.yaml", text }], defaultPolicyOptions));
  const [policy] = read.documents;
  assert.ok(policy, JSON.stringify(read.diagnostics));
  return policy.rules.every((one) => isRuleBounded(parsedRule(one)));
}

function isCheckBounded(
  expression: string,
  context: Readonly<Record<string, string>> = {},
): boolean {
  const entries = Object.entries(context).map(([name, variable]) => ({ name, variable }));
  const rule = {
    name: "r",
    context: entries,
    assert: { all: [{ check: { [`(${expression})`]: true } }] },
  };
  return isBounded(JSON.stringify(rule));
}

const bounded = [
  "request.http.path == '/a' && starts_with(request.http.path, '/b')",
  "contains(['GET', 'POST'], request.http.method)",
  "contains(request.http.headers.a, request.http.headers.b)",
  "json_parse(request.http.body).amount > `1`",
  "wildcard('/products/*', request.http.path) || regex_match('^/a[0-9]{1,3}$', request.http.path)",
  "length(split(request.http.path, '/')) > `3`",
  "split(request.http.path, ',')[?@ == 'a'] | length(@) > `1`",
  "length(map(&lower(@), split(request.http.path, ','))) > `1`",
  "request.http.headers | keys(@) | [?starts_with(@, 'x-')] | length(@) > `1`",
  "['a', 'b'][?contains($payload.request.http.path, @)] | length(@) > `0`",
  "let $l = split(request.http.path, ',') in length($l[?@ == $payload.request.http.method]) > `0`",
  "sort(['b', 'a'])[0] == request.http.method",
  "pad_left(request.http.method, `10`) == 'x'",
  "jwt_decode(split(request.http.headers.authorization, ' ')[1], 'secret').payload.sub == 'a'",
  "length(max_by(json_parse(request.http.body).a, &b).c) > `1`",
  "json_parse(request.http.body).items[*].parts[] | [?quantity > `0`] | length(@) > `0`",
];

const unbounded = [
  "length(sort_by(split(request.http.path, ','), &pad_left(@, `1000000`))) > `0`",
  "length(sort_by(split(request.http.path, ','), &@)) > `0`",
  "length(sort(split(request.http.path, ','))) > `0`",
  "length(map(&pad_left(@, `2000`), split(request.http.path, ','))) > `0`",
  "pad_left('x', to_number(request.http.path)) == 'x'",
  "length(map(&starts_with($payload.request.http.path, 'x'), split(request.http.path, ','))) > `0`",
  "split(request.http.path, ',')[?contains($payload.request.http.headers.a, @)] | length(@) > `0`",
  "let $l = split(request.http.path, ',') in $l[?$l[?@ == 'a']] | length(@) > `0`",
  "let $l = split(request.http.path, ',') in length(map(&$l, $l)) == length($l[*].[@, $l][])",
  "replace_all(request.http.path, 'a', request.http.path) == 'x'",
  "join(request.http.path, split(request.http.path, ',')) == 'x'",
  "regex_match(request.http.headers.a, request.http.path)",
  "regex_match('(a{100}){3}', request.http.path)",
  "wildcard(request.http.headers.a, request.http.path)",
  "length(random(request.http.path)) > `0`",
  `let $a = request.http.path in ${"let $a = concat($a, $a) in ".repeat(9)}length($a) > \`0\``,
  "let $f = &length(@) in length(map($f, request.http.headers.*)) > `0`",
  "split(request.http.path, ',')[*].to_string($payload) | length(@) > `0`",
];

suite("work that has a bound linear in the payload", () => {
  for (const expression of bounded) {
    test(expression, () => {
      // One that says less than it means would be found bounded whatever it holds.
      assert.ok(!("message" in parseExpression(expression, 200)), expression);
      assert.equal(isCheckBounded(expression), true);
    });
  }
  test("trees over every element", () => {
    const rule = {
      name: "r",
      assert: { all: [{ check: { "(split(request.http.path, ','))": { "~.(length(@))": 1 } } }] },
    };
    assert.equal(isBounded(JSON.stringify(rule)), true);
  });
});

suite("work that has none", () => {
  for (const expression of unbounded) {
    test(expression, () => {
      assert.ok(!("message" in parseExpression(expression, 200)), expression);
      assert.equal(isCheckBounded(expression), false);
    });
  }
  test("through a variable of the context", () => {
    const context = { l: "(split(request.http.path, ','))" };
    const nested = "length(map(&map(&starts_with(@, 'x'), $l), $l)) > `0`";
    assert.equal(isCheckBounded(nested, context), false);
    assert.equal(isCheckBounded("length($l[?@ == 'a']) > `0`", context), true);
  });
  test("in a tree below an element, in a message, in a match", () => {
    const everywhere = "(length(sort_by(split(request.http.path, ','), &@)))";
    const list = "(split(request.http.path, ','))";
    const reading = "(contains($payload.request.http.path, @))";
    const trees = [
      { match: { all: [{ [everywhere]: 1 }] }, assert: { all: [{ check: { a: 1 } }] } },
      { assert: { all: [{ check: { [list]: { "~.(@)": { [reading]: true } } } }] } },
      {
        assert: {
          all: [
            { check: { [list]: { [`~.(@)->x`]: { "(length(sort_by($payload.a, &@)))": 1 } } } },
          ],
        },
      },
      { assert: { all: [{ check: { a: 1 }, message: `{{ ${everywhere.slice(1, -1)} }}` }] } },
    ];
    for (const tree of trees) {
      assert.equal(isBounded(JSON.stringify({ name: "r", ...tree })), false, JSON.stringify(tree));
    }
  });
});

test("what is known of the work of functions is known of all of them, and of no others", () => {
  const unknown = [...allFunctions.keys()].filter((name) => workOfFunction(name) === undefined);
  assert.deepEqual(unknown, []);
});

test("all policies of the project that need no more are evaluated beside other work", () => {
  const folder = new URL("../../../policies/", import.meta.url);
  const names = readdirSync(folder).filter(
    (name) => name.endsWith(".yaml") && !name.startsWith("cel-"),
  );
  assert.ok(names.length > 4);
  for (const path of names) {
    const text = readFileSync(new URL(path, folder), "utf8");
    const loaded = loadPolicySet(
      { revision: "r", files: [{ path, text }] },
      defaultPolicyOptions,
      allFunctions,
    );
    assert.equal(loaded.hasBoundedWork, true, path);
  }
});

interface Grammar {
  readonly any: string;
}

/** Loops in loops over parts of the payload, with all that may be read in them. */
const { any: expressions } = fc.letrec<Grammar>((tie: fc.LetrecTypedTie<Grammar>) => {
  const leaf = fc.constantFrom(
    "a",
    "b",
    "@",
    "$payload.a",
    "$payload.b",
    "$x",
    "'lit'",
    "a[0]",
    "c",
  );
  const templates = fc.constantFrom(
    "to_string(%)",
    "length(to_string(%))",
    "split(to_string(%), ',')",
    "concat(to_string(%), to_string(#))",
    "(%) == (#)",
    "starts_with(to_string(%), to_string(#))",
    "contains(to_string(%), to_string(#))",
    "join('-', to_array(%)[*].to_string(#))",
    "map(&(#), to_array(%))",
    "to_array(%)[?#]",
    "to_array(%)[].[#]",
    "to_array(%)[*].{a: #, b: @}",
    "let $x = % in #",
    "replace_all(to_string(%), 'a', 'bc')",
    "pad_left(to_string(%), `20`)",
    "max_by(to_array(%), &to_string(#))",
    "contains(to_array(%), #)",
    "wildcard('*a*', to_string(%))",
    "not_null(%, #)",
    "to_array(%)[1:]",
    "values({a: %, b: #})",
  );
  const composed = fc
    .tuple(templates, tie("any"), tie("any"))
    .map(([text, one, other]) => text.replaceAll("%", one).replaceAll("#", other));
  return { any: fc.oneof({ maxDepth: 4 }, leaf, composed) };
});

/** What evaluating the expression is charged for a payload of that size; undefined where it is too much. */
function chargeFor(text: string, size: number): number | undefined {
  const payload: Value = {
    a: Array.from({ length: size }, (_, i) => `a${i % 7}`),
    b: "a,b".repeat(size),
    c: Object.fromEntries(Array.from({ length: size }, (_, i) => [`k${i}`, "v"])),
  };
  const most = 1e9;
  const budget = {
    stepsLeft: most,
    bytesLeft: most,
    limits: { ...defaultEvaluationLimits, maxStringBytes: 1e7 },
  };
  const scope = childScope(childScope(rootScope(budget), "payload", payload), "x", payload);
  const result = compileExpression(text, allFunctions, budget.limits).evaluate(payload, scope);
  if (isEvaluationError(result) && result.code.endsWith("_LIMIT")) return undefined;
  return most - budget.stepsLeft + (most - budget.bytesLeft);
}

test("what is found to have a bound is charged eight times as much for eight times the payload, not 64 times", () => {
  let judged = 0;
  runProperty(
    fc.property(expressions, (text) => {
      const ast = parseExpression(text, defaultEvaluationLimits.maxDepth);
      if ("message" in ast) return;
      const variables = new Map([
        ["payload", wholeExtent],
        ["x", wholeExtent],
      ]);
      const extent = extentOf(ast, wholeExtent, { workOf: workOfFunction, variables, depth: 0 });
      if (extent === undefined) return;
      judged += 1;
      const small = chargeFor(text, 100) ?? Number.NaN;
      const large = chargeFor(text, 800) ?? Number.POSITIVE_INFINITY;
      assert.ok(large <= 24 * small + 100_000, `${text}: ${small} and ${large}`);
    }),
    3_000,
  );
  assert.ok(judged > 300, `${judged}`);
});
