import { checkMetadata } from "../../documents/check-metadata.ts";
import {
  checkShape,
  dropNulls,
  findUnknownFields,
  type ShapeFault,
} from "../../documents/check-shape.ts";
import { checkMetadataTypes } from "../../documents/metadata-type.ts";
import {
  comparePaths,
  type DocumentFault,
  type FieldPath,
  formatPath,
} from "../../model/document-fault.ts";
import { isJsonObject, type JsonObject, type JsonValue, ownValue } from "../../model/json.ts";
import { firstFault, type YamlFault } from "../../model/yaml-fault.ts";
import { quoteText } from "../../yaml/go-syntax.ts";
import { checkKind } from "./check-kind.ts";
import { policyShape } from "./policy-shape.ts";

/** More repeated keys than this are not listed. */
const maxListed = 100;

/** The result of validating a document. */
export interface ValidatedDocument {
  /** The document without nulls where null means absent; only when nothing is wrong with it. */
  readonly policy?: JsonObject;
  /** The document when something is wrong with it, for a look at the expressions in it; nothing to be loaded. */
  readonly faulty?: JsonObject;
  /** All that is wrong, the YAML's own faults left out. */
  readonly faults: readonly DocumentFault[];
  /** What the original's loader says: it stops at the first kind of fault. Absent where it sees none. */
  readonly originalText?: string;
}

/**
 * Checks a document as the original's API server machinery does: kind, metadata, unknown fields, nulls, schema,
 * names. All faults are found at once; once the YAML or the kind is wrong, nothing more can be said.
 *
 * @param yamlFaults what was wrong with the text; it is the original's first concern
 */
export function validateDocument(
  value: JsonValue,
  yamlFaults: readonly YamlFault[],
): ValidatedDocument {
  const fault = firstFault(yamlFaults);
  if (fault !== undefined && fault.code !== "POLICY_DUPLICATE_KEY") {
    return { faults: [], ...unreadableText(fault) };
  }
  const kindFault = checkKind(value);
  if (kindFault !== undefined) {
    return { faults: [kindFault], originalText: parseFailure(kindFault.message) };
  }
  return isJsonObject(value) ? validatePolicy(value, yamlFaults) : { faults: [] };
}

function unreadableText(fault: YamlFault): { readonly originalText?: string } {
  const reason = fault.originalText();
  if (reason === "") return {};
  const conversion = `error converting YAML to JSON: ${reason}`;
  return { originalText: parseFailure(`failed to parse yaml: ${conversion}`) };
}

function parseFailure(reason: string): string {
  return `failed to parse document (${reason})`;
}

function validatePolicy(value: JsonObject, duplicates: readonly YamlFault[]): ValidatedDocument {
  const types = checkMetadataTypes(ownValue(value, "metadata") ?? null);
  const unknown = [
    ...types.unknown.toSorted(comparePaths),
    ...findUnknownFields(value, policyShape, []).toSorted(comparePaths),
  ].map((path) => unknownField(path));
  const policy = dropNulls(value, policyShape);
  const invalid = isJsonObject(policy) ? findInvalid(policy, types.mismatches.length === 0) : [];
  const faults = [...types.mismatches, ...unknown, ...invalid];
  if (faults.length === 0 && duplicates.length === 0 && isJsonObject(policy)) {
    return { policy, faults };
  }
  const refused = { faults, ...(isJsonObject(policy) ? { faulty: policy } : {}) };
  const [mismatch] = types.mismatches;
  if (mismatch !== undefined) return { ...refused, originalText: parseFailure(mismatch.message) };
  const reasons = [...duplicateText(duplicates), ...unknown.map(({ message }) => message)];
  if (reasons.length > 0) return { ...refused, originalText: parseFailure(reasons.join("\n")) };
  if (invalid.length === 0) return refused;
  const metadata = ownValue(value, "metadata") ?? null;
  const originalText = `failed to validate resource (${invalidText(metadata, invalid)})`;
  return { ...refused, originalText };
}

function unknownField(path: FieldPath): DocumentFault {
  const message = `${formatPath(path)}: Invalid value: value provided for unknown field`;
  return { code: "POLICY_UNKNOWN_FIELD", path, message };
}

function findInvalid(policy: JsonObject, hasMetadataTypes: boolean): DocumentFault[] {
  const metadata = ownValue(policy, "metadata") ?? {};
  const names = hasMetadataTypes && isJsonObject(metadata) ? checkMetadata(metadata) : [];
  const shape = checkShape(policy, policyShape, []);
  return [...names, ...shape.toSorted(compareFaults)];
}

/** How many steps lead to a rule: `spec.rules[0]`. */
const rulePathLength = 3;

/** Rule by rule; what is missing in one comes behind what is of the wrong type. */
function compareFaults(a: ShapeFault, b: ShapeFault): number {
  const byRule = comparePaths(a.path.slice(0, rulePathLength), b.path.slice(0, rulePathLength));
  const areInRules = a.path.length > rulePathLength && b.path.length > rulePathLength;
  if (byRule !== 0 && areInRules) return byRule;
  return Number(a.isMissing) - Number(b.isMissing) || comparePaths(a.path, b.path);
}

function duplicateText(duplicates: readonly YamlFault[]): string[] {
  const seen = duplicates.filter(({ stage }) => stage === "duplicate").slice(0, maxListed);
  if (seen.length === 0) return [];
  const lines = seen.map((fault) => `  ${fault.originalText()}`);
  return [`yaml: unmarshal errors:\n${lines.join("\n")}`];
}

function invalidText(metadata: JsonValue, invalid: readonly DocumentFault[]): string {
  const name = isJsonObject(metadata) ? ownValue(metadata, "name") : undefined;
  const prefix = isJsonObject(metadata) ? ownValue(metadata, "generateName") : undefined;
  if (!name && prefix) return "Internal error occurred: metadata.name was not generated";
  const messages = [...new Set(invalid.map(({ message }) => message))];
  const list = messages.length === 1 ? messages.join("") : `[${messages.join(", ")}]`;
  const shown = quoteText(typeof name === "string" ? name : "");
  return `ValidatingPolicy.json.kyverno.io ${shown} is invalid: ${list}`;
}
