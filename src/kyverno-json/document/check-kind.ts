import { jsonTypeName } from "../../documents/json-type-name.ts";
import type { DocumentFault } from "../../model/document-fault.ts";
import { isJsonObject, type JsonValue, ownValue } from "../../model/json.ts";

const group = "json.kyverno.io";
const version = "v1alpha1";
const kind = "ValidatingPolicy";

/** Returns why a document is no ValidatingPolicy, with what the original says; undefined when it is one. */
export function checkKind(value: JsonValue): DocumentFault | undefined {
  if (value !== null && !isJsonObject(value)) {
    const type = jsonTypeName(value);
    const originalText = `json: cannot unmarshal ${type} into Go value of type v1.TypeMeta`;
    return fault([], unreadable(originalText));
  }
  for (const name of ["apiVersion", "kind"]) {
    const member = value === null ? null : (ownValue(value, name) ?? null);
    if (typeof member === "object" && member !== null) {
      const field = `Go struct field TypeMeta.${name} of type string`;
      return fault(
        [name],
        unreadable(`json: cannot unmarshal ${jsonTypeName(member)} into ${field}`),
      );
    }
  }
  return checkNames(textOf(value, "apiVersion"), textOf(value, "kind"));
}

function checkNames(apiVersion: string, kindName: string): DocumentFault | undefined {
  const groupVersion = parseGroupVersion(apiVersion);
  if (groupVersion === "" && kindName === "") return fault([], "GVK cannot be empty");
  if (groupVersion !== `${group}/${version}`) {
    const detail = `failed to locate OpenAPI spec for GV: ${groupVersion}`;
    return fault(["apiVersion"], `failed to retrieve validator: ${detail}`);
  }
  if (kindName === kind) return undefined;
  const detail = `kind ${kindName} not found in ${groupVersion} groupversion`;
  return fault(["kind"], `failed to retrieve validator: ${detail}`);
}

function fault(path: readonly string[], message: string): DocumentFault {
  return { code: "POLICY_KIND", path, message };
}

function unreadable(detail: string): string {
  return `failed to parse yaml: error unmarshaling JSON: while decoding JSON: ${detail}`;
}

/** Where the original expects text it takes numbers and booleans as they print. */
function textOf(value: JsonValue, name: string): string {
  const member = isJsonObject(value) ? ownValue(value, name) : undefined;
  return typeof member === "object" ? "" : String(member ?? "");
}

/** Group and version as they print together; empty where the text is not one or two parts. */
function parseGroupVersion(apiVersion: string): string {
  const parts = apiVersion.split("/");
  if (parts.length > 2 || apiVersion === "/") return "";
  return parts.length === 2 && parts[0] === "" ? (parts[1] ?? "") : apiVersion;
}
