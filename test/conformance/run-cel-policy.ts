import { isDeepStrictEqual } from "node:util";
import { buildDocument } from "../../src/cel/document/build-document.ts";
import type { CelDocument, ExceptionDocument } from "../../src/cel/document/document.ts";
import { validateDocument } from "../../src/cel/document/validate-document.ts";
import { type CelOutcome, evaluatePolicy } from "../../src/cel/policy/cel-policy.ts";
import {
  type CompiledPolicy,
  compilePolicy,
  isLoadable,
} from "../../src/cel/policy/compile-policy.ts";
import { CelMessage } from "../../src/cel/values/message.ts";
import { createBudget } from "../../src/model/budget.ts";
import type { Diagnostic } from "../../src/model/diagnostic.ts";
import { isEvaluationError } from "../../src/model/evaluation-error.ts";
import type { JsonValue } from "../../src/model/json.ts";
import {
  defaultEvaluationLimits,
  defaultJwtCacheOptions,
  type PolicyOptions,
} from "../../src/model/limits.ts";
import { finishSteps } from "../../src/model/resumable.ts";
import { type LanguageLoad, readPoliciesSteps } from "../../src/policy/read-policies.ts";
import { celModes, objectOf, outboundOf } from "./cel-modes.ts";
import { comparable, toProtobufJson } from "./cel-values.ts";
import type { Judgement } from "./judgement.ts";
import { vectorNowMs } from "./run-cel-expression.ts";
import type { CelPolicyVector, ExpectedCelAnswer } from "./vector.ts";

const options: PolicyOptions = {
  compat: "none",
  celCompat: "none",
  noRuleApplies: "deny",
  denyBody: "none",
  limits: defaultEvaluationLimits,
  jwtCache: defaultJwtCacheOptions,
};

/** Our engine's answer in the vectors' notation. */
type Answer = Omit<ExpectedCelAnswer, "wire"> & { readonly faults: readonly string[] };

/**
 * Compares what policies come to with what the Go engine made of them. Where the original leaves a document out, or
 * compiles the others, the whole set is refused here; what is compared is which documents and which fields are at fault,
 * and what the rest says.
 */
export function judgeCelPolicy(vector: CelPolicyVector): Judgement {
  const got = answerOf(vector);
  const { expect } = vector;
  return {
    agrees: isAsExpected(expect, got),
    wanted: JSON.stringify(expect),
    got: JSON.stringify(got),
  };
}

function isAsExpected(expect: ExpectedCelAnswer, got: Answer): boolean {
  const { skipped = [], compileErrors = [] } = expect;
  const isWrongMode = compileErrors.some(({ field }) => field === "<nil>");
  if ((skipped.length > 0 || isWrongMode) !== (got.skipped ?? []).length > 0) return false;
  if (!areSameFaults(compileErrors, got)) return false;
  if ((expect.error !== undefined) !== (got.error !== undefined)) return false;
  return isDeepStrictEqual(comparable(got.result), comparable(expect.result));
}

/** The original stops at the first fault of a policy, and refuses a wrong mode when it compiles. */
function areSameFaults(
  wanted: NonNullable<ExpectedCelAnswer["compileErrors"]>,
  { compileErrors = [], skipped = [] }: Answer,
): boolean {
  const isFound = (error: (typeof wanted)[number]): boolean => {
    const { policy, field } = error;
    if (field === undefined || field === "<nil>") return true;
    return compileErrors.some((found) => found.policy === policy && found.field === field);
  };
  if (wanted.length === 0) return compileErrors.length === 0;
  return wanted.every(isFound) && compileErrors.length + skipped.length > 0;
}

function answerOf(vector: CelPolicyVector): Answer {
  const documents = read(vector.policies);
  const policies = documents.good.filter((document) => document.kind === "policy");
  const { good = [] } = vector.exceptions === undefined ? {} : read(vector.exceptions);
  const exceptions = good.filter((document) => document.kind === "exception");
  const compiled = policies
    .toSorted((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)))
    .map((policy) => {
      const isOwn = ({ mode, policyNames }: ExceptionDocument): boolean =>
        mode === policy.mode && policyNames.includes(policy.name);
      const own = exceptions.filter(isOwn);
      const result = compilePolicy(policy, own, celModes[policy.mode], defaultEvaluationLimits);
      return { policy, own, result };
    });
  const faulty = compiled.filter(({ result }) => !isLoadable(result));
  const outcome = judge(
    compiled
      .filter(({ policy, result }) => policy.mode === vector.mode && isLoadable(result))
      .map(({ result }) => result),
    vector,
  );
  return {
    policies: policies.length,
    skipped: documents.faults,
    faults: faulty.flatMap(({ result }) => result.diagnostics.map(({ message }) => message)),
    compileErrors: faulty.flatMap(({ policy, own, result }) =>
      result.diagnostics.map((diagnostic) => ({
        policy: policy.name,
        field: fieldOf(diagnostic, [policy, ...own]),
        type: diagnostic.code,
      })),
    ),
    ...format(outcome),
  };
}

/** Documents by the server's own reader, and the faults of those that it refuses. */
function read(text: string): { good: CelDocument[]; faults: string[] } {
  const good: CelDocument[] = [];
  const language: LanguageLoad = {
    takes: () => true,
    load: {
      read: (parsed) => {
        const { document: json, faults } = validateDocument(parsed.value, parsed.faults);
        const document = json && buildDocument(json, parsed);
        const isGood = faults.length === 0 && parsed.faults.length === 0;
        if (isGood && document !== undefined) good.push(document);
        return { name: document?.name ?? "", isGood, faults, add: () => {} };
      },
      compileSteps: () => {
        throw new Error("nothing is compiled here");
      },
    },
  };
  const steps = readPoliciesSteps([{ path: "p.yaml", text }], options, [language]);
  const faults = finishSteps(steps).filter(({ severity }) => severity === "error");
  return { good, faults: faults.map(({ message }) => message) };
}

/** The field whose expression a diagnostic is about: the last one that begins before it. */
function fieldOf({ line, column }: Diagnostic, documents: readonly CelDocument[]): string {
  let field = "";
  for (const document of documents) {
    for (const { path } of expressionsOf(document)) {
      const start = document.locate(path);
      if (start.line < line || (start.line === line && start.column <= column)) {
        field = formatPath(path);
      }
    }
    if (field !== "") break;
  }
  return field;
}

function expressionsOf(document: CelDocument) {
  if (document.kind === "exception") return document.matchConditions;
  return [...document.matchConditions, ...document.variables, ...document.validations].toSorted(
    (a, b) => document.locate(a.path).line - document.locate(b.path).line,
  );
}

function formatPath(path: readonly (string | number)[]): string {
  return path
    .map((part, index) =>
      typeof part === "number" ? `[${part}]` : `${index > 0 ? "." : ""}${part}`,
    )
    .join("");
}

function judge(
  compiled: readonly CompiledPolicy[],
  vector: CelPolicyVector,
): CelOutcome | undefined {
  const frame = {
    budget: createBudget(defaultEvaluationLimits),
    nowMs: vectorNowMs,
    object: objectOf(vector),
    variables: undefined,
    outbound: outboundOf(vector),
    locals: [],
  };
  for (const { policy } of compiled) {
    const outcome = evaluatePolicy(policy, frame);
    if (outcome !== undefined && !outcome.isIgnored) return outcome;
  }
  return undefined;
}

function format(outcome: CelOutcome | undefined): { result: JsonValue; error?: string } {
  if (outcome === undefined) return { result: null };
  const { result } = outcome;
  if (isEvaluationError(result)) return { result: null, error: result.message };
  if (!(result instanceof CelMessage)) return { result: null };
  const { typeName } = result;
  return { result: typeName.startsWith("http.") ? formatHttp(result) : toProtobufJson(result) };
}

/** A response of mode HTTP as the vectors have it. */
function formatHttp(response: CelMessage): JsonValue {
  const denied = response.has("denied") ? response.get("denied") : undefined;
  if (!(denied instanceof CelMessage)) return response.has("ok") ? { ok: {} } : {};
  const reason = denied.get("reason");
  return { denied: { reason: typeof reason === "string" ? reason : "" } };
}
