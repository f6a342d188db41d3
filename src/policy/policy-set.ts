import { type Budget, childScope, rootScope, type Scope } from "../jmespath/scope.ts";
import type { GoStruct, Value } from "../jmespath/value.ts";
import type { CheckInput } from "../model/check-input.ts";
import type { Decision, RuleResult } from "../model/decision.ts";
import { isEvaluationError } from "../model/evaluation-error.ts";
import type { PolicyOptions } from "../model/limits.ts";
import type { CompiledRule } from "./compile-rule.ts";
import { buildDenyBody, type Denial, noRuleAppliesBody, renderViolations } from "./deny-body.ts";

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

/** The set of the policies, which judges as the options say. */
export function createPolicySet(
  revision: string,
  policies: readonly CompiledPolicy[],
  options: PolicyOptions,
): PolicySet {
  const { limits } = options;
  return {
    revision,
    policyNames: policies.map(({ name }) => name),
    evaluate: (payload, budget) => evaluateRules(policies, payload, budget),
    decide: ({ payload }) => {
      const budget = { stepsLeft: limits.maxSteps, limits };
      return decide(policies, payload, budget, options);
    },
  };
}

const passed: Decision = Object.freeze({ allowed: true, reason: "passed", body: "" });
const noRuleAllows: Decision = Object.freeze({
  allowed: true,
  reason: "no-rule-applies",
  body: "",
});

function decide(
  policies: readonly CompiledPolicy[],
  payload: Value,
  budget: Budget,
  options: PolicyOptions,
): Decision {
  const scope = childScope(rootScope(budget), "payload", payload);
  let applies = false;
  let denials: Denial[] | undefined;
  for (const policy of policies) {
    const policyScope = childScope(scope, "policy", policy.value);
    for (const rule of policy.rules) {
      const outcome = rule.evaluate(payload, policyScope);
      if (outcome === "skipped") continue;
      applies = true;
      if (outcome === "passed") continue;
      denials ??= [];
      denials.push({ policy: policy.name, rule: rule.name, outcome });
    }
  }
  if (denials !== undefined) return buildDenial(denials, options);
  if (applies) return passed;
  if (policies.length > 0 && options.noRuleApplies === "allow") return noRuleAllows;
  return {
    allowed: false,
    reason: policies.length === 0 ? "no-policy" : "no-rule-applies",
    body: options.denyBody === "none" ? "" : noRuleAppliesBody,
  };
}

/** The first rule that keeps the request out gives the reason. */
function buildDenial(denials: readonly Denial[], options: PolicyOptions): Decision {
  const body = buildDenyBody(denials, options);
  const [first] = denials;
  if (first === undefined) return { allowed: false, reason: "no-rule-applies", body };
  const { policy, rule, outcome } = first;
  return isEvaluationError(outcome)
    ? { allowed: false, reason: "evaluation-error", body, policy, rule, errorCode: outcome.code }
    : { allowed: false, reason: "rule-failed", body, policy, rule };
}

function evaluateRules(
  policies: readonly CompiledPolicy[],
  payload: Value,
  budget: Budget,
): RuleResult[] {
  const scope = childScope(rootScope(budget), "payload", payload);
  return policies.flatMap((policy) => {
    const policyScope = childScope(scope, "policy", policy.value);
    return policy.rules.flatMap((rule) => evaluateRule(policy, rule, payload, policyScope));
  });
}

function evaluateRule(
  policy: CompiledPolicy,
  rule: CompiledRule,
  payload: Value,
  scope: Scope,
): RuleResult[] {
  const identifier = rule.identify(payload, scope);
  const outcome = rule.evaluate(payload, scope);
  if (outcome === "skipped") return [];
  const result = {
    policy: policy.name,
    rule: rule.name,
    ...(identifier === undefined ? {} : { identifier }),
  };
  if (outcome === "passed") return [{ ...result, status: "pass" }];
  if (isEvaluationError(outcome)) {
    const { code, message } = outcome;
    return [{ ...result, status: "error", error: { code, message } }];
  }
  const violations = renderViolations(outcome, scope.budget.limits.maxStringBytes);
  return [{ ...result, status: "fail", violations }];
}
