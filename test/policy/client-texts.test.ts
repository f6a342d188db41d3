import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { createEvaluator } from "../../src/evaluator/evaluator.ts";
import type { FunctionRow, ParameterType } from "../../src/jmespath/functions/function-table.ts";
import { createPolicyFunctions } from "../../src/kyverno-json/functions/function-table.ts";
import type { JsonObject, JsonValue } from "../../src/model/json.ts";
import { defaultPolicyOptions, type PolicyOptions } from "../../src/model/limits.ts";
import { runProperty } from "../fuzz/run-property.ts";

const functions = createPolicyFunctions({
  nowMs: Date.now,
  random: Math.random,
  decoderFor: () => () => null,
});
const environment = { nowMs: () => Date.UTC(2026, 0, 1), random: () => 0.5 };

/** How much of a secret has to turn up for it to count as told. */
const fragmentLength = 6;

/** Lower and upper case, digits and marks: no run of six is in any text of ours by chance. */
const secret = fc
  .tuple(
    fc.string({
      unit: fc.constantFrom(...Array.from("QqXxZzJjKkVv")),
      minLength: 7,
      maxLength: 12,
    }),
    fc.string({
      unit: fc.constantFrom(...Array.from("0123456789QZxj")),
      minLength: 7,
      maxLength: 12,
    }),
    fc.constantFrom("", "-", "=", "[", "(", " ", "%", "}}"),
  )
  .map(([start, end, mark]) => `${start}${mark}${end}`);

/** The forms that functions could give of a text. */
function formsOf(text: string): readonly string[] {
  const bytes = Buffer.from(text);
  const encoded = [0, 1, 2].map((skip) => bytes.subarray(skip).toString("base64").slice(0, -4));
  const reversed = Array.from(text).toReversed().join("");
  const plain = [text, text.toLowerCase(), text.toUpperCase(), reversed];
  return [...plain, ...encoded, bytes.toString("hex"), encodeURIComponent(text)];
}

function assertTellsNothing(told: string, text: string, of: string): void {
  for (const form of formsOf(text)) {
    for (let at = 0; at + fragmentLength <= form.length; at++) {
      const fragment = form.slice(at, at + fragmentLength);
      assert.ok(!told.includes(fragment), `${of} tells \`${fragment}\` of \`${text}\`: ${told}`);
    }
  }
}

type Write = (text: string) => string;

/** Arguments of every type, most of them with the secret in them. */
const argumentsOf: { readonly [Type in ParameterType]: readonly Write[] } = {
  number: [() => "`1`", () => "`-7.5`"],
  string: [raw, () => "request.http.path", (text) => `join('', ['${text}', request.http.path])`],
  array: [(text) => `['${text}']`, (text) => json([text, 1])],
  object: [(text) => `{a: '${text}'}`, (text) => json({ [text]: text })],
  "array[array]": [(text) => `[['${text}', '${text}']]`, (text) => json([[text]])],
  "array[number]": [() => "`[1, 2]`"],
  "array[string]": [(text) => `['${text}', 'a']`],
  expref: [raw, (text) => `&'${text}'`, () => "&@", (text) => `&[?@ == '${text}']`],
  any: [raw, (text) => json({ a: [text] }), () => "request.http.headers", () => "`3`"],
};
const anyArgument = Object.values(argumentsOf).flat();

function raw(text: string): string {
  return `'${text}'`;
}

function json(value: JsonValue): string {
  return `\`${JSON.stringify(value)}\``;
}

/** A call with arguments of the right types, or of whatever types. */
const call: fc.Arbitrary<Write> = fc
  .tuple(fc.constantFrom(...functions.values()), fc.boolean())
  .chain(([row, isGood]) => fc.tuple(...argumentsFor(row, isGood)).map(writeCall(row.name)));

function argumentsFor({ parameters }: FunctionRow, isGood: boolean): fc.Arbitrary<Write>[] {
  return parameters.map(({ types }) =>
    fc.constantFrom(...(isGood ? types.flatMap((type) => argumentsOf[type]) : anyArgument)),
  );
}

function writeCall(name: string): (args: readonly Write[]) => Write {
  return (args) => (text) => `${name}(${args.map((write) => write(text)).join(", ")})`;
}

/** Expressions that hold the secret or come to it, some with faults. */
const otherExpression: fc.Arbitrary<Write> = fc.constantFrom<Write>(
  raw,
  (text) => json(text),
  (text) => json({ deep: [{ [text]: text }] }),
  (text) => `'${text}' || request.http.path`,
  (text) => `request.http.path == '${text}'`,
  (text) => `request.http.path == "${text}"`,
  (text) => `{k: '${text}', "${text}": \`1\`}`,
  (text) => `let $x = '${text}' in $x`,
  (text) => `abs(let $x = '${text}' in $x)`,
  (text) => `'${text}'[::0]`,
  (text) => `${json([text])}[::0]`,
  (text) => `jwt_decode(request.http.headers.authorization, '${text}').payload.role`,
  (text) => `jwt_decode('${text}', '${text}').payload.role`,
  (text) => `nope('${text}')`,
  (text) => `abs('${text}', '${text}')`,
  (text) => `abs("${text}")`,
  (text) => `abs('${text}'`,
  (text) => `'${text}' '${text}'`,
  (text) => `\`${text}\``,
  (text) => `"${text}`,
  (text) => `abs(@) # '${text}'`,
  () => "$v",
  () => "$v.k",
  () => "abs($v)",
  () => "$missing",
  () => "$policy",
  () => "$rule.name",
  () => "abs($policy)",
  () => "to_string($policy)",
  () => "request.http",
  () => "abs(request.http.headers)",
);
const expression = fc.oneof({ arbitrary: call, weight: 2 }, otherExpression);

/** Keys and leaves: as an expression, with marks, and written wrongly. */
const key: fc.Arbitrary<Write> = fc.oneof(
  { arbitrary: expression.map<Write>((write) => (text) => `(${write(text)})`), weight: 4 },
  expression.map<Write>((write) => (text) => `~.(${write(text)})`),
  expression.map<Write>((write) => (text) => `~i.(${write(text)})->found`),
  expression.map<Write>((write) => (text) => `(${write(text)}) -> found`),
  expression.map<Write>((write) => (text) => `(${write(text)}) && (${write(text)})`),
  expression.map<Write>((write) => (text) => `(\n${write(text)})`),
  expression.map<Write>((write) => (text) => `\\(${write(text)})\\`),
  fc.constantFrom<Write>(
    () => "request",
    () => "~.request",
    () => "contextExtensions",
  ),
);
const leaf: fc.Arbitrary<(text: string) => JsonValue> = fc.oneof(
  fc.constantFrom<(text: string) => JsonValue>(
    (text) => text,
    (text) => [text],
    (text) => [[text], text],
    () => true,
    () => null,
    () => 7,
  ),
  key,
);
const grownTree: fc.Arbitrary<(text: string) => JsonObject> = fc
  .tuple(key, fc.option(key), leaf, fc.boolean())
  .map(([outer, inner, value, isBelowHttp]) => (text: string): JsonObject => {
    const below = inner === null ? value(text) : { [inner(text)]: value(text) };
    const whole = { [outer(text)]: below };
    return isBelowHttp ? { request: { http: whole } } : whole;
  });
const tree = fc.oneof(
  { arbitrary: grownTree, weight: 2 },
  // Most grown ones err; these fail, so that messages are shown.
  fc.constantFrom<(text: string) => JsonObject>(
    (text) => ({ request: { http: { method: text } } }),
    (text) => ({ source: { principal: text } }),
  ),
);

const constant: fc.Arbitrary<(text: string) => JsonValue> = fc.oneof(
  fc.constantFrom<(text: string) => JsonValue>(
    (text) => text,
    (text) => ({ k: text }),
    (text) => ({ [text]: { k: text } }),
    (text) => [text, [text]],
  ),
  key,
);

/** What a policy may say in a message without meaning to show the secret itself. */
const placeholder: fc.Arbitrary<Write> = fc.constantFrom<Write>(
  (text) => `jwt_decode(request.http.headers.authorization, '${text}').payload.role`,
  (text) => `abs('${text}')`,
  (text) => `to_number('${text}')`,
  (text) => json({ a: text }),
  (text) => `lookup(${json({ a: { [text]: "x" } })}, request.http.path)`,
  (text) => `join('${text}'\n, ['a'])`,
  (text) => `to_string({a: {b: '${text}'}})`,
  (text) => `nope('${text}')`,
  (text) => `abs('${text}'`,
  () => "$policy",
  () => "$v",
);
const message = fc.tuple(fc.constantFrom("", "no ", "{{ request.http.path }} "), placeholder).map(
  ([start, write]) =>
    (text: string) =>
      `${start}{{ ${write(text)} }}`,
);

const policy = fc
  .record({
    trees: fc.array(tree, { minLength: 1, maxLength: 3 }),
    match: fc.option(tree),
    exclude: fc.option(tree),
    constant,
    message: fc.option(message),
    identifier: fc.option(expression),
    list: fc.constantFrom("any", "all"),
  })
  .map((parts) => (text: string): JsonObject => {
    const { trees, match, exclude, identifier, list } = parts;
    // Shown on purpose: a variable that is the secret itself, in a message of its own.
    const told = parts.message?.(text);
    const isAsked = told?.includes("{{ $v }}") === true;
    const rule: JsonObject = {
      name: "r",
      context: [{ name: "v", variable: isAsked ? [text] : parts.constant(text) }],
      ...(match !== null && { match: { any: [match(text), {}] } }),
      ...(exclude !== null && { exclude: { all: [exclude(text), { none: "x" }] } }),
      ...(identifier !== null && { identifier: identifier(text) }),
      assert: {
        [list]: trees.map((write) => ({
          check: write(text),
          ...(told !== undefined && { message: told }),
        })),
      },
    };
    const spec = { rules: [rule] };
    const head = { apiVersion: "json.kyverno.io/v1alpha1", kind: "ValidatingPolicy" };
    return { ...head, metadata: { name: "p" }, spec };
  });

const header = fc.constantFrom("Bearer x", "Bearer eyJhbGciOiJIUzI1NiJ9.e30.AA", "", "7");
const request: fc.Arbitrary<JsonObject> = fc.record({
  source: fc.constant({ principal: "spiffe://a/b" }),
  contextExtensions: fc.constant({ tier: "gold" }),
  request: fc.record({
    http: fc.record(
      {
        method: fc.constantFrom("GET", "POST"),
        path: fc.constantFrom("/", "/stock?a=1", "1", "/a//b"),
        headers: fc.record({ authorization: header, "x-role": header }, { requiredKeys: [] }),
        body: fc.constantFrom("{}", "{", '{"a": 1}', "\u0000"),
      },
      { requiredKeys: ["method"] },
    ),
  }),
});

const judgements: readonly PolicyOptions[] = [
  defaultPolicyOptions,
  { ...defaultPolicyOptions, denyBody: "details" },
  { ...defaultPolicyOptions, denyBody: "details", compat: "kyverno-envoy-plugin" },
  { ...defaultPolicyOptions, denyBody: "messages", compat: "kyverno-envoy-plugin" },
];

test("no text for a client, and no message of a fault, tells what a policy spells out", () => {
  const bodies = new Set<string>();
  runProperty(
    fc.property(policy, secret, request, (write, text, payload) => {
      const files = [{ path: "p.json", text: JSON.stringify(write(text)) }];
      for (const options of judgements) {
        const created = createEvaluator({ revision: "r", files }, options, environment);
        for (const { message: fault } of created.diagnostics) {
          assertTellsNothing(fault, text, "a fault");
        }
        const { body = "" } = created.evaluator?.decide({ payload, sizeBytes: 0 }) ?? {};
        bodies.add(body);
        assertTellsNothing(body, text, "a body");
      }
    }),
    400,
  );
  // Otherwise the policies all load nowhere, or fail alike.
  assert.ok(bodies.size > 30, `${bodies.size} bodies`);
});
