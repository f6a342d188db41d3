import type { Value } from "../../go-values/value.ts";
import type { Scope } from "../../jmespath/compile/scope.ts";
import type { Violation } from "../../model/decision.ts";
import type { DenyResponse } from "../../model/decision-response.ts";
import type { EvaluationError } from "../../model/evaluation-error.ts";
import type { RuleError, RuleFailure, RulePass } from "../../model/policy-language.ts";
import { charge } from "../../model/step-limit.ts";
import type { Fail } from "../assertion/mismatch.ts";
import type { Expand } from "../templates/compile-answers.ts";
import type { MessageTemplate } from "../templates/message-template.ts";

/**
 * The outcome of a rule: it does not apply, it passes, it errs (path in front), or it fails; the latter three also with what
 * the proxy is told.
 */
export type RuleOutcome =
  | "skipped"
  | "passed"
  | RulePass
  | EvaluationError
  | RuleError
  | FailedRule;

/** An error with what the policy has the client answered. */
export class AnsweredError implements RuleError {
  readonly error: EvaluationError;
  readonly #answer: () => DenyResponse;

  constructor(error: EvaluationError, answer: () => DenyResponse) {
    this.error = error;
    this.#answer = answer;
  }

  /** Expanded when it is read: of several denials one answers. */
  get deny(): DenyResponse {
    return this.#answer();
  }
}

/** One failing assertion. */
export interface FailedAssertion {
  readonly message: MessageTemplate | undefined;
  readonly fails: readonly Fail[];
}

/** Bytes that the text of a fail costs beside the values that it shows. */
const BYTES_PER_FAIL = 512;

/** A rule of which at least one assertion fails. */
export class FailedRule implements RuleFailure {
  readonly #failed: readonly FailedAssertion[];
  readonly #payload: Value;
  /** The rule's variables: those of the trees are not in reach of a message. */
  readonly #scope: Scope;
  readonly #answer: Expand<DenyResponse> | undefined;

  constructor(
    failed: readonly FailedAssertion[],
    payload: Value,
    scope: Scope,
    answer?: Expand<DenyResponse>,
  ) {
    this.#failed = failed;
    this.#payload = payload;
    this.#scope = scope;
    this.#answer = answer;
  }

  /** Expanded when it is read: of several denials one answers. */
  get deny(): DenyResponse | undefined {
    return this.#answer?.(this.#payload, this.#scope);
  }

  /** Renders the messages of the failed assertions, a line each, until they are longer than `maxLength` UTF-16 units. */
  renderMessages(maxLength: number): string {
    let lines = "";
    for (const { message } of this.#failed) {
      if (lines.length > maxLength) break;
      const text = message?.(this.#payload, this.#scope) ?? "";
      if (text !== "") lines += lines === "" ? text : `\n${text}`;
    }
    return lines;
  }

  /**
   * Renders the failing assertions, each with its message, if it has one. What goes beyond `maxLength` UTF-16 units in
   * all is left out, and what the request's budget does not pay for: it can make many and large ones.
   */
  renderViolations(maxLength: number): Violation[] {
    const { budget } = this.#scope;
    let length = 0;
    return this.#failed.map(({ message, fails }) => {
      const text = message?.(this.#payload, this.#scope) ?? "";
      length += text.length;
      const errors: string[] = [];
      for (const fail of fails) {
        if (length > maxLength || charge(budget, BYTES_PER_FAIL) !== undefined) break;
        const error = fail.render(maxLength, budget);
        length += error.length;
        errors.push(error);
      }
      return text === "" ? { errors } : { message: text, errors };
    });
  }
}
