import type { GoStruct } from "../go-values/value.ts";
import { childScope, rootScope, type Scope } from "../jmespath/compile/scope.ts";
import type { Budget } from "../model/budget.ts";
import type { JsonValue } from "../model/json.ts";
import type { PolicyGroup } from "../model/policy-language.ts";
import type { RuleIndex } from "./match-index/rule-index.ts";
import type { CompiledRule } from "./rules/compile-rule.ts";

/** One policy, ready to judge payloads. */
export interface CompiledPolicy {
  readonly name: string;
  /** The value of `$policy`. */
  readonly value: GoStruct;
  readonly rules: readonly CompiledRule[];
}

/**
 * Returns how the policies judge payloads. The index knows the rules by their places in the list of all rules of all
 * policies.
 */
export function createRuleGroup(
  policies: readonly CompiledPolicy[],
  index: RuleIndex,
): Pick<PolicyGroup, "policyNames" | "judge" | "judgeWithIdentifiers"> {
  const rules = policies.flatMap((policy) => policy.rules.map((rule) => ({ policy, rule })));
  const forEachRule = (
    payload: JsonValue,
    budget: Budget,
    judge: (policy: CompiledPolicy, rule: CompiledRule, scope: Scope) => void,
  ): void => {
    const scope = childScope(rootScope(budget), "payload", payload);
    let policyScope = scope;
    let policy: CompiledPolicy | undefined;
    for (const place of index(payload, scope)) {
      const at = rules[place];
      if (at === undefined) continue;
      if (at.policy !== policy) policyScope = childScope(scope, "policy", at.policy.value);
      policy = at.policy;
      judge(policy, at.rule, policyScope);
    }
  };
  return {
    policyNames: policies.map(({ name }) => name),
    judge: (payload, budget, visit) => {
      forEachRule(payload, budget, (policy, rule, scope) => {
        const outcome = rule.evaluate(payload, scope);
        if (outcome !== "skipped") visit(policy.name, rule.name, outcome);
      });
    },
    judgeWithIdentifiers: (payload, budget, visit) => {
      forEachRule(payload, budget, (policy, rule, scope) => {
        const identifier = rule.identify(payload, scope);
        const outcome = rule.evaluate(payload, scope);
        if (outcome !== "skipped") visit(policy.name, rule.name, outcome, identifier);
      });
    },
  };
}
