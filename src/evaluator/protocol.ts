/**
 * Everything that crosses between the main thread and a worker. Data only.
 *
 * A batch is one JSON text each way, with long texts beside it: docs/decisions/010-messages-and-choice-of-worker.md has
 * the figures. JSON keeps a payload whole: it is JSON by type, lone surrogates are escaped, and `__proto__` stays an
 * ordinary key.
 */

import { parseOwnJson } from "../json/parse-json.ts";
import type { CheckInput } from "../model/check-input.ts";
import { Deadline, noDeadline } from "../model/deadline.ts";
import type { Decision, DecisionReason } from "../model/decision.ts";
import { isResponseTo } from "../model/decision-response.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { isJsonObject, type JsonObject, type JsonValue, ownValue } from "../model/json.ts";
import type { PolicyOptions } from "../model/limits.ts";
import { isPayloadReads, type PayloadReads } from "../model/payload-reads.ts";
import type { PolicySnapshot } from "../model/policy-snapshot.ts";
import { type LongText, putLongTexts, takeLongTexts } from "./long-texts.ts";
import { toLocalMs, toSharedMs } from "./thread-clock.ts";

/** The start of a worker: its `workerData`. */
export interface WorkerStart {
  readonly snapshot: PolicySnapshot;
  readonly options: PolicyOptions;
}

/** A worker's word on the policies that it was started with. */
export interface ProbeAnswer {
  /** Whether they compiled, so that batches can be sent. */
  readonly compiled: boolean;
  readonly policyNames: readonly string[];
  /** What they may read of a payload; absent: all of it. */
  readonly reads?: PayloadReads;
  /** Whether what a request may cost has a bound linear in its size; absent: nothing is known. */
  readonly hasBoundedWork?: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

/** An evaluator's cache of tokens, good and refused, counted since the evaluator began. */
export interface JwtCacheCounts {
  readonly hits: number;
  readonly misses: number;
  readonly entries: number;
  readonly bytes: number;
}

/** A request as it goes to a worker. */
export interface BatchRequest {
  readonly input: CheckInput;
  /** On the clock of this thread's `performance.now()`. */
  readonly deadline: Deadline;
}

/** A batch on its way: JSON, and beside it the texts that are too long for that. */
export type BatchMessage =
  | string
  | { readonly text: string; readonly longTexts: readonly LongText[] };

/** The reason why a request of a batch has no decision: a fault of our own, or its deadline had passed before its turn. */
export type NoDecision = "fault" | "overdue";

/** A worker's answer to a batch. */
export interface BatchAnswer {
  /** One for each request, in order. */
  readonly decisions: readonly (Decision | NoDecision)[];
  /** How long all evaluations together took. */
  readonly evaluationMs: number;
  readonly jwtCache: JwtCacheCounts;
  /** What the first fault was, for the log; absent when there is none among the decisions. */
  readonly fault?: string;
}

/** Batches below this size on the wire, in bytes, are not searched for long texts. */
const minBytesWithLongTexts = 4_096;

/** Returns the message that carries the requests to a worker. Throws when a payload is no JSON. */
export function packBatch(requests: readonly BatchRequest[]): BatchMessage {
  const inputs = requests.map((request) => request.input);
  // In whole milliseconds, rounded up: shorter to write, and nothing is overdue too early. JSON has no Infinity, and
  // what is not a number becomes 0: long ago.
  const deadlines = requests.map(({ deadline }) =>
    deadline.atMs === Number.POSITIVE_INFINITY
      ? null
      : Math.max(Math.ceil(toSharedMs(deadline.atMs)), 0) || 0,
  );
  if (!inputs.some((input) => input.sizeBytes >= minBytesWithLongTexts)) {
    return JSON.stringify([inputs, deadlines]);
  }
  const trimmed = takeLongTexts(inputs);
  const text = JSON.stringify([trimmed.inputs, deadlines]);
  return trimmed.longTexts.length === 0 ? text : { text, longTexts: trimmed.longTexts };
}

/** Returns the requests that {@link packBatch} put into the message; deadlines are on the clock of this thread. */
export function unpackBatch(message: BatchMessage): readonly BatchRequest[] {
  const text = typeof message === "string" ? message : message.text;
  const [inputs, deadlines]: [CheckInput[], (number | null)[]] = parseOwnJson(text);
  if (typeof message !== "string") putLongTexts(inputs, message.longTexts);
  return inputs.map((input, index) => {
    const atMs = deadlines[index];
    const deadline = atMs === null ? noDeadline : new Deadline(toLocalMs(atMs ?? Number.NaN));
    return { input, deadline };
  });
}

/** The decisions that are made most, and what stands in place of one: a number in an answer is a place in here. */
const codedDecisions: readonly (Decision | NoDecision)[] = [
  "fault",
  "overdue",
  Object.freeze<Decision>({ allowed: true, reason: "passed", body: "" }),
  Object.freeze<Decision>({ allowed: true, reason: "no-rule-applies", body: "" }),
];

/**
 * Returns the message that carries a worker's answer back: `[[decision or code, …], evaluationMs, hits, misses,
 * entries, bytes, fault?]` as JSON.
 */
export function packAnswer(answer: BatchAnswer): string {
  const { decisions, evaluationMs, jwtCache, fault } = answer;
  const { hits, misses, entries, bytes } = jwtCache;
  const coded = decisions.map(encodeDecision);
  return JSON.stringify([coded, evaluationMs, hits, misses, entries, bytes, fault]);
}

/**
 * Returns the answer in a worker's message, or undefined when it makes no sense: wrong type, not as many
 * decisions as requests, or one that is no decision. Nothing is allowed by an answer that is not understood.
 */
export function unpackAnswer(message: unknown, requests: number): BatchAnswer | undefined {
  const [coded, evaluationMs, hits, misses, entries, bytes, fault] = parseArray(message);
  if (!Array.isArray(coded) || coded.length !== requests) return undefined;
  const decisions: (Decision | NoDecision)[] = [];
  for (const value of coded) {
    const decision = decodeDecision(value);
    if (decision === undefined) return undefined;
    decisions.push(decision);
  }
  if (!isAmount(evaluationMs) || !isAmount(hits) || !isAmount(misses)) return undefined;
  if (!isAmount(entries) || !isAmount(bytes)) return undefined;
  const jwtCache = { hits, misses, entries, bytes };
  return { decisions, evaluationMs, jwtCache, ...(typeof fault === "string" ? { fault } : {}) };
}

/** Returns whether the value is a worker's answer to a probe. */
export function isProbeAnswer(value: unknown): value is ProbeAnswer {
  return (
    typeof value === "object" &&
    value !== null &&
    "compiled" in value &&
    typeof value.compiled === "boolean" &&
    "policyNames" in value &&
    Array.isArray(value.policyNames) &&
    (!("reads" in value) || isPayloadReads(value.reads)) &&
    (!("hasBoundedWork" in value) || typeof value.hasBoundedWork === "boolean") &&
    "diagnostics" in value &&
    Array.isArray(value.diagnostics)
  );
}

/** A warning of Node's, on its way to the main thread, which logs it. */
export interface WorkerWarning {
  readonly warning: string;
  readonly message: string;
}

/** Returns whether the value is a warning that a worker forwards. */
export function isWorkerWarning(value: unknown): value is WorkerWarning {
  return (
    typeof value === "object" &&
    value !== null &&
    "warning" in value &&
    typeof value.warning === "string" &&
    "message" in value &&
    typeof value.message === "string"
  );
}

function parseArray(message: unknown): readonly JsonValue[] {
  if (typeof message !== "string") return [];
  try {
    const value: JsonValue = parseOwnJson(message);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

function isAmount(value: JsonValue | undefined): value is number {
  return typeof value === "number" && value >= 0 && value < Number.POSITIVE_INFINITY;
}

/** The decision's code when it has one and says no more than the code does. */
function encodeDecision(decision: Decision | NoDecision): number | Decision {
  if (decision === "fault") return 0;
  if (decision === "overdue") return 1;
  const { allowed, reason, body, policy, rule, response, ignoredErrors } = decision;
  if (!allowed || body !== "" || policy !== undefined || rule !== undefined) return decision;
  if (response !== undefined || ignoredErrors !== undefined) return decision;
  if (reason === "passed") return 2;
  return reason === "no-rule-applies" ? 3 : decision;
}

function decodeDecision(value: JsonValue): Decision | NoDecision | undefined {
  // A number that is no place in the table is no own key of it.
  if (typeof value === "number") return codedDecisions[value];
  return isDecision(value) ? value : undefined;
}

/** With which reasons a request may pass at all. */
const mayAllow: Readonly<Record<DecisionReason, boolean>> = {
  passed: true,
  "no-rule-applies": true,
  "rule-failed": false,
  "evaluation-error": false,
  "no-policy": false,
  "bad-request": false,
  "ambiguous-path": false,
};

function isDecision(value: JsonValue): value is JsonObject & Decision {
  if (!isJsonObject(value)) return false;
  const allowed = ownValue(value, "allowed");
  const reason = ownValue(value, "reason");
  if (typeof reason !== "string" || typeof ownValue(value, "body") !== "string") return false;
  const allowable = ownValue<boolean>(mayAllow, reason);
  if (allowable === undefined || typeof allowed !== "boolean" || (allowed && !allowable)) {
    return false;
  }
  const ignoredErrors = ownValue(value, "ignoredErrors");
  if (ignoredErrors !== undefined && !Array.isArray(ignoredErrors)) return false;
  const response = ownValue(value, "response");
  return response === undefined || isResponseTo(allowed, response);
}
