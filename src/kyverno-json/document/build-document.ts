import { isJsonObject, type JsonObject, type JsonValue, ownValue } from "../../model/json.ts";
import type {
  AssertBlock,
  AssertionDocument,
  ContextEntry,
  MatchBlock,
  PolicyDocument,
  RuleDocument,
} from "./document.ts";

/** Returns the typed form of a policy that has passed validation: members that cannot be there are not looked for. */
export function buildDocument(
  policy: JsonObject,
  { file, fileText, locate }: Pick<PolicyDocument, "file" | "fileText" | "locate">,
): PolicyDocument {
  const metadata = withoutNulls(objectOf(ownValue(policy, "metadata")));
  const spec = objectOf(ownValue(policy, "spec"));
  return {
    file,
    fileText,
    name: textOf(ownValue(metadata, "name")),
    metadata,
    rules: listOf(ownValue(spec, "rules")).map((rule) => buildRule(objectOf(rule))),
    locate,
  };
}

/** `labels: null` and the like are as good as absent. */
function withoutNulls(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null));
}

function buildRule(rule: JsonObject): RuleDocument {
  const match = ownValue(rule, "match");
  const exclude = ownValue(rule, "exclude");
  const identifier = textOf(ownValue(rule, "identifier"));
  return {
    name: textOf(ownValue(rule, "name")),
    context: listOf(ownValue(rule, "context")).map((entry) => buildContextEntry(objectOf(entry))),
    ...(match === undefined ? {} : { match: buildMatch(objectOf(match)) }),
    ...(exclude === undefined ? {} : { exclude: buildMatch(objectOf(exclude)) }),
    ...(identifier === "" ? {} : { identifier }),
    assert: buildAssert(objectOf(ownValue(rule, "assert"))),
  };
}

function buildContextEntry(entry: JsonObject): ContextEntry {
  const name = textOf(ownValue(entry, "name"));
  const variable = ownValue(entry, "variable");
  if (variable === undefined || variable === null) return { name };
  return { name, variable: withoutNegativeZeros(variable) };
}

function buildMatch(block: JsonObject): MatchBlock {
  return { ...treesOf(block, "any", treeOf), ...treesOf(block, "all", treeOf) };
}

function buildAssert(block: JsonObject): AssertBlock {
  return { ...treesOf(block, "any", buildAssertion), ...treesOf(block, "all", buildAssertion) };
}

/** The list under the name, each item built; without the name when there is no list. */
function treesOf<Name extends "any" | "all", Item>(
  block: JsonObject,
  name: Name,
  build: (item: JsonValue) => Item,
): { readonly [key in Name]?: readonly Item[] } {
  const list = ownValue(block, name);
  const built: { [key in Name]?: readonly Item[] } = {};
  if (list !== undefined) built[name] = listOf(list).map((item) => build(item));
  return built;
}

function buildAssertion(item: JsonValue): AssertionDocument {
  const assertion = objectOf(item);
  const message = textOf(ownValue(assertion, "message"));
  const check = treeOf(ownValue(assertion, "check"));
  return message === "" ? { check } : { message, check };
}

function treeOf(value: JsonValue | undefined): JsonObject {
  return objectOf(withoutNegativeZeros(value ?? null));
}

/** The original reads `-0` in a policy's JSON as an integer, which has no sign. */
function withoutNegativeZeros(value: JsonValue): JsonValue {
  if (typeof value === "number") return value === 0 ? 0 : value;
  if (Array.isArray(value)) return value.map(withoutNegativeZeros);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, withoutNegativeZeros(member)]),
  );
}

function objectOf(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : [];
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}
