import type { Diagnostic } from "../../model/diagnostic.ts";
import type { FieldPath } from "../../model/document-fault.ts";
import { type JsonObject, ownValue } from "../../model/json.ts";
import type { CelDocument } from "./document.ts";
import { itemsOf, memberOf } from "./document-members.ts";

/** Fields of a policy's `spec` that say something nobody heeds here, as upstream. */
const policyFields: ReadonlyMap<string, string> = new Map([
  ["auditAnnotations", "no audit event is written"],
  ["matchConstraints", "a policy judges requests, not resources: use `matchConditions`"],
  ["validationActions", "a denial always denies: there is no audit mode"],
  ["webhookConfiguration", "it is about Kubernetes' admission"],
  ["autogen", "it is about Kubernetes' admission"],
]);

const exceptionFields: ReadonlyMap<string, string> = new Map([
  ["allowedValues", "an exception excuses whole requests"],
  ["images", "an exception excuses whole requests"],
  ["reportResult", "no report is written"],
]);

const validationFields: readonly string[] = ["message", "messageExpression", "reason"];

/** Returns a warning for each field that says something without having any effect. */
export function findIgnoredFields(json: JsonObject, document: CelDocument): readonly Diagnostic[] {
  const spec = ownValue(json, "spec");
  const fields = document.kind === "policy" ? policyFields : exceptionFields;
  const warn = (path: FieldPath, why: string): Diagnostic => ({
    code: "POLICY_IGNORED_FIELD",
    severity: "warning",
    message: `\`${String(path.at(-1))}\` has no effect: ${why}`,
    file: document.file,
    ...document.locate(path),
  });
  const own = [...fields].flatMap(([name, why]) =>
    memberOf(spec, name) === undefined ? [] : [warn(["spec", name], why)],
  );
  const validations = itemsOf(memberOf(spec, "validations")).flatMap((validation, index) =>
    validationFields
      .filter((name) => memberOf(validation, name) !== undefined)
      .map((name) =>
        warn(
          ["spec", "validations", index, name],
          "what the client is told is in the response that the expression gives",
        ),
      ),
  );
  return [...own, ...validations];
}
