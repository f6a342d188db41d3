import type { DecisionResponse } from "./decision-response.ts";
import type { EvaluationErrorCode, RequestErrorCode } from "./error-codes.ts";

/** The status of one rule: every applying rule gives one, skipped rules give none. */
export type RuleStatus = "pass" | "fail" | "error";

/** One failing assertion: its message, if it has one, and the text of each field that was not as expected. */
export interface Violation {
  readonly message?: string;
  readonly errors: readonly string[];
}

/** The outcome of one rule that applied. */
export interface RuleResult {
  readonly policy: string;
  readonly rule: string;
  readonly status: RuleStatus;
  /** The rule's rendered `identifier`, where it has one; it never decides. */
  readonly identifier?: string;
  /** With status `error`: what went wrong, path in front. */
  readonly error?: { readonly code: EvaluationErrorCode; readonly message: string };
  /** With status `fail`: one entry for each failing assertion. */
  readonly violations?: readonly Violation[];
}

/** The reason of a decision; also the label of the request counter. */
export type DecisionReason =
  | "passed"
  | "rule-failed"
  | "evaluation-error"
  | "no-rule-applies"
  | "no-policy"
  | "bad-request"
  | "ambiguous-path";

/**
 * The answer to one request. Whatever is not exactly `allowed: true` is a deny. Data only: it crosses threads.
 */
export interface Decision {
  readonly allowed: boolean;
  readonly reason: DecisionReason;
  /** The text for the client; empty when allowed or when `--deny-body none`. */
  readonly body: string;
  /**
   * What the proxy is told beside the verdict, if the policy that decided says so. It never changes the verdict: one
   * whose kind does not fit `allowed` is left out.
   */
  readonly response?: DecisionResponse;
  /** The first rule that decided, for logs and metrics; absent when no rule did. */
  readonly policy?: string;
  readonly rule?: string;
  /** With reason `evaluation-error`: the code of the first error. */
  readonly errorCode?: EvaluationErrorCode;
  /** The stack of a fault of our own in any rule, for the log. */
  readonly fault?: string;
  /** Errors that policies want ignored (`failurePolicy: Ignore`): they change nothing, but are counted. */
  readonly ignoredErrors?: readonly DecisionError[];
  /** With reason `bad-request`: why the request could not be read. */
  readonly requestErrorCode?: RequestErrorCode;
}

/** An error of one policy. */
export interface DecisionError {
  readonly policy: string;
  readonly code: EvaluationErrorCode;
}
