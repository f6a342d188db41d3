import {
  describeFault,
  type EvaluationError,
  isEvaluationError,
} from "../../model/evaluation-error.ts";
import { mustDeny } from "../../model/step-limit.ts";
import type { Evaluate, Frame } from "../functions/frame.ts";
import { noSuchOverload } from "../values/errors.ts";
import { CelMessage } from "../values/message.ts";
import type { CelResult } from "../values/value.ts";
import type { Selector } from "./policy-index.ts";
import { PolicyVariables } from "./policy-variables.ts";

/** One exception to a policy. */
export interface CompiledException {
  /** When it ends, in milliseconds since 1970-01-01T00:00:00Z; Infinity: never. */
  readonly expiresAtMs: number;
  readonly conditions: readonly Evaluate[];
}

/** A policy, ready to judge requests. */
export interface CompiledCelPolicy {
  readonly name: string;
  readonly ignoresErrors: boolean;
  /** The test that its first condition is, for the index. */
  readonly selector: Selector | undefined;
  readonly conditions: readonly Evaluate[];
  readonly variables: ReadonlyMap<string, Evaluate>;
  readonly exceptions: readonly CompiledException[];
  readonly validations: readonly Evaluate[];
}

/** The outcome of a policy that has something to say of a request. */
export interface CelOutcome {
  /** The part of the policy that says it, as `validations[0]`. */
  readonly rule: string;
  /** The response message, or the error that stands for it. */
  readonly result: CelMessage | EvaluationError;
  /** With an error: whether `failurePolicy: Ignore` lets the policy stay silent. */
  readonly isIgnored: boolean;
}

/**
 * Returns what the policy says of the request, or undefined when it says nothing: conditions, exceptions, then validations
 * in order, of which the first that is not null is the response. Never throws: an exception is a fault of ours, and an
 * error that nothing ignores.
 */
export function evaluatePolicy(policy: CompiledCelPolicy, frame: Frame): CelOutcome | undefined {
  try {
    return judge(policy, frame);
  } catch (error) {
    return errorOf(policy, "policy", describeFault(error));
  }
}

function judge(policy: CompiledCelPolicy, frame: Frame): CelOutcome | undefined {
  const applies = matchesAll(policy.conditions, frame);
  if (applies !== true) {
    return applies === false ? undefined : errorOf(policy, "matchConditions", applies);
  }
  const inner =
    policy.variables.size === 0
      ? frame
      : { ...frame, variables: new PolicyVariables(policy.variables, frame) };
  for (const exception of policy.exceptions) {
    const isException = holds(exception, inner);
    if (isException === true) return undefined;
    if (isException !== false) return errorOf(policy, "exceptions", isException);
  }
  for (const [index, validation] of policy.validations.entries()) {
    const result = validation(inner);
    if (result === null) continue;
    const rule = `validations[${index}]`;
    if (isEvaluationError(result)) return errorOf(policy, rule, result);
    if (result instanceof CelMessage) return { rule, result, isIgnored: false };
    return errorOf(policy, rule, noSuchOverload("response"));
  }
  return undefined;
}

/** Returns whether all conditions hold. The first that is false decides, whatever error came before it. */
function matchesAll(conditions: readonly Evaluate[], frame: Frame): boolean | EvaluationError {
  let error: EvaluationError | undefined;
  for (const condition of conditions) {
    const holdsHere = toBool(condition(frame));
    if (holdsHere === false) return error !== undefined && mustDeny(error) ? error : false;
    if (holdsHere !== true) error ??= holdsHere;
  }
  return error ?? true;
}

/** Returns whether an exception holds: all of its conditions are evaluated, and the first error among them counts. */
function holds(exception: CompiledException, frame: Frame): boolean | EvaluationError {
  if (frame.nowMs >= exception.expiresAtMs) return false;
  let holdsSoFar = true;
  let error: EvaluationError | undefined;
  for (const condition of exception.conditions) {
    const holdsHere = toBool(condition(frame));
    if (holdsHere === false) holdsSoFar = false;
    else if (holdsHere !== true) error ??= holdsHere;
  }
  return error ?? holdsSoFar;
}

function toBool(result: CelResult): boolean | EvaluationError {
  if (typeof result === "boolean" || isEvaluationError(result)) return result;
  return noSuchOverload("condition");
}

/** Limits of ours and faults deny whatever the policy says of errors. */
function errorOf(policy: CompiledCelPolicy, rule: string, error: EvaluationError): CelOutcome {
  return { rule, result: error, isIgnored: policy.ignoresErrors && !mustDeny(error) };
}
