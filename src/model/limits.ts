import type { Door } from "./check-record.ts";

/**
 * Bounds on what one policy, one request or one token may cost. Each is an option; reaching one while a request
 * is judged is an evaluation error, so a deny.
 */
export interface EvaluationLimits {
  /**
   * Evaluation steps a request may take over all policies; one step is about one node visited or one element touched,
   * and takes a quarter of a microsecond at most.
   */
  readonly maxSteps: number;
  /**
   * Bytes that a request's evaluation may read and build over all policies: characters passed over, compared and put
   * together, elements and keys of what is built. A byte takes about a nanosecond at most.
   */
  readonly maxEvaluationBytes: number;
  /** How deep expressions, assertion trees and JSON texts may nest, when parsed and when evaluated. */
  readonly maxDepth: number;
  /** How many bytes (UTF-16 code units) a single string built by a function may have. */
  readonly maxStringBytes: number;
  /** How long the text of a regular expression may be, in characters. */
  readonly maxPatternLength: number;
  /** How large a token may be, in characters. */
  readonly maxTokenLength: number;
}

/** The limits that hold unless an option says otherwise. */
export const defaultEvaluationLimits: EvaluationLimits = {
  maxSteps: 200_000,
  maxEvaluationBytes: 33_554_432,
  maxDepth: 200,
  maxStringBytes: 1_048_576,
  maxPatternLength: 4_096,
  maxTokenLength: 16_384,
};

/**
 * The way in which policies are evaluated: `planned` spares what provably cannot change an answer (shared results, folded
 * constants, reordered tests, rules whose `match` cannot hold), `plain` spares nothing. No option: the two give the
 * same answers, and tests hold them against each other.
 */
export type EvaluationPlan = "planned" | "plain";

/** The bounds of the verified tokens that each evaluator remembers. */
export interface JwtCacheOptions {
  /** At most this many tokens; 0 turns the cache off. */
  readonly maxEntries: number;
  /** At most this much, in bytes, keys and claims together, by estimate. */
  readonly maxBytes: number;
}

/** The cache's bounds unless an option says otherwise. */
export const defaultJwtCacheOptions: JwtCacheOptions = { maxEntries: 10_000, maxBytes: 33_554_432 };

/** The options of the engine where the original and the safe default differ (`docs/compatibility.md`). */
export interface PolicyOptions {
  /** `kyverno-envoy-plugin`: load what the original loaded (with a warning) and err when it is reached. */
  readonly compat: "none" | "kyverno-envoy-plugin";
  /** `kyverno-authz`: a request that no CEL policy says anything of is allowed by `noRuleApplies: by-language`. */
  readonly celCompat: "none" | "kyverno-authz";
  /**
   * What is answered when policies are loaded and none of their rules applies; `by-language` allows where the originals of
   * all languages that have policies did, and that was asked for.
   */
  readonly noRuleApplies: "deny" | "allow" | "by-language";
  /** What a denied client is told. */
  readonly denyBody: "messages" | "details" | "none";
  readonly limits: EvaluationLimits;
  readonly jwtCache: JwtCacheOptions;
  /** The doors that are open, to warn of what cannot be judged or told there; absent where policies are only looked at. */
  readonly openDoors?: readonly Door[];
}

/** The defaults of all options of the engine. */
export const defaultPolicyOptions: PolicyOptions = {
  compat: "none",
  celCompat: "none",
  noRuleApplies: "by-language",
  denyBody: "messages",
  limits: defaultEvaluationLimits,
  jwtCache: defaultJwtCacheOptions,
};
