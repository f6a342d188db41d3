import type { Value } from "../../go-values/value.ts";
import type { Scope } from "../../jmespath/compile/scope.ts";
import type { EvaluationError } from "../../model/evaluation-error.ts";
import type { Fail } from "../assertion/mismatch.ts";
import type { MessageTemplate } from "./message-template.ts";

/**
 * What a rule comes to: it does not apply, it passes, it errs (path in front), or it fails. Texts are made of a
 * failed rule only when someone is to read them.
 */
export type RuleOutcome = "skipped" | "passed" | EvaluationError | FailedRule;

/** A rule of which at least one assertion fails, with what its messages are made of. */
export interface FailedRule {
  readonly failed: readonly FailedAssertion[];
  readonly payload: Value;
  /** The rule's variables: those of the trees are not in reach of a message. */
  readonly scope: Scope;
}

/** One failing assertion. */
export interface FailedAssertion {
  readonly message: MessageTemplate | undefined;
  readonly fails: readonly Fail[];
}
