import type { DocumentReading, ParsedDocument, PolicyLanguage } from "../model/policy-language.ts";
import {
  type AddedDocument,
  type CelSettings,
  compileDocumentsSteps,
} from "./compile-documents.ts";
import { buildDocument } from "./document/build-document.ts";
import { validateDocument } from "./document/validate-document.ts";

/** Returns the language of `policies.kyverno.io`: `ValidatingPolicy` and `PolicyException` with CEL expressions. */
export function createCel(settings: CelSettings): PolicyLanguage {
  return {
    takes: (apiVersion) => apiVersion.startsWith("policies.kyverno.io/"),
    begin: () => {
      const added: AddedDocument[] = [];
      return {
        read: (parsed) => readDocument(parsed, added),
        compileSteps: (isRefused) => compileDocumentsSteps(added, isRefused, settings),
      };
    },
  };
}

function readDocument(parsed: ParsedDocument, added: AddedDocument[]): DocumentReading {
  const { document: json, faults } = validateDocument(parsed.value, parsed.faults);
  const document = json && buildDocument(json, parsed);
  const isGood = faults.length === 0 && parsed.faults.length === 0;
  return {
    name: isGood ? (document?.name ?? "") : "",
    isGood,
    faults,
    add: (purpose) => {
      if (json === undefined || document === undefined) return;
      added.push({ json, document, purpose: isGood ? purpose : "inspect" });
    },
  };
}
