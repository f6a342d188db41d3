import type { CheckInput } from "../model/check-input.ts";
import type { Decision } from "../model/decision.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { EvaluationPlan, PolicyOptions } from "../model/limits.ts";
import { type PayloadReads, readsEverything } from "../model/payload-reads.ts";
import type { PolicySnapshot } from "../model/policy-snapshot.ts";
import { finishSteps, type Steps } from "../model/resumable.ts";
import { createPolicyEngine, type PolicyEnvironment } from "../policy/policy-engine.ts";
import type { JwtCacheCounts } from "./protocol.ts";

/** The options of an evaluator: those of policies. */
export type EvaluatorOptions = PolicyOptions;

/** Decides requests by the policies of one snapshot. */
export interface Evaluator {
  readonly revision: string;
  readonly policyNames: readonly string[];
  /** What the policies may read of a payload: nothing else has to be in an input. */
  readonly reads: PayloadReads;
  /** Whether what a request may cost has a bound linear in its size, so that it can be evaluated beside other work. */
  readonly hasBoundedWork: boolean;
  /** Returns whether the request may pass. What is thrown is a fault of ours, or the end of the stack: to be denied, and reported. */
  readonly decide: (input: CheckInput) => Decision;
  /** The cache of verified tokens, counted since the evaluator began. */
  readonly jwtCacheStats: () => JwtCacheCounts;
}

/** The result of creating an evaluator. */
export interface CreatedEvaluator {
  /** Absent when a diagnostic is an error. */
  readonly evaluator?: Evaluator;
  readonly diagnostics: readonly Diagnostic[];
}

const systemEnvironment: PolicyEnvironment = { nowMs: Date.now, random: Math.random };

/** Returns an evaluator of the snapshot's policies, or what is wrong with them. */
export function createEvaluator(
  snapshot: PolicySnapshot,
  options: EvaluatorOptions,
  environment: PolicyEnvironment = systemEnvironment,
  plan: EvaluationPlan = "planned",
): CreatedEvaluator {
  return finishSteps(createEvaluatorSteps(snapshot, options, environment, plan));
}

/** Returns the same in steps ({@link loadPolicySetSteps}). */
export function* createEvaluatorSteps(
  snapshot: PolicySnapshot,
  options: EvaluatorOptions,
  environment: PolicyEnvironment = systemEnvironment,
  plan: EvaluationPlan = "planned",
): Steps<CreatedEvaluator> {
  const { load, tokens } = createPolicyEngine(options, environment, plan);
  const loaded = yield* load(snapshot);
  const { policySet, reads = readsEverything, hasBoundedWork = false, diagnostics } = loaded;
  if (policySet === undefined) return { diagnostics };
  const { revision, policyNames } = policySet;
  const evaluator: Evaluator = {
    revision,
    policyNames,
    reads,
    hasBoundedWork,
    decide: (input) => policySet.decide(input),
    jwtCacheStats: () => tokens.stats(),
  };
  return { evaluator, diagnostics };
}
