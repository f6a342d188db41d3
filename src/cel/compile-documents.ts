import type { Door } from "../model/check-record.ts";
import { type Diagnostic, isError } from "../model/diagnostic.ts";
import type { JsonObject } from "../model/json.ts";
import type { EvaluationLimits } from "../model/limits.ts";
import type { PayloadPath } from "../model/payload-reads.ts";
import type { CompiledDocuments } from "../model/policy-language.ts";
import type { Steps } from "../model/resumable.ts";
import type {
  CelDocument,
  CelMode,
  CelPolicyDocument,
  ExceptionDocument,
} from "./document/document.ts";
import { findIgnoredFields } from "./document/ignored-fields.ts";
import type { CompiledCelPolicy } from "./policy/cel-policy.ts";
import { compilePolicy } from "./policy/compile-policy.ts";
import type { ModeOfPolicies } from "./policy/mode.ts";
import { createPolicyGroup } from "./policy/policy-group.ts";

/** Everything that the language is made with. */
export interface CelSettings {
  readonly limits: EvaluationLimits;
  /** Whether a request is allowed that no policy says anything of ({@link PolicyGroup}). */
  readonly allowsByDefault: boolean;
  readonly modes: Readonly<Record<CelMode, ModeOfPolicies>>;
  /** The time, in milliseconds since 1970-01-01T00:00:00Z. */
  readonly nowMs: () => number;
}

/** A document of a snapshot, to be loaded or only to be looked at for faults. */
export interface AddedDocument {
  readonly json: JsonObject;
  readonly document: CelDocument;
  readonly purpose: "load" | "inspect";
}

/**
 * Compiles the documents of a snapshot, a policy a step, or says what is wrong with them: policies in the order of their
 * names, each with the exceptions that name it, in the order of theirs.
 */
export function* compileDocumentsSteps(
  added: readonly AddedDocument[],
  isSnapshotRefused: boolean,
  { limits, modes, nowMs, allowsByDefault }: CelSettings,
): Steps<CompiledDocuments> {
  const diagnostics = new DiagnosticList();
  const sorted = added.toSorted((a, b) => compareBytes(a.document.name, b.document.name));
  const exceptions = sorted.flatMap(({ document }) =>
    document.kind === "exception" ? [document] : [],
  );
  const compiled: Record<CelMode, CompiledCelPolicy[]> = { Envoy: [], HTTP: [] };
  const names: string[] = [];
  const reads: PayloadPath[] = [];
  let hasBoundedWork = true;
  for (const { json, document, purpose } of sorted) {
    yield;
    if (purpose === "load") diagnostics.add(findIgnoredFields(json, document));
    if (document.kind === "exception") {
      diagnostics.add(warnOfUselessException(document, sorted));
      continue;
    }
    const own = exceptions.filter((exception) => isAbout(exception, document));
    const result = compilePolicy(document, own, modes[document.mode], limits);
    diagnostics.add(result.diagnostics);
    if (purpose === "inspect") continue;
    compiled[document.mode].push(result.policy);
    names.push(document.name);
    reads.push(...result.reads);
    hasBoundedWork &&= result.hasBoundedWork;
  }
  const list = diagnostics.sorted();
  if (isSnapshotRefused || list.some(isError)) return { diagnostics: list };
  const doors: readonly Door[] = [
    ...(compiled.Envoy.length > 0 ? (["grpc"] as const) : []),
    ...(compiled.HTTP.length > 0 ? (["http"] as const) : []),
  ];
  const group = createPolicyGroup(
    {
      Envoy: { mode: modes.Envoy, policies: compiled.Envoy },
      HTTP: { mode: modes.HTTP, policies: compiled.HTTP },
    },
    names,
    withoutRepeats(reads),
    nowMs,
  );
  return { diagnostics: list, group: { ...group, doors, hasBoundedWork, allowsByDefault } };
}

function withoutRepeats(reads: readonly PayloadPath[]): readonly PayloadPath[] {
  return [...new Map(reads.map((path) => [JSON.stringify(path), path])).values()];
}

function isAbout(exception: ExceptionDocument, policy: CelPolicyDocument): boolean {
  return exception.mode === policy.mode && exception.policyNames.includes(policy.name);
}

function warnOfUselessException(
  exception: ExceptionDocument,
  added: readonly AddedDocument[],
): readonly Diagnostic[] {
  const { file, locate, mode, policyNames } = exception;
  const warn = (path: readonly (string | number)[], message: string): Diagnostic => ({
    code: "POLICY_EXCEPTION",
    severity: "warning",
    message,
    file,
    ...locate(path),
  });
  if (mode === undefined) {
    const message =
      "without `evaluationMode: Envoy` or `evaluationMode: HTTP` this exception never applies";
    return [warn(["spec"], message)];
  }
  const policies = added.flatMap(({ document }) => (document.kind === "policy" ? [document] : []));
  return policyNames.flatMap((name, index) =>
    policies.some((policy) => policy.name === name && policy.mode === mode)
      ? []
      : [warn(["spec", "policyRefs", index], `no policy of mode ${mode} is called \`${name}\``)],
  );
}

/** Orders texts by their bytes in UTF-8, as Go does. */
function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** Diagnostics, each once: an exception is compiled for every policy that it is about. */
class DiagnosticList {
  readonly #list = new Map<string, Diagnostic>();

  add(diagnostics: readonly Diagnostic[]): void {
    for (const diagnostic of diagnostics) {
      const { file, line, column, message } = diagnostic;
      this.#list.set(JSON.stringify([file, line, column, message]), diagnostic);
    }
  }

  sorted(): readonly Diagnostic[] {
    return [...this.#list.values()].toSorted(
      (a, b) =>
        (a.file < b.file ? -1 : Number(a.file > b.file)) || a.line - b.line || a.column - b.column,
    );
  }
}
