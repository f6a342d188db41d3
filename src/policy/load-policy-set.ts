import type { FunctionTable } from "../jmespath/functions/function-table.ts";
import { wholeJson } from "../json/json-selection.ts";
import type { TreeCompiler } from "../kyverno-json/assertion/tree.ts";
import type { PolicyDocument, RuleDocument } from "../kyverno-json/document/document.ts";
import { withJsonSelections } from "../kyverno-json/functions/json-functions.ts";
import { createMatchAnalyzer } from "../kyverno-json/match-index/analyze-match.ts";
import type { Condition } from "../kyverno-json/match-index/match-condition.ts";
import { createRuleIndexSteps } from "../kyverno-json/match-index/rule-index.ts";
import { type CompiledRule, compileRule } from "../kyverno-json/rules/compile-rule.ts";
import { ExpectedPatterns } from "../kyverno-json/rules/expected-patterns.ts";
import type { JsonReads } from "../kyverno-json/rules/json-reads.ts";
import { createReadSet, namesPart } from "../kyverno-json/rules/payload-reads.ts";
import { buildPolicyValue } from "../kyverno-json/rules/policy-value.ts";
import { createPolicyCompiler } from "../kyverno-json/rules/rule-compiler.ts";
import { createExpressionCompiler } from "../kyverno-json/rules/shared-expressions.ts";
import { createWorkJudge } from "../kyverno-json/rules/work-bounds.ts";
import type { ClientTexts } from "../model/client-texts.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { PolicyErrorCode } from "../model/error-codes.ts";
import type { EvaluationPlan, PolicyOptions } from "../model/limits.ts";
import { type PayloadReads, readsEverything } from "../model/payload-reads.ts";
import type { PolicySnapshot } from "../model/policy-snapshot.ts";
import { finishSteps, type Steps } from "../model/resumable.ts";
import { type CompiledPolicy, createPolicySet, type PolicySet } from "./policy-set.ts";
import { readPoliciesSteps } from "./read-policies.ts";

/** What loading a snapshot comes to. */
export interface LoadedPolicySet {
  /** Absent when a diagnostic is an error: a set is loaded whole or not at all. */
  readonly policySet?: PolicySet;
  /** What the set may read of a payload; there when the set is. */
  readonly reads?: PayloadReads;
  /** Whether the work of every rule has a bound linear in the size of a payload; there when the set is. */
  readonly hasBoundedWork?: boolean;
  /** All faults and warnings of all files. */
  readonly diagnostics: readonly Diagnostic[];
}

/** The snapshot's policies, compiled, or what is wrong with them. */
export function loadPolicySet(
  snapshot: PolicySnapshot,
  options: PolicyOptions,
  functions: FunctionTable,
  plan: EvaluationPlan = "planned",
  texts: ClientTexts = "masked",
): LoadedPolicySet {
  return finishSteps(loadPolicySetSteps(snapshot, options, functions, plan, texts));
}

/**
 * The same in steps, so that a thread with other work can do them one at a time. Files, rules and the index
 * are taken in small ones; the longest makes nodes of a whole document, 0.1 ms a kilobyte.
 */
export function* loadPolicySetSteps(
  snapshot: PolicySnapshot,
  options: PolicyOptions,
  allFunctions: FunctionTable,
  plan: EvaluationPlan = "planned",
  texts: ClientTexts = "masked",
): Steps<LoadedPolicySet> {
  const read = yield* readPoliciesSteps(snapshot.files, options);
  const diagnostics: Diagnostic[] = [...read.diagnostics];
  let isRefused = diagnostics.some(isError);
  const fileTexts = new Map(snapshot.files.map(({ path, text }) => [path, text]));
  // Known once all rules have been seen; what is evaluated before that, constants, sees all of a text.
  let jsonReads: JsonReads | undefined;
  const functions = withJsonSelections(
    allFunctions,
    (call) => jsonReads?.selectionOf(call) ?? wholeJson,
  );
  const compileExpression = createExpressionCompiler(functions, options.limits, plan);
  const compile = function* (
    document: PolicyDocument,
    isWanted: (fault: Diagnostic) => boolean,
  ): Steps<CompiledPolicy> {
    const text = fileTexts.get(document.file) ?? "";
    const found: Diagnostic[] = [];
    const patterns = new ExpectedPatterns();
    const compiler = createPolicyCompiler(
      document,
      text,
      options,
      plan,
      texts,
      compileExpression,
      found,
      patterns,
    );
    const policy = yield* compilePolicy(document, compiler, options);
    yield* patterns.prepareSteps(options.limits);
    const wanted = found.filter(isWanted);
    isRefused ||= wanted.some(isError);
    diagnostics.push(...wanted.toSorted((a, b) => a.line - b.line || a.column - b.column));
    return policy;
  };
  const analyze = createMatchAnalyzer(functions, options.limits, compileExpression);
  const policies: CompiledPolicy[] = [];
  const conditions: (Condition | undefined)[] = [];
  const readSet = createReadSet(options.limits);
  const isBounded = createWorkJudge(options.limits);
  let hasBoundedWork = true;
  for (const document of read.documents) {
    const policy = yield* compile(document, () => true);
    policies.push(policy);
    const isPlanned = plan === "planned" && !isRefused;
    for (const [index, rule] of document.rules.entries()) {
      yield;
      readSet.add(rule);
      hasBoundedWork &&= isBounded(rule);
      const mayBeLeftOut = isPlanned && policy.rules[index]?.mayAlwaysErr === false;
      conditions.push(mayBeLeftOut ? analyze(rule) : undefined);
    }
  }
  for (const document of read.refused) {
    yield* compile(document, ({ code }) => expressionFaults.has(code));
  }
  if (isRefused) return { diagnostics };
  const selectRules = yield* createRuleIndexSteps(conditions);
  const policySet = createPolicySet(snapshot.revision, policies, options, selectRules, texts);
  const reads = plan === "plain" ? readsEverything : readSet.reads();
  if (plan === "planned") jsonReads = readSet.json;
  return { policySet, reads, hasBoundedWork, diagnostics };
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

function* compilePolicy(
  document: PolicyDocument,
  compiler: TreeCompiler,
  options: PolicyOptions,
): Steps<CompiledPolicy> {
  const rules: CompiledRule[] = [];
  for (const [index, rule] of document.rules.entries()) {
    yield;
    rules.push(compileRule(rule, index, compiler));
    if (options.compat !== "none") warnOfRawHost(rule, index, compiler);
  }
  return { name: document.name, value: buildPolicyValue(document), rules };
}

/** With `--compat` a host is what the client wrote: a rule about it has to expect every spelling. */
function warnOfRawHost(rule: RuleDocument, index: number, compiler: TreeCompiler): void {
  if (!namesPart(rule, ["request", "http", "host"], compiler.limits)) return;
  const documentPath = ["spec", "rules", index, "name"];
  compiler.report(
    "POLICY_RAW_HOST",
    "warning",
    "with `--compat` `host` is as the client sent it: upper case, a final dot and the port slip past this rule",
    { documentPath, text: rule.name, isKey: false, variables: new Map() },
  );
}
