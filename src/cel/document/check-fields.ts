import type { DocumentFault, FieldPath } from "../../model/document-fault.ts";
import { isJsonObject, type JsonObject, type JsonValue, ownValue } from "../../model/json.ts";
import { memberOf, parseExpiry, textOf } from "./document-members.ts";

/** Returns the faults that the shape of a document does not show: names given twice, words that mean nothing. */
export function checkFields(document: JsonObject): DocumentFault[] {
  const spec = ownValue(document, "spec");
  if (!isJsonObject(spec)) return [];
  const isPolicy = ownValue(document, "kind") === "ValidatingPolicy";
  return [
    ...findRepeatedNames(spec, "matchConditions"),
    ...findRepeatedNames(spec, "variables"),
    ...(isPolicy ? checkPolicy(spec) : checkException(spec)),
  ];
}

function checkPolicy(spec: JsonObject): DocumentFault[] {
  const faults: DocumentFault[] = [];
  const failurePolicy = ownValue(spec, "failurePolicy");
  if (failurePolicy !== undefined && failurePolicy !== "Fail" && failurePolicy !== "Ignore") {
    faults.push(fault(["spec", "failurePolicy"], "failurePolicy is either `Fail` or `Ignore`"));
  }
  const mode = memberOf(ownValue(spec, "evaluation"), "mode");
  if (mode === "Envoy" || mode === "HTTP") return faults;
  const message =
    mode === undefined || mode === "Kubernetes"
      ? "without `mode: Envoy` or `mode: HTTP` this is a policy for Kubernetes' admission, which judges no requests"
      : `mode \`${textOf(mode)}\` judges no requests: it is either \`Envoy\` or \`HTTP\``;
  faults.push(fault(["spec", "evaluation", "mode"], message));
  return faults;
}

function checkException(spec: JsonObject): DocumentFault[] {
  const expiry = ownValue(spec, "expiresAt");
  if (expiry === undefined || parseExpiry(textOf(expiry)) !== undefined) return [];
  return [fault(["spec", "expiresAt"], "expiresAt is not a time like `2027-01-31T12:00:00Z`")];
}

function findRepeatedNames(spec: JsonObject, list: string): DocumentFault[] {
  const seen = new Set<JsonValue | undefined>();
  const faults: DocumentFault[] = [];
  const items = ownValue(spec, list);
  for (const [index, item] of (Array.isArray(items) ? items : []).entries()) {
    const name = memberOf(item, "name");
    if (seen.has(name)) {
      faults.push(
        fault(["spec", list, index, "name"], `the name \`${textOf(name)}\` is there twice`),
      );
    }
    seen.add(name);
  }
  return faults;
}

function fault(path: FieldPath, message: string): DocumentFault {
  return { code: "POLICY_SCHEMA", path, message };
}
