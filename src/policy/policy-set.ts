import { type Budget, createBudget } from "../model/budget.ts";
import type { CheckInput } from "../model/check-input.ts";
import type { ClientTexts } from "../model/client-texts.ts";
import type { Decision, DecisionError, RuleResult } from "../model/decision.ts";
import { type AllowResponse, joinAllows } from "../model/decision-response.ts";
import { clientTextOf, isEvaluationError } from "../model/evaluation-error.ts";
import type { JsonValue } from "../model/json.ts";
import type { PolicyOptions } from "../model/limits.ts";
import type { PolicyGroup, RuleVisitor } from "../model/policy-language.ts";
import { findDenyResponse } from "./join-responses.ts";
import { buildDenyBody, type Denial, noRuleAppliesBody } from "./render-denials.ts";
import { settleAllow } from "./settle-allow.ts";

/** All policies of one revision. */
export interface PolicySet {
  readonly revision: string;
  readonly policyNames: readonly string[];
  /** The result of every rule that applies, in order of policies and rules, with all texts. */
  readonly evaluate: (payload: JsonValue, budget: Budget) => RuleResult[];
  /** Returns whether the request passes: every rule that applies passes, and at least one policy is loaded. */
  readonly decide: (input: CheckInput) => Decision;
}

/** Returns the set of the policies of all groups, which judges as the options say. */
export function createPolicySet(
  revision: string,
  groups: readonly PolicyGroup[],
  options: PolicyOptions,
  texts: ClientTexts,
): PolicySet {
  const policyNames = groups.flatMap((group) => group.policyNames);
  return {
    revision,
    policyNames,
    evaluate: (payload, budget) => evaluateRules(groups, payload, budget, texts),
    decide: (input) => decide(groups, input, options, texts),
  };
}

const passed: Decision = Object.freeze({ allowed: true, reason: "passed", body: "" });
const noRuleAllows: Decision = Object.freeze({
  allowed: true,
  reason: "no-rule-applies",
  body: "",
});

function decide(
  groups: readonly PolicyGroup[],
  input: CheckInput,
  options: PolicyOptions,
  texts: ClientTexts,
): Decision {
  const budget = createBudget(options.limits);
  let applies = false;
  let allows: PolicyAllow[] | undefined;
  let denials: Denial[] | undefined;
  let ignoredErrors: DecisionError[] | undefined;
  for (const [language, group] of groups.entries()) {
    group.judge(input, budget, (policy, rule, verdict) => {
      if (verdict !== "passed" && "ignored" in verdict) {
        ignoredErrors ??= [];
        ignoredErrors.push({ policy, code: verdict.ignored.code });
        return;
      }
      applies = true;
      if (verdict === "passed") return;
      if ("allow" in verdict) {
        allows ??= [];
        allows.push({ language, policy, allow: verdict.allow });
        return;
      }
      denials ??= [];
      if ("error" in verdict) {
        denials.push({ language, policy, rule, verdict: verdict.error, answered: verdict });
        return;
      }
      denials.push({ language, policy, rule, verdict });
    });
  }
  const decision =
    denials === undefined
      ? allowOrDefault(applies, joinInOrder(allows, input.payload), groups, options)
      : buildDenial(denials, options, texts);
  return ignoredErrors === undefined ? decision : { ...decision, ignoredErrors };
}

/** What one policy says of an allowed request. */
interface PolicyAllow {
  readonly language: number;
  readonly policy: string;
  readonly allow: AllowResponse;
}

/** Joins what policies say: of one language in the order of their names, so that no file's place decides. */
function joinInOrder(
  allows: readonly PolicyAllow[] | undefined,
  payload: JsonValue,
): AllowResponse | undefined {
  if (allows === undefined) return undefined;
  const order = allows.toSorted(
    (a, b) => a.language - b.language || (a.policy < b.policy ? -1 : Number(a.policy > b.policy)),
  );
  return settleAllow(order.map(({ allow }) => allow).reduce(joinAllows), payload);
}

function allowOrDefault(
  applies: boolean,
  allow: AllowResponse | undefined,
  groups: readonly PolicyGroup[],
  options: PolicyOptions,
): Decision {
  if (allow !== undefined) return { ...passed, response: allow };
  if (applies) return passed;
  const groupsWithPolicies = groups.filter(({ policyNames }) => policyNames.length > 0);
  const allowsWithoutRule =
    options.noRuleApplies === "by-language"
      ? groupsWithPolicies.every(({ allowsByDefault }) => allowsByDefault === true)
      : options.noRuleApplies === "allow";
  if (groupsWithPolicies.length > 0 && allowsWithoutRule) return noRuleAllows;
  return {
    allowed: false,
    reason: groupsWithPolicies.length === 0 ? "no-policy" : "no-rule-applies",
    body: options.denyBody === "none" ? "" : noRuleAppliesBody,
  };
}

/**
 * The first rule that keeps the request out gives the reason; of those that have an answer for the client, one of the
 * language that comes last gives it.
 */
function buildDenial(
  denials: readonly Denial[],
  options: PolicyOptions,
  texts: ClientTexts,
): Decision {
  const body = buildDenyBody(denials, options, texts);
  const [first] = denials;
  if (first === undefined) return { allowed: false, reason: "no-rule-applies", body };
  const { policy, rule, verdict } = first;
  const response = findDenyResponse(denials);
  const decision: Decision = {
    allowed: false,
    reason: isEvaluationError(verdict) ? "evaluation-error" : "rule-failed",
    body,
    policy,
    rule,
    ...(isEvaluationError(verdict) && { errorCode: verdict.code }),
    ...(response !== undefined && { response }),
  };
  const fault = findFault(denials);
  return fault === undefined ? decision : { ...decision, fault };
}

/** The first fault of our own among the denials, whichever of them decides. */
function findFault(denials: readonly Denial[]): string | undefined {
  for (const { verdict } of denials) {
    if (isEvaluationError(verdict) && verdict.fault !== undefined) return verdict.fault;
  }
  return undefined;
}

function evaluateRules(
  groups: readonly PolicyGroup[],
  payload: JsonValue,
  budget: Budget,
  texts: ClientTexts,
): RuleResult[] {
  const results: RuleResult[] = [];
  for (const group of groups) {
    const visit: RuleVisitor = (policy, rule, verdict, identifier) => {
      const result = { policy, rule, ...(identifier !== undefined && { identifier }) };
      if (verdict !== "passed" && "ignored" in verdict) return;
      if (verdict === "passed" || "allow" in verdict) {
        results.push({ ...result, status: "pass" });
      } else if (isEvaluationError(verdict) || "error" in verdict) {
        const { code } = isEvaluationError(verdict) ? verdict : verdict.error;
        const message = clientTextOf(isEvaluationError(verdict) ? verdict : verdict.error, texts);
        const error = { code, message };
        results.push({ ...result, status: "error", error });
      } else {
        const violations = verdict.renderViolations(budget.limits.maxStringBytes);
        results.push({ ...result, status: "fail", violations });
      }
    };
    group.judge({ payload }, budget, visit, true);
  }
  return results;
}
