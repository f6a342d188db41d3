import type { FunctionTable } from "../jmespath/functions/function-table.ts";
import type { ClientTexts } from "../model/client-texts.ts";
import type { EvaluationPlan, PolicyOptions } from "../model/limits.ts";
import type {
  DocumentReading,
  ParsedDocument,
  PolicyLanguage,
  PolicyLoad,
} from "../model/policy-language.ts";
import { compileDocumentsSteps } from "./compile-documents.ts";
import { buildDocument } from "./document/build-document.ts";
import type { PolicyDocument } from "./document/document.ts";
import { validateDocument } from "./document/validate-document.ts";

/** The loading of documents of `json.kyverno.io`, which can be looked at. */
interface KyvernoJsonLoad extends PolicyLoad {
  /** The documents that were added to be loaded. */
  readonly documents: readonly PolicyDocument[];
  /** The documents that were added for the faults in their expressions. */
  readonly refused: readonly PolicyDocument[];
}

/** The language of `json.kyverno.io`. */
export interface KyvernoJson extends PolicyLanguage {
  readonly begin: () => KyvernoJsonLoad;
}

/**
 * Returns the language of `json.kyverno.io/v1alpha1 ValidatingPolicy`: assertion trees with JMESPath.
 *
 * `texts` is about what clients are told, and only tests ask for the original's texts.
 */
export function createKyvernoJson(
  options: PolicyOptions,
  functions: FunctionTable,
  plan: EvaluationPlan = "planned",
  texts: ClientTexts = "masked",
): KyvernoJson {
  const settings = { options, functions, plan, texts };
  return {
    takes: (apiVersion) => apiVersion.startsWith("json.kyverno.io/"),
    begin: () => {
      const documents: PolicyDocument[] = [];
      const refused: PolicyDocument[] = [];
      return {
        documents,
        refused,
        read: (parsed) => readDocument(parsed, documents, refused),
        compileSteps: (isRefused) => compileDocumentsSteps(documents, refused, isRefused, settings),
      };
    },
  };
}

function readDocument(
  parsed: ParsedDocument,
  documents: PolicyDocument[],
  refused: PolicyDocument[],
): DocumentReading {
  const { policy, faulty, faults, originalText } = validateDocument(parsed.value, parsed.faults);
  const readable = policy ?? faulty;
  const document = readable && buildDocument(readable, parsed);
  return {
    name: policy === undefined ? "" : (document?.name ?? ""),
    isGood: policy !== undefined,
    faults,
    ...(originalText !== undefined && { originalText }),
    add: (purpose) => {
      if (document === undefined) return;
      if (purpose === "load" && policy !== undefined) documents.push(document);
      else refused.push(document);
    },
  };
}
