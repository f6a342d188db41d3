import type { GoStruct, Value } from "../go-values/value.ts";
import { childScope, rootScope, type Scope } from "../jmespath/compile/scope.ts";
import type { RuleIndex } from "../kyverno-json/match-index/rule-index.ts";
import type { CompiledRule } from "../kyverno-json/rules/compile-rule.ts";
import { type Budget, createBudget } from "../model/budget.ts";
import type { CheckInput } from "../model/check-input.ts";
import type { ClientTexts } from "../model/client-texts.ts";
import type { Decision, RuleResult } from "../model/decision.ts";
import { clientTextOf, isEvaluationError } from "../model/evaluation-error.ts";
import type { PolicyOptions } from "../model/limits.ts";
import {
  buildDenyBody,
  type Denial,
  noRuleAppliesBody,
  renderViolations,
} from "./render-denials.ts";

/** One policy, ready to judge payloads. */
export interface CompiledPolicy {
  readonly name: string;
  /** What `$policy` is. */
  readonly value: GoStruct;
  readonly rules: readonly CompiledRule[];
}

/** All policies of one revision. */
export interface PolicySet {
  readonly revision: string;
  readonly policyNames: readonly string[];
  /** The result of every rule that applies, in order of policies and rules, with all texts. */
  readonly evaluate: (payload: Value, budget: Budget) => RuleResult[];
  /** Whether the request passes: every rule that applies passes, and at least one policy is loaded. */
  readonly decide: (input: CheckInput) => Decision;
}

/**
 * The set of the policies, which judges as the options say. The index knows the rules by their places in the list of
 * all rules of all policies.
 */
export function createPolicySet(
  revision: string,
  policies: readonly CompiledPolicy[],
  options: PolicyOptions,
  index: RuleIndex,
  texts: ClientTexts = "masked",
): PolicySet {
  const { limits } = options;
  const rules = policies.flatMap((policy) => policy.rules.map((rule) => ({ policy, rule })));
  const judge: Judge = (payload, budget, visit) => {
    const scope = childScope(rootScope(budget), "payload", payload);
    let policyScope = scope;
    let policy: CompiledPolicy | undefined;
    for (const place of index(payload, scope)) {
      const at = rules[place];
      if (at === undefined) continue;
      if (at.policy !== policy) policyScope = childScope(scope, "policy", at.policy.value);
      policy = at.policy;
      visit(policy, at.rule, policyScope);
    }
  };
  return {
    revision,
    policyNames: policies.map(({ name }) => name),
    evaluate: (payload, budget) => evaluateRules(judge, payload, budget, texts),
    decide: ({ payload }) =>
      decide(judge, policies.length, payload, createBudget(limits), options, texts),
  };
}

/** Visits the rules that may apply to the payload, in order, each with the scope of its policy. */
type Judge = (
  payload: Value,
  budget: Budget,
  visit: (policy: CompiledPolicy, rule: CompiledRule, scope: Scope) => void,
) => void;

const passed: Decision = Object.freeze({ allowed: true, reason: "passed", body: "" });
const noRuleAllows: Decision = Object.freeze({
  allowed: true,
  reason: "no-rule-applies",
  body: "",
});

function decide(
  judge: Judge,
  policyCount: number,
  payload: Value,
  budget: Budget,
  options: PolicyOptions,
  texts: ClientTexts,
): Decision {
  let applies = false;
  let denials: Denial[] | undefined;
  judge(payload, budget, (policy, rule, scope) => {
    const outcome = rule.evaluate(payload, scope);
    if (outcome === "skipped") return;
    applies = true;
    if (outcome === "passed") return;
    denials ??= [];
    denials.push({ policy: policy.name, rule: rule.name, outcome });
  });
  if (denials !== undefined) return buildDenial(denials, options, texts);
  if (applies) return passed;
  if (policyCount > 0 && options.noRuleApplies === "allow") return noRuleAllows;
  return {
    allowed: false,
    reason: policyCount === 0 ? "no-policy" : "no-rule-applies",
    body: options.denyBody === "none" ? "" : noRuleAppliesBody,
  };
}

/** The first rule that keeps the request out gives the reason. */
function buildDenial(
  denials: readonly Denial[],
  options: PolicyOptions,
  texts: ClientTexts,
): Decision {
  const body = buildDenyBody(denials, options, texts);
  const [first] = denials;
  if (first === undefined) return { allowed: false, reason: "no-rule-applies", body };
  const { policy, rule, outcome } = first;
  const decision: Decision = isEvaluationError(outcome)
    ? { allowed: false, reason: "evaluation-error", body, policy, rule, errorCode: outcome.code }
    : { allowed: false, reason: "rule-failed", body, policy, rule };
  const fault = findFault(denials);
  return fault === undefined ? decision : { ...decision, fault };
}

/** The first fault of our own among the denials, whichever of them decides. */
function findFault(denials: readonly Denial[]): string | undefined {
  for (const { outcome } of denials) {
    if (isEvaluationError(outcome) && outcome.fault !== undefined) return outcome.fault;
  }
  return undefined;
}

function evaluateRules(
  judge: Judge,
  payload: Value,
  budget: Budget,
  texts: ClientTexts,
): RuleResult[] {
  const results: RuleResult[] = [];
  judge(payload, budget, (policy, rule, scope) => {
    const result = evaluateRule(policy, rule, payload, scope, texts);
    if (result !== undefined) results.push(result);
  });
  return results;
}

function evaluateRule(
  policy: CompiledPolicy,
  rule: CompiledRule,
  payload: Value,
  scope: Scope,
  texts: ClientTexts,
): RuleResult | undefined {
  const identifier = rule.identify(payload, scope);
  const outcome = rule.evaluate(payload, scope);
  if (outcome === "skipped") return undefined;
  const result = {
    policy: policy.name,
    rule: rule.name,
    ...(identifier === undefined ? {} : { identifier }),
  };
  if (outcome === "passed") return { ...result, status: "pass" };
  if (isEvaluationError(outcome)) {
    const error = { code: outcome.code, message: clientTextOf(outcome, texts) };
    return { ...result, status: "error", error };
  }
  const violations = renderViolations(outcome, scope.budget.limits.maxStringBytes);
  return { ...result, status: "fail", violations };
}
