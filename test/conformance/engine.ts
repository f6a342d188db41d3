import type { FunctionTable } from "../../src/jmespath/functions/function-table.ts";
import { createPolicyFunctions } from "../../src/kyverno-json/functions/function-table.ts";
import { createTokenDecoder } from "../../src/kyverno-json/functions/token-decoder.ts";
import type { Budget } from "../../src/model/budget.ts";
import { createBudget } from "../../src/model/budget.ts";
import type { ClientTexts } from "../../src/model/client-texts.ts";
import {
  defaultEvaluationLimits,
  defaultJwtCacheOptions,
  type EvaluationPlan,
  type PolicyOptions,
} from "../../src/model/limits.ts";
import type { PolicySnapshot } from "../../src/model/policy-snapshot.ts";
import type { LoadedPolicySet } from "../../src/policy/load-policy-set.ts";
import { loadPolicySet } from "../policy/load-policies.ts";

/** Our engine as the vectors are run on it: all functions, and policies as the original loaded them. */
export interface Engine {
  readonly plan: EvaluationPlan;
  readonly functions: FunctionTable;
  readonly load: (snapshot: PolicySnapshot) => LoadedPolicySet;
  /** What one request may use up. */
  readonly createBudget: () => Budget;
}

/** As `--compat kyverno-envoy-plugin` sets them. */
const options: PolicyOptions = {
  compat: "kyverno-envoy-plugin",
  celCompat: "none",
  noRuleApplies: "allow",
  denyBody: "details",
  limits: defaultEvaluationLimits,
  jwtCache: defaultJwtCacheOptions,
};

/** Between the two moments, in 2017 and 2100, that the vectors' tokens name. */
const nowMs = Date.UTC(2026, 0, 1);

/** Returns an engine with a fixed clock, without chance, and with the original's texts: no option leads to these. */
export function createEngine(
  plan: EvaluationPlan = "planned",
  texts: ClientTexts = "original",
): Engine {
  const tokens = createTokenDecoder(() => nowMs, options);
  const functions = createPolicyFunctions({
    nowMs: () => nowMs,
    random: () => 0.5,
    decoderFor: tokens.decoderFor,
  });
  const { limits } = options;
  return {
    plan,
    functions,
    load: (snapshot) => loadPolicySet(snapshot, options, functions, plan, texts),
    createBudget: () => createBudget(limits),
  };
}
