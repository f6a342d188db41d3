import * as fc from "fast-check";
import type { JsonObject, JsonValue } from "../../src/model/json.ts";

/** Names of fields, in payloads and matches alike. */
const names = ["a", "b", "path", "__proto__", "constructor", "x-Role", ""] as const;

/** Texts that begin like one another, differ in case, or look like something else. */
const texts = [
  "",
  "/",
  "/x",
  "/x/",
  "/x/y",
  "/x/y/z",
  "/X/y",
  "/é",
  "/😀",
  "GET",
  "get",
  "a",
  "__proto__",
  "1",
  "true",
  "null",
  "\ufffd",
] as const;

const text = fc.constantFrom(...texts);
const name = fc.constantFrom(...names);
const scalar: fc.Arbitrary<JsonValue> = fc.oneof(
  { weight: 6, arbitrary: text },
  fc.constantFrom(null, true, false, 0, -0, 1, 1.5, -1e21),
);

const { object } = fc.letrec<{ value: JsonValue; object: JsonObject }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    { weight: 8, arbitrary: scalar },
    { weight: 3, arbitrary: tie("object") },
    { weight: 1, arbitrary: fc.array(scalar, { maxLength: 3 }) },
  ),
  object: fc.array(fc.tuple(name, tie("value")), { maxLength: 5 }).map(toObject),
}));
const usual = fc.record({ a: text, b: text, path: text, "x-Role": text });

/** A request: mostly what policies expect, now and then anything in its place. */
export const payload: fc.Arbitrary<JsonObject> = fc.oneof(
  { weight: 4, arbitrary: usual.map((fields): JsonObject => ({ ...fields })) },
  {
    weight: 2,
    arbitrary: fc.tuple(usual, object).map(([fields, more]) => ({ ...fields, ...more })),
  },
  { weight: 1, arbitrary: object },
);

function toObject(entries: readonly (readonly [string, JsonValue])[]): JsonObject {
  return Object.fromEntries(entries);
}

/** An expression over the place it stands at that is no boolean, or not always. */
const wildSubjects = [
  "a",
  "b",
  "path",
  "@",
  "a.path",
  '"x-Role"',
  '"__proto__"',
  "a[0]",
  "constructor.a",
  "$payload.a",
  "$payload.path",
  "$payload",
  "$v",
  "$v.a",
  "$payload.a.b",
  "not_null(path, '')",
  "to_string(a)",
  "split(path, '/')[1]",
  "lower(a)",
  "(a || b)",
  "path_canonicalize(split(path, '?')[0])",
  "length(a)",
  "keys(@)",
  "missing(a)",
  "a.",
  "compare(path, '/x')",
  "&a",
  "`-0`",
  "`0`",
  "base64_decode('/w==')",
  "a[?@]",
  "$undefined",
];

/** The same, of texts where the request is a usual one. */
const calmSubjects = [
  "a",
  "b",
  "path",
  "$payload.a",
  "$payload.path",
  "not_null(path, '')",
  "path_canonicalize(split(path, '?')[0])",
  "lower(a)",
  "to_string(b)",
];

const literal = scalar.map((value) => `\`${JSON.stringify(value).replaceAll("`", "\\`")}\``);
const quoted = text.map((value) => `'${value}'`);
const pattern = fc.constantFrom("*", "", "/x", "/x/*", "/x/?", "?x*", "/é*", "\ufffd*", "G?T");
const regex = fc.constantFrom("^/x", "x$", "", "(", "[a-z]+");

/** The texts of boolean expressions over few subjects, of the kinds an index knows and of others. */
function truthOf(subjects: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.letrec<{ truth: string; one: string }>((tie) => ({
    one: fc.oneof(
      fc.tuple(subjects, quoted).map(([s, t]) => `starts_with(${s}, ${t})`),
      fc.tuple(subjects, pattern).map(([s, p]) => `wildcard('${p}', ${s})`),
      fc.tuple(subjects, pattern).map(([s, p]) => `pattern_match('${p}', ${s})`),
      fc.tuple(subjects, fc.oneof(quoted, literal)).map(([s, l]) => `${s} == ${l}`),
      fc.tuple(subjects, quoted).map(([s, l]) => `${l} == ${s}`),
      fc.tuple(subjects, literal).map(([s, l]) => `${s} != ${l}`),
      fc.tuple(subjects, quoted).map(([s, t]) => `ends_with(${s}, ${t})`),
      fc.tuple(subjects, fc.oneof(quoted, literal)).map(([s, t]) => `contains(${s}, ${t})`),
      fc
        .tuple(subjects, fc.array(fc.oneof(quoted, literal), { minLength: 1, maxLength: 3 }))
        .map(([s, list]) => `contains([${list.join(", ")}], ${s})`),
      fc.tuple(subjects, regex).map(([s, r]) => `regex_match('${r}', ${s})`),
      fc.tuple(subjects, quoted).map(([s, t]) => `let $v = ${t} in starts_with(${s}, $v)`),
    ),
    truth: fc.oneof(
      { maxDepth: 2, withCrossShrink: true },
      { weight: 4, arbitrary: tie("one") },
      { weight: 1, arbitrary: tie("truth").map((truth) => `!(${truth})`) },
      {
        weight: 2,
        arbitrary: fc
          .tuple(tie("truth"), fc.constantFrom("&&", "||"), tie("truth"))
          .map(([left, operator, right]) => `(${left} ${operator} ${right})`),
      },
    ),
  })).truth;
}

/** Trees that err only for an unusual request. */
function calmTreeOf(subjects: fc.Arbitrary<string>): fc.Arbitrary<JsonObject> {
  const field = fc.constantFrom("a", "b", "path", "x-Role", "missing");
  const truth = truthOf(subjects).map((t) => `(${t})`);
  const entry = fc.oneof(
    { weight: 6, arbitrary: fc.tuple(field, text) },
    { weight: 4, arbitrary: fc.tuple(truth, fc.constant(true)) },
    { weight: 1, arbitrary: fc.tuple(truth, fc.boolean()) },
    {
      weight: 2,
      arbitrary: fc.tuple(
        subjects.map((s) => `(${s})`),
        text,
      ),
    },
    { weight: 1, arbitrary: fc.tuple(field, fc.constant(null)) },
  );
  return fc.array(entry, { minLength: 1, maxLength: 2 }).map(toObject);
}

/** Trees of all shapes. */
function wildTreeOf(subjects: fc.Arbitrary<string>): fc.Arbitrary<JsonObject> {
  const truth = truthOf(subjects).map((t) => `(${t})`);
  const { tree } = fc.letrec<{ child: JsonValue; tree: JsonObject; entry: [string, JsonValue] }>(
    (tie) => ({
      child: fc.oneof(
        { maxDepth: 3, withCrossShrink: true },
        { weight: 8, arbitrary: scalar },
        { weight: 3, arbitrary: tie("tree") },
        { weight: 1, arbitrary: subjects.map((s) => `(${s})`) },
        { weight: 1, arbitrary: fc.constant({}) },
        { weight: 1, arbitrary: fc.array(scalar, { maxLength: 2 }) },
      ),
      entry: fc.oneof(
        { weight: 8, arbitrary: fc.tuple(name, tie("child")) },
        { weight: 4, arbitrary: fc.tuple(truth, fc.constant(true)) },
        {
          weight: 2,
          arbitrary: fc.tuple(
            subjects.map((s) => `(${s})`),
            tie("child"),
          ),
        },
        { weight: 1, arbitrary: fc.tuple(truth, scalar) },
        {
          weight: 1,
          arbitrary: fc.tuple(
            name.map((n) => `${n}->v`),
            tie("child"),
          ),
        },
        {
          weight: 1,
          arbitrary: fc.tuple(
            subjects.map((s) => `(${s})->v`),
            tie("child"),
          ),
        },
        {
          weight: 1,
          arbitrary: fc.tuple(
            name.map((n) => `\\${n}\\`),
            tie("child"),
          ),
        },
        {
          weight: 1,
          arbitrary: fc.tuple(
            name.map((n) => `~.${n}`),
            tie("child"),
          ),
        },
      ),
      tree: fc.array(tie("entry"), { minLength: 1, maxLength: 2 }).map(toObject),
    }),
  );
  return tree;
}

const check = fc.constantFrom<JsonObject>(
  {},
  { a: "a" },
  { path: null },
  { "(starts_with(path, '/'))": true },
  { "($v)": "/x" },
);
const context = fc.array(
  fc
    .tuple(
      fc.constantFrom("v", "v", "v", "payload"),
      fc.oneof(
        fc.constantFrom(...wildSubjects, ...calmSubjects).map((s) => `(${s})`),
        scalar,
      ),
    )
    .map(([key, variable]) => ({ name: key, variable })),
  { maxLength: 2 },
);

function blockOf(tree: fc.Arbitrary<JsonObject>): fc.Arbitrary<JsonObject> {
  const trees = fc.array(tree, { minLength: 1, maxLength: 3 });
  return fc.oneof(
    { weight: 3, arbitrary: trees.map((any): JsonObject => ({ any })) },
    { weight: 3, arbitrary: trees.map((all): JsonObject => ({ all })) },
    fc.tuple(trees, trees).map(([any, all]): JsonObject => ({ any, all })),
  );
}

function ruleOf(tree: fc.Arbitrary<JsonObject>): fc.Arbitrary<JsonObject> {
  const block = blockOf(tree);
  return fc
    .record(
      {
        name: fc.constantFrom("r", "s"),
        context,
        match: block,
        exclude: block,
        identifier: fc.constantFrom("a", "$v"),
        assert: check.map((made) => ({ all: [{ message: "{{ path }}", check: made }] })),
      },
      { requiredKeys: ["name", "match", "assert"] },
    )
    .map((rule): JsonObject => JSON.parse(JSON.stringify(rule)));
}

/** The rules of several policies, which ask much the same of a request. */
export const rulesOfPolicies: fc.Arbitrary<readonly (readonly JsonObject[])[]> = fc.oneof(
  { weight: 3, arbitrary: policiesOver(calmSubjects, calmTreeOf) },
  { weight: 1, arbitrary: policiesOver(wildSubjects, wildTreeOf) },
  { weight: 1, arbitrary: policiesOver(["$v", "$v.a", "path"], wildTreeOf) },
);

function policiesOver(
  subjects: readonly string[],
  treeOf: (subjects: fc.Arbitrary<string>) => fc.Arbitrary<JsonObject>,
): fc.Arbitrary<readonly (readonly JsonObject[])[]> {
  const few = fc.uniqueArray(fc.constantFrom(...subjects), { minLength: 1, maxLength: 2 });
  return few.chain((chosen) => {
    const rule = ruleOf(treeOf(fc.constantFrom(...chosen)));
    const rules = fc.array(rule, { minLength: 1, maxLength: 4 });
    return fc.array(rules, { minLength: 1, maxLength: 5 });
  });
}
