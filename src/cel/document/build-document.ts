import type { FieldPath } from "../../model/document-fault.ts";
import { type JsonObject, ownValue } from "../../model/json.ts";
import type { ParsedDocument } from "../../model/policy-language.ts";
import type {
  CelDocument,
  CelMode,
  CelPolicyDocument,
  ExceptionDocument,
  ExpressionText,
  NamedExpression,
} from "./document.ts";
import { itemsOf, memberOf, parseExpiry, textOf } from "./document-members.ts";

/** Returns the typed form of a document whose shape is right; what may still be wrong with it reads as absent. */
export function buildDocument(
  document: JsonObject,
  { file, fileText, locate }: ParsedDocument,
): CelDocument {
  const located = { file, fileText, locate };
  const name = textOf(memberOf(ownValue(document, "metadata"), "name"));
  return ownValue(document, "kind") === "PolicyException"
    ? { ...located, name, ...buildException(document) }
    : { ...located, name, ...buildPolicy(document) };
}

type Built<T extends CelDocument> = Omit<T, "file" | "fileText" | "locate" | "name">;

function buildPolicy(document: JsonObject): Built<CelPolicyDocument> {
  const spec = ownValue(document, "spec");
  return {
    kind: "policy",
    mode: modeOf(memberOf(memberOf(spec, "evaluation"), "mode")) ?? "Envoy",
    ignoresErrors: memberOf(spec, "failurePolicy") === "Ignore",
    matchConditions: expressionsOf(document, "matchConditions"),
    variables: expressionsOf(document, "variables"),
    validations: expressionsOf(document, "validations"),
  };
}

function buildException(document: JsonObject): Built<ExceptionDocument> {
  const spec = ownValue(document, "spec");
  const expiresAtMs = parseExpiry(textOf(memberOf(spec, "expiresAt")));
  return {
    kind: "exception",
    mode: modeOf(memberOf(spec, "evaluationMode")),
    policyNames: itemsOf(memberOf(spec, "policyRefs")).map((ref) => textOf(memberOf(ref, "name"))),
    matchConditions: expressionsOf(document, "matchConditions"),
    ...(expiresAtMs !== undefined && { expiresAtMs }),
  };
}

function modeOf(value: unknown): CelMode | undefined {
  return value === "Envoy" || value === "HTTP" ? value : undefined;
}

function expressionsOf(document: JsonObject, list: string): readonly NamedExpression[] {
  const items = itemsOf(memberOf(ownValue(document, "spec"), list));
  return items.map((item, index) => ({
    name: textOf(memberOf(item, "name")),
    ...expressionOf(textOf(memberOf(item, "expression")), ["spec", list, index, "expression"]),
  }));
}

function expressionOf(text: string, path: FieldPath): ExpressionText {
  return { text, path };
}
