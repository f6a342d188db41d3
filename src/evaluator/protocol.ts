/**
 * Everything that crosses between the main thread and a worker. Data only.
 *
 * A batch is one JSON text each way: of the ways tried (cloned objects, one text a request, bytes
 * transferred) it costs the least CPU at 8 and 32 requests and no more at 1, both threads counted. JSON keeps a payload
 * whole: it is JSON by type, lone surrogates are escaped, and `__proto__` stays an ordinary key.
 */
import type { CheckInput } from "../model/check-input.ts";
import type { Decision, DecisionReason } from "../model/decision.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { isJsonObject, type JsonObject, type JsonValue, ownValue } from "../model/json.ts";
import type { PolicyOptions } from "../model/limits.ts";
import type { PolicySnapshot } from "../model/policy-source.ts";

/** What a worker is started with: its `workerData`. */
export interface WorkerStart {
  readonly snapshot: PolicySnapshot;
  readonly options: PolicyOptions;
}

/** What a worker says of the policies it was started with. */
export interface ProbeAnswer {
  /** Whether they compiled, so that batches can be sent. */
  readonly compiled: boolean;
  readonly policyNames: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

/** An evaluator's cache of verified tokens, counted since the evaluator began. */
export interface JwtCacheCounts {
  readonly hits: number;
  readonly misses: number;
  readonly entries: number;
  readonly bytes: number;
}

/** What a worker answers to a batch. */
export interface BatchAnswer {
  /** One for each request, in order; null where the evaluation ended in a fault of our own. */
  readonly decisions: readonly (Decision | null)[];
  /** How long all evaluations together took. */
  readonly evaluationMs: number;
  readonly jwtCache: JwtCacheCounts;
  /** What the first fault was, for the log; absent when there is no null among the decisions. */
  readonly fault?: string;
}

/** Returns the message that carries the requests to a worker. */
export function packBatch(inputs: readonly CheckInput[]): string {
  return JSON.stringify(inputs);
}

/** Returns the requests that {@link packBatch} put into the message. */
export function unpackBatch(message: string): readonly CheckInput[] {
  return JSON.parse(message);
}

/** Returns the message that carries a worker's answer back. */
export function packAnswer(answer: BatchAnswer): string {
  return JSON.stringify(answer);
}

/**
 * Returns the answer in a worker's message, or undefined when it makes no sense: wrong type, not as many
 * decisions as requests, or one that is no decision. Nothing is allowed by an answer that is not understood.
 */
export function unpackAnswer(message: unknown, requests: number): BatchAnswer | undefined {
  const answer = parseObject(message);
  if (answer === undefined) return undefined;
  const decisions = ownValue(answer, "decisions");
  if (!Array.isArray(decisions) || decisions.length !== requests) return undefined;
  if (!decisions.every(isDecisionOrNull)) return undefined;
  const evaluationMs = ownValue(answer, "evaluationMs");
  const jwtCache = ownValue(answer, "jwtCache");
  if (typeof evaluationMs !== "number" || !isJwtCacheCounts(jwtCache)) return undefined;
  const fault = ownValue(answer, "fault");
  return { decisions, evaluationMs, jwtCache, ...(typeof fault === "string" ? { fault } : {}) };
}

/** Whether the value is a worker's answer to a probe. */
export function isProbeAnswer(value: unknown): value is ProbeAnswer {
  return (
    typeof value === "object" &&
    value !== null &&
    "compiled" in value &&
    typeof value.compiled === "boolean" &&
    "policyNames" in value &&
    Array.isArray(value.policyNames) &&
    "diagnostics" in value &&
    Array.isArray(value.diagnostics)
  );
}

function parseObject(message: unknown): JsonObject | undefined {
  if (typeof message !== "string") return undefined;
  try {
    const value: JsonValue = JSON.parse(message);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** With which reasons a request may pass at all. */
const mayAllow: Readonly<Record<DecisionReason, boolean>> = {
  passed: true,
  "no-rule-applies": true,
  "rule-failed": false,
  "evaluation-error": false,
  "no-policy": false,
  "bad-request": false,
};

function isDecisionOrNull(value: JsonValue): value is (JsonObject & Decision) | null {
  if (value === null) return true;
  if (!isJsonObject(value)) return false;
  const allowed = ownValue(value, "allowed");
  const reason = ownValue(value, "reason");
  if (typeof reason !== "string" || typeof ownValue(value, "body") !== "string") return false;
  const allowable = ownValue<boolean>(mayAllow, reason);
  return allowable !== undefined && typeof allowed === "boolean" && (allowable || !allowed);
}

function isJwtCacheCounts(value: JsonValue | undefined): value is JsonObject & JwtCacheCounts {
  return (
    isJsonObject(value) &&
    ["hits", "misses", "entries", "bytes"].every(
      (name) => typeof ownValue(value, name) === "number",
    )
  );
}
