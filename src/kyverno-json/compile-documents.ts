import type { FunctionTable } from "../jmespath/functions/function-table.ts";
import { createExpressionParser } from "../jmespath/syntax/parsed-expression.ts";
import { wholeJson } from "../json/json-selection.ts";
import type { ClientTexts } from "../model/client-texts.ts";
import { type Diagnostic, isError } from "../model/diagnostic.ts";
import type { PolicyErrorCode } from "../model/error-codes.ts";
import type { EvaluationPlan, PolicyOptions } from "../model/limits.ts";
import { readsEverything } from "../model/payload-reads.ts";
import type { CompiledDocuments } from "../model/policy-language.ts";
import type { Steps } from "../model/resumable.ts";
import { createTreeParser } from "./assertion/parse-tree.ts";
import type { TreeCompiler } from "./assertion/tree.ts";
import type { PolicyDocument } from "./document/document.ts";
import { withJsonSelections } from "./functions/json-functions.ts";
import { createMatchAnalyzer } from "./match-index/analyze-match.ts";
import type { Condition } from "./match-index/match-condition.ts";
import { createRuleIndexSteps } from "./match-index/rule-index.ts";
import { type CompiledPolicy, createRuleGroup } from "./rule-group.ts";
import { type CompiledRule, compileRule } from "./rules/compile-rule.ts";
import { ExpectedPatterns } from "./rules/expected-patterns.ts";
import type { JsonReads } from "./rules/json-reads.ts";
import { type ParsedRule, parseRule } from "./rules/parse-rule.ts";
import { createReadSet, namesPart } from "./rules/payload-reads.ts";
import { buildPolicyValue } from "./rules/policy-value.ts";
import { createPolicyCompiler } from "./rules/rule-compiler.ts";
import { createExpressionCompiler } from "./rules/shared-expressions.ts";
import { isRuleBounded } from "./rules/work-bounds.ts";
import { readPolicyAnswers } from "./templates/policy-answers.ts";
import { SharedHeaders } from "./templates/shared-headers.ts";

/** Everything that a language is made with. */
export interface LanguageSettings {
  readonly options: PolicyOptions;
  readonly functions: FunctionTable;
  readonly plan: EvaluationPlan;
  readonly texts: ClientTexts;
}

/**
 * Compiles the documents of a snapshot in steps, or says what is wrong with them; of `refused` ones only the faults in
 * their expressions are told. Rules and the index are taken in small steps.
 */
export function* compileDocumentsSteps(
  documents: readonly PolicyDocument[],
  refused: readonly PolicyDocument[],
  isSnapshotRefused: boolean,
  { options, functions: allFunctions, plan, texts }: LanguageSettings,
): Steps<CompiledDocuments> {
  const diagnostics: Diagnostic[] = [];
  let isRefused = isSnapshotRefused;
  // Known once all rules have been seen; what is evaluated before that, constants, sees all of a text.
  let jsonReads: JsonReads | undefined;
  const functions = withJsonSelections(
    allFunctions,
    (call) => jsonReads?.selectionOf(call) ?? wholeJson,
  );
  const { maxDepth } = options.limits;
  const sharedHeaders = new SharedHeaders();
  const parser = createTreeParser(createExpressionParser(maxDepth), maxDepth);
  const compileExpression = createExpressionCompiler(functions, options.limits, plan);
  const compile = function* (
    document: PolicyDocument,
    isWanted: (fault: Diagnostic) => boolean,
  ): Steps<{ readonly policy: CompiledPolicy; readonly rules: readonly ParsedRule[] }> {
    const found: Diagnostic[] = [];
    const patterns = new ExpectedPatterns();
    const compiler = createPolicyCompiler(
      document,
      options,
      plan,
      texts,
      compileExpression,
      found,
      patterns,
    );
    const rules: ParsedRule[] = [];
    const compiledRules: CompiledRule[] = [];
    const answers = readPolicyAnswers(document, options.openDoors ?? [], found);
    for (const [index, ruleDocument] of document.rules.entries()) {
      yield;
      const rule = parseRule(ruleDocument, answers, parser);
      rules.push(rule);
      compiledRules.push(compileRule(rule, index, compiler));
      if (options.compat !== "none") warnOfRawHost(rule, index, compiler);
    }
    yield* patterns.prepareSteps(options.limits);
    found.push(...sharedHeaders.findIn(document, answers));
    const wanted = found.filter(isWanted);
    isRefused ||= wanted.some(isError);
    diagnostics.push(...wanted.toSorted((a, b) => a.line - b.line || a.column - b.column));
    const value = buildPolicyValue(document);
    return { policy: { name: document.name, value, rules: compiledRules }, rules };
  };
  const analyze = createMatchAnalyzer(functions, options.limits, compileExpression);
  const policies: CompiledPolicy[] = [];
  const conditions: (Condition | undefined)[] = [];
  const readSet = createReadSet();
  let hasBoundedWork = true;
  for (const document of documents) {
    const { policy, rules } = yield* compile(document, () => true);
    policies.push(policy);
    const isPlanned = plan === "planned" && !isRefused;
    for (const [index, rule] of rules.entries()) {
      yield;
      readSet.add(rule);
      hasBoundedWork &&= isRuleBounded(rule);
      const mayBeLeftOut = isPlanned && policy.rules[index]?.mayAlwaysErr === false;
      conditions.push(mayBeLeftOut ? analyze(rule) : undefined);
    }
  }
  for (const document of refused) {
    yield* compile(document, ({ code }) => expressionFaults.has(code));
  }
  if (isRefused) return { diagnostics };
  const selectRules = yield* createRuleIndexSteps(conditions);
  const reads = plan === "plain" ? readsEverything : readSet.reads();
  if (plan === "planned") jsonReads = readSet.json;
  const allowsByDefault = options.compat !== "none";
  const rules = createRuleGroup(policies, selectRules);
  const group = { ...rules, reads, hasBoundedWork, allowsByDefault };
  return { diagnostics, group };
}

/** Faults in the expressions of a document that is refused for something else: all faults are told at once. */
const expressionFaults: ReadonlySet<PolicyErrorCode> = new Set([
  "POLICY_EXPRESSION_SYNTAX",
  "POLICY_UNKNOWN_FUNCTION",
  "POLICY_ARITY",
  "POLICY_MISUSE",
]);

/** With `--compat` a host is what the client wrote: a rule about it has to expect every spelling. */
function warnOfRawHost(rule: ParsedRule, index: number, compiler: TreeCompiler): void {
  if (!namesPart(rule, ["request", "http", "host"])) return;
  const documentPath = ["spec", "rules", index, "name"];
  compiler.report(
    "POLICY_RAW_HOST",
    "warning",
    "with `--compat` `host` is as the client sent it: upper case, a final dot and the port slip past this rule",
    { documentPath, text: rule.document.name, isKey: false, variables: new Map() },
  );
}
