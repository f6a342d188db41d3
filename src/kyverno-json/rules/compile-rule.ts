import { formatGoValue } from "../../go-values/go-format.ts";
import type { Value } from "../../go-values/value.ts";
import type { Expression } from "../../jmespath/compile/compile.ts";
import { childScope, type Scope } from "../../jmespath/compile/scope.ts";
import type { DenyResponse } from "../../model/decision-response.ts";
import { clientTextOf, describeFault, isEvaluationError } from "../../model/evaluation-error.ts";
import type { Origin, TreeCompiler, Variables } from "../assertion/tree.ts";
import type { Expand } from "../templates/compile-answers.ts";
import { compileAssert } from "./compile-assert.ts";
import { compileContext } from "./compile-context.ts";
import { compileMatch } from "./compile-match.ts";
import { isPanic, mayPanic } from "./panic.ts";
import type { ParsedRule } from "./parse-rule.ts";
import { buildRuleValue } from "./policy-value.ts";
import { compileRuleAnswers } from "./rule-answers.ts";
import { FailedRule, type RuleOutcome } from "./rule-outcome.ts";

/** One rule, ready to judge payloads. */
export interface CompiledRule {
  readonly name: string;
  /**
   * Returns what the rule says of the payload; `scope` holds the policy's variables. `isFirst`: no rule of the policy has passed
   * before, so that what the policy says of allowed requests is told with this one.
   */
  readonly evaluate: (payload: Value, scope: Scope, isFirst?: boolean) => RuleOutcome;
  /** Whether it may err where its `match` does not hold. */
  readonly mayAlwaysErr: boolean;
  /** The rendered `identifier`, or undefined when the rule has none. */
  readonly identify: (payload: Value, scope: Scope) => string | undefined;
}

/** The variables that every rule starts with. */
const firstVariables: Variables = new Map([
  ["payload", undefined],
  ["policy", undefined],
  ["rule", undefined],
]);

/**
 * Returns a rule as functions (docs/policy-language.md, Rules): bindings, then `match`, `exclude` and `assert` in this order.
 *
 * An exception while a rule is evaluated is a fault of ours or the end of the stack; it counts as the rule's error.
 */
export function compileRule(rule: ParsedRule, index: number, compiler: TreeCompiler): CompiledRule {
  const path = ["spec", "rules", index];
  const ruleValue = buildRuleValue(rule.document);
  const context = compileContext(rule.context, [...path, "context"], firstVariables, compiler);
  const { variables } = context;
  const bind = (payload: Value, scope: Scope): Scope =>
    context.bind(payload, childScope(scope, "rule", ruleValue));
  const answers = compileRuleAnswers(rule.answers, variables, compiler);
  const judge = compileJudge(rule, path, variables, compiler, answers.denied);
  const identifier = compileIdentifier(rule, path, variables, compiler);
  const mayAlwaysErr = identifier !== undefined && mayPanic(rule.identifier?.text ?? "");
  const panicOf = mayAlwaysErr ? identifier : undefined;
  const identify = identifier && renderIdentifier(identifier, compiler);
  const { hasAnswers } = answers;
  return {
    name: rule.document.name,
    mayAlwaysErr,
    evaluate: (payload, scope, isFirst = true) => {
      try {
        const inner = bind(payload, scope);
        const panic = panicOf?.(payload, inner);
        const outcome = isPanic(panic) ? panic : judge(payload, inner);
        return hasAnswers ? answers.answer(outcome, payload, inner, isFirst) : outcome;
      } catch (error) {
        return describeFault(error);
      }
    },
    identify: (payload, scope) => {
      try {
        return identify?.(payload, bind(payload, scope));
      } catch (error) {
        // The end of the stack; anything else is a fault of ours, which whoever judges reports.
        if (!(error instanceof RangeError)) throw error;
        return `(error: ${describeFault(error).message})`;
      }
    },
  };
}

type Judge = (payload: Value, scope: Scope) => RuleOutcome;

function compileJudge(
  rule: ParsedRule,
  path: readonly (string | number)[],
  variables: Variables,
  compiler: TreeCompiler,
  answer: Expand<DenyResponse> | undefined,
): Judge {
  const compileBlock = (name: "match" | "exclude") => {
    const block = rule[name];
    return block && compileMatch(block, [...path, name], variables, compiler);
  };
  const match = compileBlock("match");
  const exclude = compileBlock("exclude");
  const assert = compileAssert(rule.assert, [...path, "assert"], variables, compiler);
  return (payload, scope) => {
    const isMatched = match === undefined || match(payload, scope);
    if (isMatched !== true) return isMatched === false ? "skipped" : isMatched;
    const isExcluded = exclude !== undefined && exclude(payload, scope);
    if (isExcluded !== false) return isExcluded === true ? "skipped" : isExcluded;
    const failed = assert(payload, scope);
    if (failed === undefined) return "passed";
    return isEvaluationError(failed) ? failed : new FailedRule(failed, payload, scope, answer);
  };
}

function compileIdentifier(
  { identifier }: ParsedRule,
  path: readonly (string | number)[],
  variables: Variables,
  compiler: TreeCompiler,
): Expression | undefined {
  if (identifier === undefined) return undefined;
  const documentPath = [...path, "identifier"];
  const origin: Origin = { documentPath, text: identifier.text, isKey: false, variables };
  return compiler.compile(identifier, 0, origin);
}

function renderIdentifier(
  evaluate: Expression,
  { limits, texts }: TreeCompiler,
): (payload: Value, scope: Scope) => string {
  return (payload, scope) => {
    const value = evaluate(payload, scope);
    if (isEvaluationError(value)) return `(error: ${clientTextOf(value, texts)})`;
    return formatGoValue(value, limits.maxStringBytes);
  };
}
