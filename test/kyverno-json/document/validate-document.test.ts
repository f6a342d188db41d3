import assert from "node:assert/strict";
import { test } from "node:test";
import { validateDocument } from "../../../src/kyverno-json/document/validate-document.ts";
import type { JsonValue } from "../../../src/model/json.ts";

const envelope = { apiVersion: "json.kyverno.io/v1alpha1", kind: "ValidatingPolicy" };
const metadata = { name: "test" };
const rule = { name: "r", assert: { all: [{ check: { a: 1 } }] } };

function policyWith(parts: { readonly [key: string]: JsonValue }): JsonValue {
  return { ...envelope, metadata, spec: { rules: [rule] }, ...parts };
}

function ruleWith(parts: { readonly [key: string]: JsonValue }): JsonValue {
  return policyWith({ spec: { rules: [{ ...rule, ...parts }] } });
}

function named(parts: { readonly [key: string]: JsonValue }): JsonValue {
  return policyWith({ metadata: { ...metadata, ...parts } });
}

const invalid = (text: string): string =>
  `failed to validate resource (ValidatingPolicy.json.kyverno.io "test" is invalid: ${text})`;
const unparsed = (text: string): string => `failed to parse document (${text})`;
const unknown = (path: string): string =>
  `${path}: Invalid value: value provided for unknown field`;
const typed = (path: string, want: string, got: string): string =>
  `${path}: Invalid value: "${got}": ${path} in body must be of type ${want}: "${got}"`;
const advice =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

const valid: readonly { readonly name: string; readonly input: JsonValue }[] = [
  { name: "a policy", input: policyWith({}) },
  { name: "no rules", input: policyWith({ spec: { rules: [] } }) },
  { name: "empty blocks", input: ruleWith({ match: {}, exclude: { any: [] }, assert: {} }) },
  {
    name: "nulls that count as absent",
    input: ruleWith({ match: null, context: null, identifier: null }),
  },
  { name: "nulls inside trees", input: ruleWith({ match: { any: [{ a: null }] } }) },
  { name: "63 characters outside the basic plane", input: ruleWith({ name: "😀".repeat(63) }) },
  { name: "a long name", input: named({ name: `${"a".repeat(64)}.${"b".repeat(188)}` }) },
  { name: "labels", input: named({ labels: { "a.b/c_D": "x.Y", e: "", f: null } }) },
  { name: "annotations", input: named({ annotations: { "x/Y": "é z" } }) },
  { name: "a namespace of any form", input: named({ namespace: "N_s" }) },
  { name: "a creation time", input: named({ creationTimestamp: "2021-01-01T00:00:00.5+01:00" }) },
  { name: "any finalizer and generation", input: named({ finalizers: ["a/b"], generation: -5 }) },
];

for (const { name, input } of valid) {
  test(`accepts ${name}`, () => {
    const { policy, faults } = validateDocument(input, []);
    assert.deepEqual(faults, []);
    assert.notEqual(policy, undefined);
  });
}

const refused: readonly {
  readonly name: string;
  readonly input: JsonValue;
  readonly want: string;
}[] = [
  { name: "null", input: null, want: unparsed("GVK cannot be empty") },
  { name: "an empty mapping", input: {}, want: unparsed("GVK cannot be empty") },
  {
    name: "a list",
    input: [],
    want: unparsed(
      "failed to parse yaml: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type v1.TypeMeta",
    ),
  },
  {
    name: "a list as kind",
    input: policyWith({ kind: ["x"] }),
    want: unparsed(
      "failed to parse yaml: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go struct field TypeMeta.kind of type string",
    ),
  },
  {
    name: "another version",
    input: policyWith({ apiVersion: "v1" }),
    want: unparsed("failed to retrieve validator: failed to locate OpenAPI spec for GV: v1"),
  },
  {
    name: "a version of three parts",
    input: policyWith({ apiVersion: "a/b/c" }),
    want: unparsed("failed to retrieve validator: failed to locate OpenAPI spec for GV: "),
  },
  {
    name: "another kind",
    input: policyWith({ kind: 5 }),
    want: unparsed(
      "failed to retrieve validator: kind 5 not found in json.kyverno.io/v1alpha1 groupversion",
    ),
  },
  {
    name: "metadata that is a list",
    input: policyWith({ metadata: [] }),
    want: unparsed("json: cannot unmarshal array into Go value of type v1.ObjectMeta"),
  },
  {
    name: "a label that is a number",
    input: named({ labels: { x: 1 } }),
    want: unparsed(
      "json: cannot unmarshal number into Go struct field ObjectMeta.labels of type string",
    ),
  },
  {
    name: "a generation with a fraction",
    input: named({ generation: 1.5 }),
    want: unparsed(
      "json: cannot unmarshal number 1.5 into Go struct field ObjectMeta.generation of type int64",
    ),
  },
  {
    name: "an owner's name that is a number",
    input: named({ ownerReferences: [{ name: 5 }] }),
    want: unparsed(
      "json: cannot unmarshal number into Go struct field OwnerReference.ownerReferences.name of type string",
    ),
  },
  {
    name: "a time that is none",
    input: named({ creationTimestamp: "x" }),
    want: unparsed('parsing time "x" as "2006-01-02T15:04:05Z07:00": cannot parse "x" as "2006"'),
  },
  {
    name: "a day that is none",
    input: named({ creationTimestamp: "2021-02-29T00:00:00Z" }),
    want: unparsed('parsing time "2021-02-29T00:00:00Z": day out of range'),
  },
  {
    name: "an unknown field of the document",
    input: policyWith({ status: {} }),
    want: unparsed(unknown("status")),
  },
  {
    name: "an unknown field that is null",
    input: ruleWith({ matches: null }),
    want: unparsed(unknown("spec.rules[0].matches")),
  },
  {
    name: "several unknown fields",
    input: policyWith({
      metadata: { name: "test", z: 1 },
      spec: { rules: [{ ...rule, b: 1, a: 1 }] },
    }),
    want: unparsed(
      [unknown("metadata.z"), unknown("spec.rules[0].a"), unknown("spec.rules[0].b")].join("\n"),
    ),
  },
  {
    name: "fields where a list belongs",
    input: ruleWith({ match: { any: { a: 1 } } }),
    want: unparsed(unknown("spec.rules[0].match.any.a")),
  },
  {
    name: "a generated name",
    input: policyWith({ metadata: { generateName: "a-" } }),
    want: "failed to validate resource (Internal error occurred: metadata.name was not generated)",
  },
  {
    name: "no name",
    input: policyWith({ metadata: null }),
    want: 'failed to validate resource (ValidatingPolicy.json.kyverno.io "" is invalid: metadata.name: Required value: name or generateName is required)',
  },
  {
    name: "a label's name",
    input: named({ labels: { "x y": "" } }),
    want: invalid(`metadata.labels: Invalid value: "x y": name part ${advice}`),
  },
  {
    name: "a label without name",
    input: named({ labels: { "A/": "" } }),
    want: invalid(
      `[metadata.labels: Invalid value: "A/": prefix part a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*'), metadata.labels: Invalid value: "A/": name part must be non-empty, metadata.labels: Invalid value: "A/": name part ${advice}]`,
    ),
  },
  {
    name: "an annotation's name",
    input: named({ annotations: { "a/b/c": "" } }),
    want: invalid(
      `metadata.annotations: Invalid value: "a/b/c": a qualified name ${advice} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ),
  },
  {
    name: "annotations too large",
    input: named({ annotations: { a: "x".repeat(262_144) } }),
    want: invalid("metadata.annotations: Too long: must have at most 262144 bytes"),
  },
  {
    name: "a name too long",
    input: policyWith({ metadata: { name: "a".repeat(254) } }),
    want: `failed to validate resource (ValidatingPolicy.json.kyverno.io "${"a".repeat(254)}" is invalid: metadata.name: Invalid value: "${"a".repeat(254)}": must be no more than 253 characters)`,
  },
  { name: "no spec", input: policyWith({ spec: null }), want: invalid("spec: Required value") },
  {
    name: "no rules at all",
    input: policyWith({ spec: {} }),
    want: invalid("spec.rules: Required value"),
  },
  {
    name: "spec of a wrong type",
    input: policyWith({ spec: 1.5 }),
    want: invalid(typed("spec", "object", "number")),
  },
  {
    name: "a rule that is null",
    input: policyWith({ spec: { rules: [null] } }),
    want: invalid(typed("spec.rules[0]", "object", "null")),
  },
  {
    name: "a rule's name too long",
    input: ruleWith({ name: "é".repeat(64) }),
    want: invalid("spec.rules[0].name: Too long: may not be longer than 63"),
  },
  {
    name: "a check that is a list",
    input: ruleWith({ assert: { all: [{ check: [1] }] } }),
    want: invalid(typed("spec.rules[0].assert.all[0].check", "object", "array")),
  },
  {
    name: "several faults, by path",
    input: policyWith({ spec: { rules: [{ name: "a" }, { name: 5, assert: {} }] } }),
    want: invalid(
      `[spec.rules[0].assert: Required value, ${typed("spec.rules[1].name", "string", "integer")}]`,
    ),
  },
];

for (const { name, input, want } of refused) {
  test(`refuses ${name}`, () => {
    const { policy, faults, originalText } = validateDocument(input, []);
    assert.equal(policy, undefined);
    assert.notEqual(faults.length, 0);
    assert.equal(originalText, want);
  });
}

test("faults of every kind are told at once, where the original stops at the first", () => {
  const input = policyWith({ metadata: { name: "A", uid: 5 }, spec: { rules: [{ x: 1 }] } });
  const { faults } = validateDocument(input, []);
  assert.deepEqual(
    faults.map(({ code, path }) => [code, path.join("/")]),
    [
      ["POLICY_SCHEMA", "metadata/uid"],
      ["POLICY_UNKNOWN_FIELD", "spec/rules/0/x"],
      ["POLICY_SCHEMA", "spec/rules/0/assert"],
      ["POLICY_SCHEMA", "spec/rules/0/name"],
    ],
  );
});

test("nulls go where null means absent, and stay inside trees", () => {
  const kept = validateDocument(ruleWith({ match: { any: null, all: [{ a: null }] } }), []);
  assert.deepEqual(kept.policy?.["spec"], { rules: [{ ...rule, match: { all: [{ a: null }] } }] });
});
