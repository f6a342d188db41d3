import type { FunctionTable } from "../jmespath/function-table.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { PolicyErrorCode } from "../model/error-codes.ts";
import type { PolicyOptions } from "../model/limits.ts";
import type { PolicySnapshot } from "../model/policy-source.ts";
import { compileRule } from "./compile-rule.ts";
import type { PolicyDocument } from "./document.ts";
import { createPolicyCompiler } from "./policy-compiler.ts";
import { type CompiledPolicy, createPolicySet, type PolicySet } from "./policy-set.ts";
import { buildPolicyValue } from "./policy-value.ts";
import { readPolicies } from "./read-policies.ts";
import { createExpressionCompiler, type ExpressionCompiler } from "./shared-expressions.ts";

/** What loading a snapshot comes to. */
export interface LoadedPolicySet {
  /** Absent when a diagnostic is an error: a set is loaded whole or not at all. */
  readonly policySet?: PolicySet;
  /** All faults and warnings of all files. */
  readonly diagnostics: readonly Diagnostic[];
}

/** The snapshot's policies, compiled, or what is wrong with them. */
export function loadPolicySet(
  snapshot: PolicySnapshot,
  options: PolicyOptions,
  functions: FunctionTable,
): LoadedPolicySet {
  const steps = loadPolicySetSteps(snapshot, options, functions);
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return step.value;
}

/** The same in steps of one policy each, so that a thread with other work can do them one at a time. */
export function* loadPolicySetSteps(
  snapshot: PolicySnapshot,
  options: PolicyOptions,
  functions: FunctionTable,
): Generator<undefined, LoadedPolicySet, undefined> {
  const read = readPolicies(snapshot.files, options);
  const diagnostics: Diagnostic[] = [...read.diagnostics];
  const texts = new Map(snapshot.files.map(({ path, text }) => [path, text]));
  const compileExpression = createExpressionCompiler(functions, options.limits);
  const compile = (document: PolicyDocument, isWanted: (fault: Diagnostic) => boolean) => {
    const text = texts.get(document.file) ?? "";
    const found: Diagnostic[] = [];
    const policy = compilePolicy(document, text, options, compileExpression, found);
    const wanted = found.filter(isWanted);
    diagnostics.push(...wanted.toSorted((a, b) => a.line - b.line || a.column - b.column));
    return policy;
  };
  const policies: CompiledPolicy[] = [];
  for (const document of read.documents) {
    yield;
    policies.push(compile(document, () => true));
  }
  for (const document of read.refused) {
    yield;
    compile(document, ({ code }) => expressionFaults.has(code));
  }
  if (diagnostics.some(({ severity }) => severity === "error")) return { diagnostics };
  return { policySet: createPolicySet(snapshot.revision, policies, options), diagnostics };
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
  compileExpression: ExpressionCompiler,
  diagnostics: Diagnostic[],
): CompiledPolicy {
  const compiler = createPolicyCompiler(document, text, options, compileExpression, diagnostics);
  return {
    name: document.name,
    value: buildPolicyValue(document),
    rules: document.rules.map((rule, index) => compileRule(rule, index, compiler)),
  };
}
