import type { GoStruct } from "../go-values/value.ts";
import { childScope, rootScope } from "../jmespath/compile/scope.ts";
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
): Pick<PolicyGroup, "policyNames" | "judge"> {
  const rules = policies.flatMap((policy) => policy.rules.map((rule) => ({ policy, rule })));
  return {
    policyNames: policies.map(({ name }) => name),
    judge: ({ payload }, budget, visit, withIdentifiers = false) => {
      const scope = childScope(rootScope(budget), "payload", payload);
      let policyScope = scope;
      let policy: CompiledPolicy | undefined;
      let hasPassed = false;
      for (const place of index(payload, scope)) {
        const at = rules[place];
        if (at === undefined) continue;
        if (at.policy !== policy) {
          policyScope = childScope(scope, "policy", at.policy.value);
          hasPassed = false;
        }
        policy = at.policy;
        const { rule } = at;
        const identifier = withIdentifiers ? rule.identify(payload, policyScope) : undefined;
        const outcome = rule.evaluate(payload, policyScope, !hasPassed);
        hasPassed ||= outcome === "passed" || (outcome !== "skipped" && "allow" in outcome);
        if (outcome !== "skipped") visit(policy.name, rule.name, outcome, identifier);
      }
    },
  };
}
