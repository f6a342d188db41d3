import type { DocumentFault } from "../model/document-fault.ts";
import { isJsonObject, type JsonObject, type JsonValue, ownValue } from "../model/json.ts";
import { quoteText } from "../yaml/go-syntax.ts";

const maxSubdomainBytes = 253;
const maxLabelBytes = 63;
const maxAnnotationBytes = 262_144;

const label = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const subdomainFormat = `${label}(\\.${label})*`;
const namePart = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const subdomain = /^[a-z0-9.-]+$/;
const qualifiedName = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?$/;

const characters =
  "consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const nameAdvice = `must ${characters} (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '${namePart}')`;
const valueAdvice = `a valid label must be an empty string or ${characters} (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(${namePart})?')`;
const subdomainAdvice = `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${subdomainFormat}')`;

/**
 * Returns what Kubernetes refuses in the values of `metadata`, in its order and its words: the name, labels, annotations,
 * owner references and finalizers. The types are right already.
 */
export function checkMetadata(metadata: JsonObject): DocumentFault[] {
  return [
    ...checkName(metadata),
    ...textMembers(metadata, "labels").flatMap(([key, value]) => [
      ...invalid("labels", key, qualifiedNameFaults(key)),
      ...invalid("labels", value, labelValueFaults(value)),
    ]),
    ...checkAnnotations(textMembers(metadata, "annotations")),
    ...listMember(metadata, "ownerReferences").flatMap((owner) => checkOwner(owner)),
    ...listMember(metadata, "finalizers").flatMap((item) => {
      const name = typeof item === "string" ? item : "";
      return invalid("finalizers", name, qualifiedNameFaults(name));
    }),
  ];
}

function checkName(metadata: JsonObject): DocumentFault[] {
  const faults: DocumentFault[] = [];
  const prefix = textMember(metadata, "generateName");
  // A number is put behind the prefix, so it may end in a dash.
  const sample = prefix.length > 1 && prefix.endsWith("-") ? `${prefix.slice(0, -2)}a` : prefix;
  if (prefix !== "") faults.push(...invalid("generateName", prefix, subdomainFaults(sample)));
  const name = textMember(metadata, "name");
  if (name === "") {
    const message = "metadata.name: Required value: name or generateName is required";
    faults.push({ code: "POLICY_NAME", path: ["metadata", "name"], message });
  } else {
    faults.push(...invalid("name", name, subdomainFaults(name)));
  }
  return faults;
}

function checkAnnotations(annotations: readonly (readonly [string, string])[]): DocumentFault[] {
  let size = 0;
  const faults = annotations.flatMap(([key, value]) => {
    size += byteLength(key) + byteLength(value);
    return invalid("annotations", key, qualifiedNameFaults(key.toLowerCase()));
  });
  if (size > maxAnnotationBytes) {
    const message = `metadata.annotations: Too long: must have at most ${maxAnnotationBytes} bytes`;
    faults.push({ code: "POLICY_SCHEMA", path: ["metadata", "annotations"], message });
  }
  return faults;
}

function checkOwner(owner: JsonValue): DocumentFault[] {
  const faults: DocumentFault[] = [];
  const members = isJsonObject(owner) ? owner : {};
  const apiVersion = textMember(members, "apiVersion");
  if (apiVersion === "" || apiVersion.endsWith("/")) {
    faults.push(
      ...invalid("ownerReferences", apiVersion, ["version must not be empty"], "apiVersion"),
    );
  }
  for (const name of ["kind", "name", "uid"]) {
    if (textMember(members, name) === "") {
      faults.push(...invalid("ownerReferences", "", [`${name} must not be empty`], name));
    }
  }
  return faults;
}

function invalid(
  field: string,
  value: string,
  details: readonly string[],
  inner?: string,
): DocumentFault[] {
  const path = inner === undefined ? ["metadata", field] : ["metadata", field, inner];
  return details.map((detail) => ({
    code: field === "name" || field === "generateName" ? "POLICY_NAME" : "POLICY_SCHEMA",
    path,
    message: `${path.join(".")}: Invalid value: ${quoteText(value)}: ${detail}`,
  }));
}

function subdomainFaults(name: string): string[] {
  const faults: string[] = [];
  if (byteLength(name) > maxSubdomainBytes) faults.push(tooLong(maxSubdomainBytes));
  if (!isSubdomain(name)) faults.push(subdomainAdvice);
  return faults;
}

/** Part by part: the expression as a whole would take a long time over hostile names. */
function isSubdomain(name: string): boolean {
  return (
    subdomain.test(name) &&
    name.split(".").every((part) => part !== "" && !part.startsWith("-") && !part.endsWith("-"))
  );
}

function qualifiedNameFaults(text: string): string[] {
  const parts = text.split("/");
  if (parts.length > 2) {
    const optional = " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
    return [`a qualified name ${nameAdvice}${optional}`];
  }
  const name = parts.at(-1) ?? "";
  const faults = parts.length === 2 ? prefixFaults(parts[0] ?? "") : [];
  if (name === "") faults.push("name part must be non-empty");
  else if (byteLength(name) > maxLabelBytes) faults.push(`name part ${tooLong(maxLabelBytes)}`);
  if (!qualifiedName.test(name)) faults.push(`name part ${nameAdvice}`);
  return faults;
}

function prefixFaults(prefix: string): string[] {
  if (prefix === "") return ["prefix part must be non-empty"];
  return subdomainFaults(prefix).map((detail) => `prefix part ${detail}`);
}

function labelValueFaults(value: string): string[] {
  const faults: string[] = [];
  if (byteLength(value) > maxLabelBytes) faults.push(tooLong(maxLabelBytes));
  if (value !== "" && !qualifiedName.test(value)) faults.push(valueAdvice);
  return faults;
}

function tooLong(bytes: number): string {
  return `must be no more than ${bytes} characters`;
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

function textMember(object: JsonObject, name: string): string {
  const value = ownValue(object, name);
  return typeof value === "string" ? value : "";
}

function textMembers(metadata: JsonObject, name: string): (readonly [string, string])[] {
  const value = ownValue(metadata, name);
  if (!isJsonObject(value)) return [];
  const keys = Object.keys(value).toSorted();
  return keys.map((key) => [key, textMember(value, key)] as const);
}

function listMember(metadata: JsonObject, name: string): readonly JsonValue[] {
  const value = ownValue(metadata, name);
  return Array.isArray(value) ? value : [];
}
