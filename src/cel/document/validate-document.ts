import { checkMetadata } from "../../documents/check-metadata.ts";
import {
  checkShape,
  dropNulls,
  findUnknownFields,
  type Shape,
} from "../../documents/check-shape.ts";
import { checkMetadataTypes } from "../../documents/metadata-type.ts";
import {
  comparePaths,
  type DocumentFault,
  type FieldPath,
  formatPath,
} from "../../model/document-fault.ts";
import { isJsonObject, type JsonObject, type JsonValue, ownValue } from "../../model/json.ts";
import type { YamlFault } from "../../model/yaml-fault.ts";
import { checkFields } from "./check-fields.ts";
import { memberOf, textOf } from "./document-members.ts";
import { exceptionShape, policyShape } from "./document-shape.ts";

/** The versions of `policies.kyverno.io`; all are read alike. */
const versions = ["v1", "v1beta1", "v1alpha1"];

/** The kinds of `policies.kyverno.io` that judge requests, and what their documents have to be. */
const shapes: { readonly [Kind in DocumentKind]: Shape } = {
  ValidatingPolicy: policyShape,
  PolicyException: exceptionShape,
};

/** The kinds of documents of this language. */
type DocumentKind = "ValidatingPolicy" | "PolicyException";

/** The result of validating a document. */
export interface ValidatedDocument {
  readonly kind: DocumentKind;
  /** The document without nulls where null means absent; absent when nothing can be read of it. */
  readonly document?: JsonObject;
  /** All that is wrong, the YAML's own faults left out. */
  readonly faults: readonly DocumentFault[];
}

/**
 * Checks a document of `policies.kyverno.io` as the original's file loader does: kind, metadata, unknown fields, types,
 * names; and its mode, which the original leaves to the compiler. All faults are found at once; once the YAML or the kind
 * is wrong, nothing more can be said.
 */
export function validateDocument(
  value: JsonValue,
  yamlFaults: readonly YamlFault[],
): ValidatedDocument {
  const isReadable = yamlFaults.every(({ code }) => code === "POLICY_DUPLICATE_KEY");
  if (!isReadable) return { kind: "ValidatingPolicy", faults: [] };
  const kind = textOf(memberOf(value, "kind"));
  const fault = checkKind(textOf(memberOf(value, "apiVersion")), kind);
  if (fault !== undefined || !isJsonObject(value) || !isKnownKind(kind)) {
    return { kind: "ValidatingPolicy", faults: fault === undefined ? [] : [fault] };
  }
  const shape = shapes[kind];
  const types = checkMetadataTypes(ownValue(value, "metadata") ?? null);
  const unknown = [...types.unknown, ...findUnknownFields(value, shape, [])];
  const document = dropNulls(value, shape);
  if (!isJsonObject(document)) return { kind, faults: [] };
  const metadata = ownValue(document, "metadata") ?? {};
  const names =
    types.mismatches.length === 0 && isJsonObject(metadata) ? checkMetadata(metadata) : [];
  const invalid = checkShape(document, shape, []);
  const fields = invalid.length === 0 ? checkFields(document) : [];
  const faults = [
    ...types.mismatches,
    ...unknown.map(unknownField),
    ...names,
    ...invalid,
    ...fields,
  ].toSorted((a, b) => comparePaths(a.path, b.path));
  return { kind, faults, ...(invalid.length === 0 && { document }) };
}

function isKnownKind(kind: string): kind is DocumentKind {
  return Object.hasOwn(shapes, kind);
}

function checkKind(apiVersion: string, kind: string): DocumentFault | undefined {
  const version = apiVersion.split("/").at(-1) ?? "";
  if (!versions.includes(version)) {
    const message = `\`${apiVersion}\` is unknown: versions are ${versions.join(", ")}`;
    return { code: "POLICY_KIND", path: ["apiVersion"], message };
  }
  if (isKnownKind(kind)) return undefined;
  const message = `documents of kind \`${kind}\` do not judge requests: only ValidatingPolicy and PolicyException do`;
  return { code: "POLICY_KIND", path: ["kind"], message };
}

function unknownField(path: FieldPath): DocumentFault {
  return { code: "POLICY_UNKNOWN_FIELD", path, message: `unknown field \`${formatPath(path)}\`` };
}
