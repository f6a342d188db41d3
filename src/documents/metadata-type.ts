import type { DocumentFault, FieldPath } from "../model/document-fault.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../model/json.ts";
import { jsonTypeName } from "./json-type-name.ts";
import { checkTimestamp } from "./timestamp.ts";

/** A type of the original's object metadata, with the name Go prints for it. */
type MetaType =
  | { readonly kind: "string" | "integer" | "boolean" | "time" | "any"; readonly goName: string }
  | { readonly kind: "texts"; readonly goName: string }
  | { readonly kind: "list"; readonly goName: string; readonly items: MetaType }
  | {
      readonly kind: "struct";
      readonly goName: string;
      readonly fields: ReadonlyMap<string, MetaType>;
    };

const text: MetaType = { kind: "string", goName: "string" };
const integer: MetaType = { kind: "integer", goName: "int64" };
const flag: MetaType = { kind: "boolean", goName: "bool" };
const time: MetaType = { kind: "time", goName: "v1.Time" };
const texts: MetaType = { kind: "texts", goName: "map[string]string" };
const uid: MetaType = { kind: "string", goName: "types.UID" };

function structOf(goName: string, fields: readonly (readonly [string, MetaType])[]): MetaType {
  return { kind: "struct", goName, fields: new Map(fields) };
}

const ownerReference = structOf("v1.OwnerReference", [
  ["apiVersion", text],
  ["kind", text],
  ["name", text],
  ["uid", uid],
  ["controller", flag],
  ["blockOwnerDeletion", flag],
]);

const managedFields = structOf("v1.ManagedFieldsEntry", [
  ["manager", text],
  ["operation", { kind: "string", goName: "v1.ManagedFieldsOperationType" }],
  ["apiVersion", text],
  ["time", time],
  ["fieldsType", text],
  ["fieldsV1", { kind: "any", goName: "v1.FieldsV1" }],
  ["subresource", text],
]);

const objectMeta = structOf("v1.ObjectMeta", [
  ["name", text],
  ["generateName", text],
  ["namespace", text],
  ["selfLink", text],
  ["uid", uid],
  ["resourceVersion", text],
  ["generation", integer],
  ["creationTimestamp", time],
  ["deletionTimestamp", time],
  ["deletionGracePeriodSeconds", integer],
  ["labels", texts],
  ["annotations", texts],
  ["ownerReferences", { kind: "list", goName: "[]v1.OwnerReference", items: ownerReference }],
  ["finalizers", { kind: "list", goName: "[]string", items: text }],
  ["managedFields", { kind: "list", goName: "[]v1.ManagedFieldsEntry", items: managedFields }],
]);

/** The faults of the types in `metadata`: both lists in the order of the sorted keys. */
export interface MetadataTypeFaults {
  readonly mismatches: readonly DocumentFault[];
  readonly unknown: readonly FieldPath[];
}

/** Compares `metadata` with Kubernetes' `ObjectMeta`; null fits every type. */
export function checkMetadataTypes(metadata: JsonValue): MetadataTypeFaults {
  const faults = { mismatches: [] as DocumentFault[], unknown: [] as FieldPath[] };
  checkType(metadata, objectMeta, { path: ["metadata"], struct: "", names: [] }, faults);
  return faults;
}

interface Context {
  readonly path: FieldPath;
  /** The innermost Go struct, and the fields that lead to the value from the outermost. */
  readonly struct: string;
  readonly names: readonly string[];
}

interface Faults {
  readonly mismatches: DocumentFault[];
  readonly unknown: FieldPath[];
}

function checkType(value: JsonValue, type: MetaType, context: Context, faults: Faults): void {
  if (value === null || type.kind === "any") return;
  if (type.kind === "list" && Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      checkType(item, type.items, { ...context, path: [...context.path, index] }, faults);
    }
  } else if (type.kind === "struct" && isJsonObject(value)) {
    checkFields(value, type, context, faults);
  } else if (type.kind === "texts" && isJsonObject(value)) {
    for (const key of Object.keys(value).toSorted()) {
      checkType(value[key] ?? null, text, { ...context, path: [...context.path, key] }, faults);
    }
  } else {
    const message = mismatch(value, type, context);
    if (message === undefined) return;
    faults.mismatches.push({ code: "POLICY_SCHEMA", path: context.path, message });
  }
}

function checkFields(
  value: JsonObject,
  type: Extract<MetaType, { readonly kind: "struct" }>,
  context: Context,
  faults: Faults,
): void {
  for (const key of Object.keys(value).toSorted()) {
    const path = [...context.path, key];
    const field = type.fields.get(key);
    if (field === undefined) {
      faults.unknown.push(path);
      continue;
    }
    const struct = type.goName.slice("v1.".length);
    checkType(value[key] ?? null, field, { path, struct, names: [...context.names, key] }, faults);
  }
}

/** Go's text for a value that is not of the type; undefined when it is. */
function mismatch(value: JsonValue, type: MetaType, context: Context): string | undefined {
  const { kind, goName } = type;
  const found = jsonTypeName(value);
  if (kind === "time") {
    if (typeof value === "string") return checkTimestamp(value);
    return `json: cannot unmarshal ${found} into Go value of type string`;
  }
  if (kind === "integer" ? Number.isInteger(value) : typeof value === kind) return undefined;
  const fraction = kind === "integer" && typeof value === "number" ? ` ${value}` : "";
  const { struct, names } = context;
  const target = struct === "" ? "value" : `struct field ${struct}.${names.join(".")}`;
  return `json: cannot unmarshal ${found}${fraction} into Go ${target} of type ${goName}`;
}
