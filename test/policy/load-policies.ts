import type { FunctionTable } from "../../src/jmespath/functions/function-table.ts";
import type { PolicyDocument } from "../../src/kyverno-json/document/document.ts";
import { createKyvernoJson } from "../../src/kyverno-json/language.ts";
import type { ClientTexts } from "../../src/model/client-texts.ts";
import type { Diagnostic } from "../../src/model/diagnostic.ts";
import type { EvaluationPlan, PolicyOptions } from "../../src/model/limits.ts";
import type { PolicyFile, PolicySnapshot } from "../../src/model/policy-snapshot.ts";
import { finishSteps, type Steps } from "../../src/model/resumable.ts";
import { type LoadedPolicySet, loadPolicySetSteps } from "../../src/policy/load-policy-set.ts";
import { readPoliciesSteps } from "../../src/policy/read-policies.ts";

/** Returns the snapshot's policies in the language of `json.kyverno.io`, compiled, or what is wrong with them. */
export function loadPolicySet(
  snapshot: PolicySnapshot,
  options: PolicyOptions,
  functions: FunctionTable,
  plan: EvaluationPlan = "planned",
  texts: ClientTexts = "masked",
): LoadedPolicySet {
  const language = createKyvernoJson(options, functions, plan, texts);
  return finishSteps(loadPolicySetSteps(snapshot, options, [language], texts));
}

/** Documents of `json.kyverno.io` as they are read, and what is wrong with them. */
export interface ReadPolicies {
  readonly documents: readonly PolicyDocument[];
  readonly refused: readonly PolicyDocument[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads policy files in steps, and compiles nothing. */
export function* readDocumentsSteps(
  files: readonly PolicyFile[],
  options: PolicyOptions,
): Steps<ReadPolicies> {
  const { takes, begin } = createKyvernoJson(options, new Map());
  const load = begin();
  const diagnostics = yield* readPoliciesSteps(files, options, [{ takes, load }]);
  return { documents: load.documents, refused: load.refused, diagnostics };
}
