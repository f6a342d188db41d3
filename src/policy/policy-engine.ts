import { createEnvoyMode } from "../cel/envoy/envoy-mode.ts";
import { createHttpMode } from "../cel/http/http-mode.ts";
import { createCelTokens } from "../cel/kyverno/cel-tokens.ts";
import { createKyvernoLibrary } from "../cel/kyverno/kyverno-library.ts";
import { createCel } from "../cel/language.ts";
import { createPolicyFunctions } from "../kyverno-json/functions/function-table.ts";
import { createTokenDecoder, type TokenVerifier } from "../kyverno-json/functions/token-decoder.ts";
import { createKyvernoJson } from "../kyverno-json/language.ts";
import type { EvaluationPlan, PolicyOptions } from "../model/limits.ts";
import type { PolicySnapshot } from "../model/policy-snapshot.ts";
import type { Steps } from "../model/resumable.ts";
import { type LoadedPolicySet, loadPolicySetSteps } from "./load-policy-set.ts";

/** The world outside a request, as policies see it; tests give a fixed one. */
export interface PolicyEnvironment {
  /** The time, in milliseconds since 1970-01-01T00:00:00Z. */
  readonly nowMs: () => number;
  /** A random number from 0 up to but not including 1. */
  readonly random: () => number;
}

/** The maker of policy sets from snapshots: the languages, their functions, and the tokens that these remember. */
export interface PolicyEngine {
  /** Loads the snapshot in steps ({@link loadPolicySetSteps}). */
  readonly load: (snapshot: PolicySnapshot) => Steps<LoadedPolicySet>;
  readonly tokens: Pick<TokenVerifier, "stats">;
}

/** Returns an engine of all languages, with a function table and a token cache of its own. */
export function createPolicyEngine(
  options: PolicyOptions,
  environment: PolicyEnvironment,
  plan: EvaluationPlan = "planned",
): PolicyEngine {
  const tokens = createTokenDecoder(environment.nowMs, options);
  const functions = createPolicyFunctions({
    nowMs: environment.nowMs,
    random: environment.random,
    decoderFor: tokens.decoderFor,
  });
  const kyvernoJson = createKyvernoJson(options, functions, plan);
  const library = createKyvernoLibrary({
    verify: createCelTokens(tokens, options),
    makesCalls: false,
  });
  const cel = createCel({
    limits: options.limits,
    allowsByDefault: options.celCompat !== "none",
    modes: { Envoy: createEnvoyMode(library), HTTP: createHttpMode(library) },
    nowMs: environment.nowMs,
  });
  return { tokens, load: (snapshot) => loadPolicySetSteps(snapshot, options, [kyvernoJson, cel]) };
}
