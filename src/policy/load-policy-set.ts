import type { FunctionTable } from "../jmespath/function-table.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { PolicyErrorCode } from "../model/error-codes.ts";
import type { EvaluationPlan, PolicyOptions } from "../model/limits.ts";
import { type PayloadReads, readsEverything } from "../model/payload-reads.ts";
import type { PolicySnapshot } from "../model/policy-source.ts";
import { createMatchAnalyzer } from "./analyze-match.ts";
import { compileRule } from "./compile-rule.ts";
import type { PolicyDocument } from "./document.ts";
import type { Condition } from "./match-condition.ts";
import { createPolicyCompiler } from "./policy-compiler.ts";
import { type CompiledPolicy, createPolicySet, type PolicySet } from "./policy-set.ts";
import { buildPolicyValue } from "./policy-value.ts";
import { readPolicies } from "./read-policies.ts";
import { createReadSet } from "./read-set.ts";
import { createRuleIndex } from "./rule-index.ts";
import { createExpressionCompiler, type ExpressionCompiler } from "./shared-expressions.ts";

/** What loading a snapshot comes to. */
export interface LoadedPolicySet {
  /** Absent when a diagnostic is an error: a set is loaded whole or not at all. */
  readonly policySet?: PolicySet;
  /** What the set may read of a payload; there when the set is. */
  readonly reads?: PayloadReads;
  /** All faults and warnings of all files. */
  readonly diagnostics: readonly Diagnostic[];
}

/** The snapshot's policies, compiled, or what is wrong with them. */
export function loadPolicySet(
  snapshot: PolicySnapshot,
  options: PolicyOptions,
  functions: FunctionTable,
  plan: EvaluationPlan = "planned",
): LoadedPolicySet {
  const steps = loadPolicySetSteps(snapshot, options, functions, plan);
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return step.value;
}

/** The same in steps of one policy each, so that a thread with other work can do them one at a time. */
export function* loadPolicySetSteps(
  snapshot: PolicySnapshot,
  options: PolicyOptions,
  functions: FunctionTable,
  plan: EvaluationPlan = "planned",
): Generator<undefined, LoadedPolicySet, undefined> {
  const read = readPolicies(snapshot.files, options);
  const diagnostics: Diagnostic[] = [...read.diagnostics];
  let isRefused = diagnostics.some(isError);
  const texts = new Map(snapshot.files.map(({ path, text }) => [path, text]));
  const compileExpression = createExpressionCompiler(functions, options.limits, plan);
  const compile = (document: PolicyDocument, isWanted: (fault: Diagnostic) => boolean) => {
    const text = texts.get(document.file) ?? "";
    const found: Diagnostic[] = [];
    const policy = compilePolicy(document, text, options, plan, compileExpression, found);
    const wanted = found.filter(isWanted);
    isRefused ||= wanted.some(isError);
    diagnostics.push(...wanted.toSorted((a, b) => a.line - b.line || a.column - b.column));
    return policy;
  };
  const analyze = createMatchAnalyzer(functions, options.limits, compileExpression);
  const policies: CompiledPolicy[] = [];
  const conditions: (Condition | undefined)[] = [];
  const readSet = createReadSet(options.limits);
  for (const document of read.documents) {
    yield;
    policies.push(compile(document, () => true));
    readSet.add(document);
    const isPlanned = plan === "planned" && !isRefused;
    for (const rule of document.rules) conditions.push(isPlanned ? analyze(rule) : undefined);
  }
  for (const document of read.refused) {
    yield;
    compile(document, ({ code }) => expressionFaults.has(code));
  }
  if (isRefused) return { diagnostics };
  const selectRules = createRuleIndex(conditions);
  const policySet = createPolicySet(snapshot.revision, policies, options, selectRules);
  const reads = plan === "plain" ? readsEverything : readSet.reads();
  return { policySet, reads, diagnostics };
}

function isError({ severity }: Diagnostic): boolean {
  return severity === "error";
}

/** What can be said of the expressions in a document that is refused for something else: all faults are told at once. */
const expressionFaults: ReadonlySet<PolicyErrorCode> = new Set([
  "POLICY_EXPRESSION_SYNTAX",
  "POLICY_UNKNOWN_FUNCTION",
  "POLICY_ARITY",
  "POLICY_MISUSE",
]);

function compilePolicy(
  document: PolicyDocument,
  text: string,
  options: PolicyOptions,
  plan: EvaluationPlan,
  compileExpression: ExpressionCompiler,
  diagnostics: Diagnostic[],
): CompiledPolicy {
  const compiler = createPolicyCompiler(
    document,
    text,
    options,
    plan,
    compileExpression,
    diagnostics,
  );
  return {
    name: document.name,
    value: buildPolicyValue(document),
    rules: document.rules.map((rule, index) => compileRule(rule, index, compiler)),
  };
}
