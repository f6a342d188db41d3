import type { RuleResult } from "../../src/model/decision.ts";
import type { EvaluationErrorCode } from "../../src/model/error-codes.ts";
import type { ExpectedRule, TextOrder } from "./vector.ts";

/** Returns the vectors' name for an error's code: `EVALUATION_UNKNOWN_FUNCTION` is `unknown-function`. */
export function errorClassOf(code: EvaluationErrorCode): string {
  return code.replace("EVALUATION_", "").toLowerCase().replaceAll("_", "-");
}

/** Returns our rule results in the vectors' notation. */
export function toExpectedRules(results: readonly RuleResult[]): ExpectedRule[] {
  return results.map((result) => ({
    policy: result.policy,
    rule: result.rule,
    status: result.status,
    ...(result.identifier !== undefined && { identifier: result.identifier }),
    ...(result.error !== undefined && {
      error: result.error.message,
      errorClass: errorClassOf(result.error.code),
    }),
    ...(result.violations !== undefined && { violations: result.violations }),
  }));
}

/** Returns policies, rules and statuses, in order, as one line: two lists agree exactly when their lines do. */
export function formatStatuses(rules: readonly ExpectedRule[]): string {
  return rules.map(({ policy, rule, status }) => `${policy}/${rule} ${status}`).join(", ");
}

/**
 * Returns all texts of the rules as one text: two lists have the same texts exactly when theirs are equal.
 *
 * @param order with `lines`, the field errors within a violation may come in any order
 */
export function formatRuleTexts(rules: readonly ExpectedRule[], order: TextOrder): string {
  return rules.map((rule) => formatRule(rule, order)).join("\n");
}

function formatRule(rule: ExpectedRule, order: TextOrder): string {
  const violations = rule.violations?.map(({ message, errors }) => {
    const lines = order === "lines" ? errors.toSorted() : errors;
    return { message: message ?? null, errors: lines };
  });
  const { policy, status, identifier, error, errorClass } = rule;
  return JSON.stringify([policy, rule.rule, status, identifier, errorClass, error, violations]);
}
