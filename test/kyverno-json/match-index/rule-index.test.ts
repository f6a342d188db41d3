import assert from "node:assert/strict";
import { test } from "node:test";
import { childScope, rootScope } from "../../../src/jmespath/compile/scope.ts";
import type { FunctionTable } from "../../../src/jmespath/functions/function-table.ts";
import type { MatchBlock, RuleDocument } from "../../../src/kyverno-json/document/document.ts";
import { createPolicyFunctions } from "../../../src/kyverno-json/functions/function-table.ts";
import { createMatchAnalyzer } from "../../../src/kyverno-json/match-index/analyze-match.ts";
import type { Condition } from "../../../src/kyverno-json/match-index/match-condition.ts";
import {
  createRuleIndexSteps,
  type RuleIndex,
} from "../../../src/kyverno-json/match-index/rule-index.ts";
import { parseRule } from "../../../src/kyverno-json/rules/parse-rule.ts";
import { createExpressionCompiler } from "../../../src/kyverno-json/rules/shared-expressions.ts";
import { createBudget } from "../../../src/model/budget.ts";
import type { JsonObject, JsonValue } from "../../../src/model/json.ts";
import { defaultEvaluationLimits as limits } from "../../../src/model/limits.ts";
import { finishSteps } from "../../../src/model/resumable.ts";
import { countSteps } from "../../support/count-steps.ts";
import { newParser } from "../parsed.ts";

const functions = createPolicyFunctions({
  nowMs: () => 0,
  random: () => 0,
  decoderFor: () => () => null,
});

/** The index of rules with these matches; a string is a statement that has to be true of `request.http`. */
function indexOf(
  matches: readonly (MatchBlock | string)[],
  rule?: Partial<RuleDocument>,
  table: FunctionTable = functions,
): RuleIndex {
  return finishSteps(createRuleIndexSteps(analyzeAll(matches, rule, table)));
}

function analyzeAll(
  matches: readonly (MatchBlock | string)[],
  rule?: Partial<RuleDocument>,
  table: FunctionTable = functions,
): readonly (Condition | undefined)[] {
  const compile = createExpressionCompiler(table, limits);
  const parser = newParser();
  const analyze = createMatchAnalyzer(table, limits, compile);
  return matches.map((match) =>
    analyze(
      parseRule({ name: "r", context: [], assert: {}, ...rule, match: toBlock(match) }, {}, parser),
    ),
  );
}

function toBlock(match: MatchBlock | string): MatchBlock {
  return typeof match === "string" ? http({ [`(${match})`]: true }) : match;
}

function http(tree: JsonObject): MatchBlock {
  return { any: [{ request: { http: tree } }] };
}

/** The places of the rules that the index has evaluated. */
function select(
  index: RuleIndex,
  payload: JsonValue,
  stepsLeft: number = 10_000,
): readonly number[] {
  const budget = createBudget({ ...limits, maxSteps: stepsLeft });
  const selected = index(payload, childScope(rootScope(budget), "payload", payload));
  assert.equal(budget.stepsLeft, stepsLeft, "the request's steps are its own");
  return selected;
}

function request(fields: JsonObject, more: JsonObject = {}): JsonObject {
  return { request: { http: fields }, ...more };
}

/** A match for each of four services: more than are evaluated at once. */
function four(build: (service: string) => MatchBlock | string): readonly (MatchBlock | string)[] {
  return ["s0", "s1", "s2", "s3"].map((service) => build(service));
}

const get1 = request(
  {
    method: "GET",
    path: "/s1/x?q=1",
    host: "s1.example",
    headers: { "x-team": "s1", ":authority": "s1" },
  },
  { contextExtensions: { service: "s1" } },
);

const indexed = [
  { name: "a field", match: four((s) => http({ host: `${s}.example` })) },
  { name: "a header", match: four((s) => http({ headers: { "x-team": s } })) },
  { name: "the authority", match: four((s) => http({ headers: { ":authority": s } })) },
  {
    name: "a context extension",
    match: four((s) => ({ all: [{ contextExtensions: { service: s } }] })),
  },
  {
    name: "one of two trees",
    match: four((s) => ({
      any: [
        { request: { http: { path: `/${s}` } } },
        { request: { http: { host: `${s}.example` } } },
      ],
    })),
  },
  {
    name: "one tree of `all`",
    match: four((s) => ({
      all: [{ request: { http: { method: "GET" } } }, { contextExtensions: { service: s } }],
    })),
  },
  { name: "starts_with", match: four((s) => `starts_with(path, '/${s}/')`) },
  {
    name: "starts_with of the place itself",
    match: four((s) => http({ path: { [`(starts_with(@, '/${s}/'))`]: true } })),
  },
  { name: "wildcard", match: four((s) => `wildcard('/${s}/*', path)`) },
  { name: "pattern_match", match: four((s) => `pattern_match('/${s}/?*', path)`) },
  { name: "wildcard without one", match: four((s) => `wildcard('${s}.example', host)`) },
  { name: "==", match: four((s) => `host == '${s}.example'`) },
  { name: "== the other way round", match: four((s) => `'${s}.example' == host`) },
  { name: "contains of a list", match: four((s) => `contains(['-', '${s}.example'], host)`) },
  {
    name: "contains of a literal list",
    match: four((s) => `contains(\`["-", "${s}.example"]\`, host)`),
  },
  { name: "&&", match: four((s) => `method == 'GET' && starts_with(path, '/${s}/')`) },
  { name: "||", match: four((s) => `host == '${s}' || starts_with(path, '/${s}/')`) },
  {
    name: "a test that is not indexed beside one that is",
    match: four((s) => `!ends_with(path, '.js') && contains(path, '/') && host == '${s}.example'`),
  },
  {
    name: "a regular expression beside a field",
    match: four((s) => http({ host: `${s}.example`, "(regex_match('^/', path))": true })),
  },
  {
    name: "a test of `false` beside a field",
    match: four((s) => http({ host: `${s}.example`, "(starts_with(path, '/static'))": false })),
  },
  { name: "a part of the path", match: four((s) => http({ "(split(path, '/')[1])": s })) },
  {
    name: "the tidied path",
    match: four((s) => `starts_with(path_canonicalize(split(path, '?')[0]), '/${s}/')`),
  },
  { name: "$payload", match: four((s) => `starts_with($payload.request.http.path, '/${s}/')`) },
  {
    name: "an expression over the whole",
    match: four((s) => ({ any: [{ "(request.http.host)": `${s}.example` }] })),
  },
  {
    name: "what a bound key holds",
    match: four((s) => http({ "host->h": `${s}.example` })),
  },
];

for (const { name, match } of indexed) {
  test(`only the rule that applies is evaluated: ${name}`, () => {
    const index = indexOf(match);
    assert.deepEqual(select(index, get1), [1]);
    assert.deepEqual(select(index, JSON.parse(JSON.stringify(get1).replaceAll("s1", "s9"))), []);
  });
}

test("a variable of the context is what it stands for", () => {
  const context = [
    { name: "path", variable: "(split(request.http.path, '?')[0])" },
    { name: "first", variable: "($path)" },
  ];
  const tests = four((s) => ({ any: [{ [`(starts_with($first, '/${s}/'))`]: true }] }));
  assert.deepEqual(select(indexOf(tests, { context }), get1), [1]);
});

const hidden = [
  {
    name: "by a later entry of the context",
    context: [
      { name: "v", variable: "(request.http.path)" },
      { name: "v", variable: "/s1/" },
    ],
    match: four((s) => ({ any: [{ [`(starts_with($v, '/${s}/'))`]: true }] })),
  },
  {
    name: "by a key",
    context: [{ name: "v", variable: "(request.http.path)" }],
    match: four((s) => http({ "host->v": { [`(starts_with($v, '/${s}/'))`]: true } })),
  },
  {
    name: "by an entry called `payload`",
    context: [{ name: "payload", variable: "(@)" }, { name: "payload" }],
    match: four((s) => ({ any: [{ [`($payload.request.http.host)`]: s }] })),
  },
  {
    name: "by one, inside an expression",
    context: [{ name: "payload", variable: { request: { http: { path: "/s2/" } } } }],
    match: four((s) => ({ any: [{ "(split($payload.request.http.path, '/')[1])": s }] })),
  },
];

for (const { name, context, match } of hidden) {
  test(`all rules are evaluated where a variable is hidden ${name}`, () => {
    assert.deepEqual(select(indexOf(match, { context }), get1), [0, 1, 2, 3]);
  });
}

test("a variable bound by a key further out is not the context's", () => {
  const context = [{ name: "v", variable: "(request.http.path)" }];
  const match = four((s) => http({ host: s, "path->v": "x" }));
  assert.deepEqual(select(indexOf(match, { context }), request({ host: "s2", path: "y" })), [2]);
});

const evaluated = [
  { name: "no match", match: four(() => ({})) },
  { name: "for each", match: four((s) => http({ host: s, "~.headers": s })) },
  { name: "a list", match: four((s) => http({ host: s, path: [s] })) },
  { name: "an expression on the right", match: four((s) => http({ host: `('${s}')` })) },
  { name: "a fault", match: four((s) => `host == '${s}' && no_such(path)`) },
  { name: "no expression", match: four((s) => `host == '${s}' &&`) },
  {
    name: "a bad pattern",
    match: four((s) => http({ host: s, "(regex_match('(', path))": true })),
  },
  { name: "the time", match: four((s) => http({ host: s, "(time_now())": s })) },
  { name: "an unknown variable", match: four((s) => http({ host: s, "($x)": s })) },
  {
    name: "a variable bound by a key",
    match: four((s) => http({ host: s, "path->p": { "($p)": s } })),
  },
  { name: "no boolean", match: four((s) => `path && starts_with(path, '/${s}')`) },
  { name: "true for all", match: four(() => "starts_with(path, '')") },
  {
    name: "dear and asked by one rule",
    match: ["length(a)", "keys(a)", "a[0]"].map((e) => `${e} == 's'`),
  },
];

for (const { name, match } of evaluated) {
  test(`all rules are evaluated: ${name}`, () => {
    assert.deepEqual(select(indexOf(match), request({ host: "x", path: "/x" })), [...match.keys()]);
  });
}

const unsure = [
  {
    name: "an error beside, with nothing below it",
    match: four((s) => http({ host: s, "(split(path, '/'))": {} })),
    fields: { host: "x" },
  },
  { name: "a text that is missing", match: four((s) => http({ host: s })), fields: {}, want: [] },
  { name: "null", match: four((s) => http({ host: s })), fields: { host: null }, want: [] },
  { name: "a number for a text", match: four((s) => http({ host: s })), fields: { host: 1 } },
  { name: "a boolean for a text", match: four((s) => http({ host: s })), fields: { host: true } },
  { name: "a list for a text", match: four((s) => http({ host: s })), fields: { host: ["s1"] } },
  { name: "an object for a text", match: four((s) => http({ host: s })), fields: { host: {} } },
  { name: "a missing prefix", match: four((s) => `starts_with(path, '${s}')`), fields: {} },
  {
    name: "a number for a prefix",
    match: four((s) => `starts_with(path, '${s}')`),
    fields: { path: 1 },
  },
  { name: "a missing text for ==", match: four((s) => `path == '${s}'`), fields: {}, want: [] },
  {
    name: "anything for ==",
    match: four((s) => `path == '${s}'`),
    fields: { path: ["s1"] },
    want: [],
  },
  {
    name: "an error on the way",
    match: four((s) => http({ "(split(path, '/')[1])": s })),
    fields: {},
  },
  {
    name: "a field beside that cannot be compared",
    match: four((s) => http({ host: s, method: "GET" })),
    fields: { host: "x", method: 1 },
  },
];

for (const { name, match, fields, want = [0, 1, 2, 3] } of unsure) {
  test(`what may err is evaluated, and nothing else: ${name}`, () => {
    assert.deepEqual(select(indexOf(match), request(fields)), want);
  });
}

test("types and case count, the sign of zero does not", () => {
  const index = indexOf(
    [1, "1", true, "true", null, "GET", "get", 0].map((a) => ({ all: [{ a }] })),
  );
  const selected = [1, "1", "true", "GET", "Get", -0, null].map((a) => select(index, { a }));
  // A number may not be compared with texts and booleans, nor a text with numbers and booleans.
  assert.deepEqual(selected, [
    [0, 1, 2, 3, 5, 6],
    [0, 1, 2, 7],
    [0, 2, 3, 7],
    [0, 2, 5, 7],
    [0, 2, 7],
    [1, 2, 3, 5, 6, 7],
    [4],
  ]);
});

test("names that every object inherits are ordinary", () => {
  const names = ["__proto__", "constructor", "toString", "valueOf"];
  const index = indexOf(names.map((name) => ({ all: [JSON.parse(`{"${name}": "x"}`)] })));
  assert.deepEqual(select(index, {}), []);
  assert.deepEqual(select(index, JSON.parse('{"__proto__": "x"}')), [0]);
  assert.deepEqual(select(index, JSON.parse('{"constructor": "x", "valueOf": {}}')), [1, 3]);
});

test("a payload that is no object goes down as it is", () => {
  const index = indexOf(four((s) => http({ path: s })));
  assert.deepEqual(select(index, "s2"), [2]);
  assert.deepEqual(select(index, null), []);
  assert.deepEqual(select(index, 7), [0, 1, 2, 3]);
  assert.deepEqual(select(index, { request: "s3" }), [3]);
});

test("of many fields of one object those it has are looked up, and those whose absence matters", () => {
  const named = Array.from({ length: 40 }, (_, i) => http({ headers: { [`x-${i}`]: "on" } }));
  const absent = http({ headers: { "x-absent": null } });
  const prefix = http({ headers: { "(starts_with(\"x-prefix\", 'a'))": true } });
  const index = indexOf([...named, absent, prefix]);
  const headers = { "x-prefix": "b" };
  assert.deepEqual(
    select(index, request({ headers: { ...headers, "x-7": "on", y: "z" } })),
    [7, 40],
  );
  assert.deepEqual(select(index, request({ headers: { ...headers, "x-absent": "" } })), []);
  assert.deepEqual(select(index, request({ headers: { "x-39": 1 } })), [39, 40, 41]);
  assert.deepEqual(select(index, request({ headers: "on" })).length, 41);
});

test("of many fields one that is missing is asked for where that may be an error", () => {
  const named = Array.from({ length: 40 }, (_, i) => http({ headers: { [`x-${i}`]: "on" } }));
  const prefix = http({ headers: { "x-prefix": { "(starts_with(@, 'a'))": true } } });
  const part = four((s) => http({ headers: { "x-part": { "(split(@, ',')[0])": s } } }));
  const index = indexOf([...named, prefix, ...part]);
  const good = { "x-prefix": "b", "x-part": "s2,s1" };
  assert.deepEqual(select(index, request({ headers: good })), [43]);
  assert.deepEqual(select(index, request({ headers: { ...good, "x-prefix": null } })), [40, 43]);
  assert.deepEqual(select(index, request({ headers: { "x-part": "s9" } })), [40]);
  assert.deepEqual(select(index, request({ headers: { "x-prefix": "b" } })), [41, 42, 43, 44]);
});

test("rules that ask all the same are evaluated together", () => {
  const fields = Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`f${i}`, "x"]));
  const index = indexOf([http(fields), http(fields), http(fields)]);
  assert.deepEqual(select(index, request(fields)), [0, 1, 2]);
  assert.deepEqual(select(index, request({ ...fields, f0: "y" })), []);
});

test("rules that are told apart by no single test are told apart by two", () => {
  const grid = Array.from({ length: 100 }, (_, i) =>
    http({ host: `h${i % 10}`, path: `/p${Math.floor(i / 10)}` }),
  );
  assert.deepEqual(select(indexOf(grid), request({ host: "h3", path: "/p7" })), [73]);
});

test("so they are where a text stands in the place of an object", () => {
  const grid = Array.from({ length: 100 }, (_, i) =>
    http({ host: `${i % 10}`, path: `${Math.floor(i / 10)}` }),
  );
  assert.deepEqual(select(indexOf(grid), request({ host: "3", path: "3" })), [33]);
  assert.deepEqual(select(indexOf(grid), { request: "3" }), [33]);
});

test("a pattern is held against a text in which bytes are replaced", () => {
  const index = indexOf(four((s) => `wildcard('\ufffd${s.slice(2)}*', base64_decode(path))`));
  assert.deepEqual(select(index, request({ path: "/w==" })), [0, 1, 2, 3]);
});

test("however few steps are left, a rule that applies is evaluated", () => {
  const grid = Array.from({ length: 100 }, (_, i) =>
    http({ "!": `h${i % 10}`, "(split(path, '/')[1])": `p${Math.floor(i / 10)}` }),
  );
  const index = indexOf(grid);
  const payload = request({ "!": "h3", path: "/p7" });
  const selected = Array.from({ length: 600 }, (_, steps) => select(index, payload, steps));
  assert.deepEqual(
    selected.filter((ordinals) => !ordinals.includes(73)),
    [],
  );
  assert.deepEqual(selected.at(-1), [73]);
});

test("so it is where that takes three questions one behind the other", () => {
  const digits = [...Array(5).keys()];
  const grid = digits.flatMap((a) =>
    digits.flatMap((b) =>
      digits.map((c) =>
        http({
          "(split(path, '/')[1])": `a${a}`,
          "(split(host, '.')[0])": `b${b}`,
          "(lower(method))": `c${c}`,
        }),
      ),
    ),
  );
  const index = indexOf(grid);
  const payload = request({ path: "/a1", host: "b2.example", method: "C3" });
  const selected = Array.from({ length: 1_200 }, (_, steps) => select(index, payload, steps));
  assert.deepEqual(
    selected.filter((ordinals) => !ordinals.includes(38)),
    [],
  );
  assert.deepEqual(selected.at(-1), [38]);
});

function breakDown(): never {
  throw new TypeError("planted");
}

function endStack(): never {
  throw new RangeError("Maximum call stack size exceeded");
}

test("where a source throws every rule is evaluated, and tells", () => {
  const split = functions.get("split");
  assert.ok(split !== undefined);
  const table = new Map([...functions, ["split", { ...split, body: endStack }] as const]);
  const matches = four((service) => `split(path, '/')[1] == '${service}'`);
  assert.deepEqual(select(indexOf(matches), get1), [1]);
  assert.deepEqual(select(indexOf(matches, {}, table), get1), [0, 1, 2, 3]);
});

test("a fault of our own in a source is thrown, for whoever judges to report", () => {
  const split = functions.get("split");
  assert.ok(split !== undefined);
  const table = new Map([...functions, ["split", { ...split, body: breakDown }] as const]);
  const index = indexOf(
    four((service) => `split(path, '/')[1] == '${service}'`),
    {},
    table,
  );
  assert.throws(() => select(index, get1), TypeError);
});

test("without steps for it every rule is evaluated", () => {
  const index = indexOf(four((s) => http({ "(split(path, '/')[1])": s })));
  assert.deepEqual(select(index, get1, 2), [0, 1, 2, 3]);
});

test("rules that are not indexed stay in their places", () => {
  const open: MatchBlock = http({ "~.headers": "x" });
  const services = four((s) => http({ host: s }));
  const index = indexOf([open, ...services, open, ...services, open]);
  assert.deepEqual(select(index, request({ host: "s1" })), [0, 2, 5, 7, 10]);
  assert.deepEqual(select(index, request({ host: "s9" })), [0, 5, 10]);
});

test("reading sources takes a tenth of the steps at the most", () => {
  const index = indexOf(four((service) => `split(path, '/')[1] == '${service}'`));
  const path = `/s1/${"a".repeat(1_000)}`;
  assert.deepEqual(select(index, request({ path }), 100_000), [1]);
  assert.deepEqual(select(index, request({ path }), 50), [0, 1, 2, 3]);
});

const hundred = [...Array(100).keys()];
const many = hundred.map((rule) => hundred.map((i) => `/${rule}/${i}/`));
/** Rules of 100 questions each, and in how many steps at least these are looked at. */
const large = [
  {
    name: "different texts",
    match: many.map((texts) => `contains(['${texts.join("', '")}'], path)`),
    steps: 117,
  },
  {
    name: "different prefixes",
    match: many.map((texts) => texts.map((text) => `starts_with(path, '${text}')`).join(" || ")),
    steps: 117,
  },
  {
    name: "texts that rules share",
    match: many.map(
      (texts, rule) =>
        `host == 'h${rule % 5}' && contains(['${texts.map((_, i) => i).join("', '")}'], path)`,
    ),
    steps: 117,
  },
  {
    name: "different fields",
    match: many.map((names) => http(Object.fromEntries(names.map((name) => [name, "x"])))),
    steps: 78,
  },
];

for (const { name, match, steps } of large) {
  test(`an index of 10,000 questions is built in steps of a few hundred: ${name}`, () => {
    let reads = 0;
    const conditions = analyzeAll(match).map(
      (condition) => condition && countReads(condition, () => (reads += 1)),
    );
    const readsOfSteps: number[] = [];
    countSteps(createRuleIndexSteps(conditions), () => {
      readsOfSteps.push(reads);
      reads = 0;
    });
    const total = readsOfSteps.reduce((sum, one) => sum + one, 0);
    assert.ok(total >= 10_000, `${total} in all`);
    assert.ok(Math.max(...readsOfSteps) <= 5_000, readsOfSteps.join(" "));
    assert.ok(readsOfSteps.length >= steps, `${readsOfSteps.length} steps`);
  });
}

/** The condition, with `note` called whenever one of its tests or guards is looked at. */
function countReads(condition: Condition, note: () => void): Condition {
  const alternatives = condition.alternatives.map((tests) =>
    tests.map(({ source, kind, operand }) => ({
      source,
      kind,
      get operand() {
        note();
        return operand;
      },
    })),
  );
  const guards = condition.guards.map(({ source, kinds }) => ({
    source,
    get kinds() {
      note();
      return kinds;
    },
  }));
  return { guards, alternatives };
}
