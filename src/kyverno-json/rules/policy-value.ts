import { type GoStruct, ItemsArray, type Value } from "../../go-values/value.ts";
import { isJsonObject, type JsonObject, ownValue } from "../../model/json.ts";
import type {
  AssertBlock,
  AssertionDocument,
  ContextEntry,
  MatchBlock,
  PolicyDocument,
  RuleDocument,
} from "../document/document.ts";
import { GoTime, GoTimePointer } from "./go-metadata-time.ts";
import {
  GoAny,
  type GoField,
  GoInt64,
  GoNamedString,
  GoPointer,
  GoRecord,
  GoStringMap,
} from "./go-value.ts";

/**
 * Returns the value of `$policy`: a pointer to the policy's Go struct, with its fields' names and types
 * (docs/policy-language.md, Variables).
 */
export function buildPolicyValue(document: PolicyDocument): GoStruct {
  const rules = list("v1alpha1.ValidatingRule", document.rules.map(buildRuleValue));
  return new GoPointer(
    "*v1alpha1.ValidatingPolicy",
    new GoRecord("v1alpha1.ValidatingPolicy", [
      { name: "TypeMeta", value: buildTypeMeta(), embedded: true },
      {
        name: "ObjectMeta",
        value: buildObjectMeta(document),
        jsonName: "metadata",
        embedded: true,
      },
      {
        name: "Spec",
        value: new GoRecord("v1alpha1.ValidatingPolicySpec", [field("Rules", rules)]),
        jsonName: "spec",
      },
    ]),
  );
}

/** Returns the value of `$rule`: the rule's Go struct. */
export function buildRuleValue(rule: RuleDocument): GoStruct {
  const context = rule.context.map(buildContextValue);
  return new GoRecord("v1alpha1.ValidatingRule", [
    field("Name", rule.name),
    optional("Context", list("v1alpha1.ContextEntry", context, context.length === 0)),
    optional("Match", buildMatchValue(rule.match)),
    optional("Exclude", buildMatchValue(rule.exclude)),
    optional("Identifier", rule.identifier ?? ""),
    field("Assert", new GoPointer("*v1alpha1.Assert", buildAssertRecord(rule.assert))),
  ]);
}

/** Returns the struct behind a `match` or `exclude`, as an error about it prints it. */
export function buildMatchRecord(block: MatchBlock): GoRecord {
  return new GoRecord("v1alpha1.Match", [
    optional("Any", trees(block.any)),
    optional("All", trees(block.all)),
  ]);
}

/** Returns the struct behind an `assert`, as an error about it prints it. */
export function buildAssertRecord(block: AssertBlock): GoRecord {
  return new GoRecord("v1alpha1.Assert", [
    optional("Any", assertions(block.any)),
    optional("All", assertions(block.all)),
  ]);
}

function buildMatchValue(block: MatchBlock | undefined): GoPointer {
  const target = block === undefined ? undefined : buildMatchRecord(block);
  return new GoPointer("*v1alpha1.Match", target);
}

function buildContextValue(entry: ContextEntry): GoRecord {
  return new GoRecord("v1alpha1.ContextEntry", [
    field("Name", entry.name),
    field("Variable", new GoAny(entry.variable ?? null)),
  ]);
}

function buildAssertionValue(assertion: AssertionDocument): GoRecord {
  return new GoRecord("v1alpha1.Assertion", [
    optional("Message", assertion.message ?? ""),
    field("Check", new GoAny(assertion.check)),
  ]);
}

function assertions(blocks: readonly AssertionDocument[] | undefined): ItemsArray {
  return list("v1alpha1.Assertion", (blocks ?? []).map(buildAssertionValue), blocks === undefined);
}

function trees(blocks: readonly JsonObject[] | undefined): ItemsArray {
  return list(
    "v1alpha1.Any",
    (blocks ?? []).map((tree) => new GoAny(tree)),
    blocks === undefined,
  );
}

function buildTypeMeta(): GoRecord {
  return new GoRecord("v1.TypeMeta", [
    optional("Kind", "ValidatingPolicy"),
    { ...optional("APIVersion", "json.kyverno.io/v1alpha1"), jsonName: "apiVersion" },
  ]);
}

function buildObjectMeta(document: PolicyDocument): GoRecord {
  const { metadata } = document;
  const grace = ownValue(metadata, "deletionGracePeriodSeconds");
  const deletion = textIn(metadata, "deletionTimestamp");
  return new GoRecord("v1.ObjectMeta", [
    optional("Name", document.name),
    optional("GenerateName", textIn(metadata, "generateName") ?? ""),
    optional("Namespace", textIn(metadata, "namespace") ?? ""),
    optional("SelfLink", textIn(metadata, "selfLink") ?? ""),
    {
      ...optional("UID", new GoNamedString("types.UID", textIn(metadata, "uid") ?? "")),
      jsonName: "uid",
    },
    optional("ResourceVersion", textIn(metadata, "resourceVersion") ?? ""),
    optional("Generation", new GoInt64(Number(ownValue(metadata, "generation") ?? 0))),
    field("CreationTimestamp", new GoTime(textIn(metadata, "creationTimestamp"))),
    optional(
      "DeletionTimestamp",
      new GoTimePointer(deletion === undefined ? undefined : new GoTime(deletion)),
    ),
    optional(
      "DeletionGracePeriodSeconds",
      new GoPointer("*int64", typeof grace === "number" ? new GoInt64(grace) : undefined),
    ),
    optional("Labels", stringMapIn(metadata, "labels")),
    optional("Annotations", stringMapIn(metadata, "annotations")),
    optional("OwnerReferences", listIn(metadata, "ownerReferences", "v1.OwnerReference")),
    optional("Finalizers", listIn(metadata, "finalizers", "string")),
    optional("ManagedFields", listIn(metadata, "managedFields", "v1.ManagedFieldsEntry")),
  ]);
}

function textIn(metadata: JsonObject, name: string): string | undefined {
  const value = ownValue(metadata, name);
  return typeof value === "string" ? value : undefined;
}

function stringMapIn(metadata: JsonObject, name: string): GoStringMap {
  const value = ownValue(metadata, name);
  return new GoStringMap(isJsonObject(value) ? value : undefined);
}

function listIn(metadata: JsonObject, name: string, elementType: string): ItemsArray {
  const value = ownValue(metadata, name);
  return Array.isArray(value) ? list(elementType, value) : list(elementType, [], true);
}

function list(elementType: string, items: readonly Value[], isNil: boolean = false): ItemsArray {
  return new ItemsArray(items, `[]${elementType}`, isNil);
}

/** A field that JSON always has, its name there starting in lower case. */
function field(name: string, value: Value): GoField {
  return { name, value, jsonName: name.charAt(0).toLowerCase() + name.slice(1) };
}

/** A field that JSON leaves out when it is empty. */
function optional(name: string, value: Value): GoField {
  return { ...field(name, value), omitEmpty: true };
}
