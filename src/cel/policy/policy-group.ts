import { type DenyResponse, isPlainAllow } from "../../model/decision-response.ts";
import { isEvaluationError } from "../../model/evaluation-error.ts";
import type { PayloadReads } from "../../model/payload-reads.ts";
import type { PolicyGroup, RuleVerdict } from "../../model/policy-language.ts";
import { isFolded } from "../compile/compiler.ts";
import type { CelMode } from "../document/document.ts";
import type { Frame } from "../functions/frame.ts";
import { type CelOutcome, type CompiledCelPolicy, evaluatePolicy } from "./cel-policy.ts";
import type { ModeOfPolicies } from "./mode.ts";
import { createPolicyIndex } from "./policy-index.ts";

/** The policies of one mode, in the order in which they are asked. */
export interface PoliciesOfMode {
  readonly mode: ModeOfPolicies;
  readonly policies: readonly CompiledCelPolicy[];
}

/** Returns the group of these policies. */
export function createPolicyGroup(
  modes: Readonly<Record<CelMode, PoliciesOfMode>>,
  policyNames: readonly string[],
  reads: PayloadReads,
  nowMs: () => number,
): Omit<PolicyGroup, "hasBoundedWork"> {
  // The fields that the index knows are those of a payload: requests of the HTTP door have others.
  const envoyPolicies = createPolicyIndex(modes.Envoy.policies);
  return {
    policyNames,
    reads,
    judge: ({ payload, http }, budget, visit) => {
      const { mode } = http === undefined ? modes.Envoy : modes.HTTP;
      const policies = http === undefined ? envoyPolicies(payload) : modes.HTTP.policies;
      if (policies.length === 0) return;
      const frame: Frame = {
        budget,
        nowMs: nowMs(),
        object: mode.createObject(payload, http?.headerLines),
        variables: undefined,
        locals: [],
      };
      // The first policy that says anything decides; the original's engine asks no further either.
      for (const policy of policies) {
        const outcome = evaluatePolicy(policy, frame);
        if (outcome === undefined) continue;
        visit(policy.name, outcome.rule, knownVerdictOf(outcome, mode));
        if (!outcome.isIgnored) return;
      }
    },
  };
}

/** What constant messages stand for: they are the same for every request, and so are their verdicts. */
const knownVerdicts = new WeakMap<object, RuleVerdict>();

function knownVerdictOf(outcome: CelOutcome, mode: ModeOfPolicies): RuleVerdict {
  const { result } = outcome;
  const known = knownVerdicts.get(result);
  if (known !== undefined) return known;
  const verdict = verdictOf(outcome, mode);
  if (isFolded(result)) knownVerdicts.set(result, verdict);
  return verdict;
}

function verdictOf({ result, isIgnored }: CelOutcome, mode: ModeOfPolicies): RuleVerdict {
  if (isEvaluationError(result)) return isIgnored ? { ignored: result } : result;
  const response = mode.readResponse(result);
  if (isEvaluationError(response)) return response;
  if (response.kind === "deny") return failureOf(response);
  return isPlainAllow(response) ? "passed" : { allow: response };
}

function failureOf(deny: DenyResponse): RuleVerdict {
  // The response's own body is the answer: there is no message beside it.
  return { deny, renderMessages: () => "", renderViolations: () => [] };
}
