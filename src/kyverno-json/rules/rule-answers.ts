import type { Value } from "../../go-values/value.ts";
import type { Scope } from "../../jmespath/compile/scope.ts";
import {
  type AllowResponse,
  type DenyResponse,
  joinAllows,
} from "../../model/decision-response.ts";
import { type EvaluationError, isEvaluationError } from "../../model/evaluation-error.ts";
import type { Origin, TreeCompiler, Variables } from "../assertion/tree.ts";
import { type AnsweredVerdict, answerAnnotations } from "../templates/answer-document.ts";
import {
  type CompilePlaceholder,
  compileAllowed,
  compileDenied,
  type Expand,
} from "../templates/compile-answers.ts";
import { type ParsedAnswer, type RuleAnswers, textsOf } from "../templates/parse-answers.ts";
import { AnsweredError, type RuleOutcome } from "./rule-outcome.ts";

/** The answers of a rule, ready to be expanded. */
export interface CompiledAnswers {
  readonly hasAnswers: boolean;
  readonly denied: Expand<DenyResponse> | undefined;
  /** Returns the outcome with what the proxy is told. */
  readonly answer: (
    outcome: RuleOutcome,
    payload: Value,
    scope: Scope,
    isFirst: boolean,
  ) => RuleOutcome;
}

/** Compiles what the annotations of a policy say of one rule, over the variables of that rule. */
export function compileRuleAnswers(
  answers: RuleAnswers,
  variables: Variables,
  compiler: TreeCompiler,
): CompiledAnswers {
  const denied = answers.denied && compileDenied(answers.denied, placeholders("denied"));
  const compileAllow = (answer: ParsedAnswer | undefined) =>
    answer && compileAllowed(answer, placeholders("allowed"));
  const general = compileAllow(answers.allowed);
  const own = compileAllow(answers.ownAllowed);
  for (const verdict of ["denied", "allowed"] as const) reportBraces(verdict);
  return {
    hasAnswers: [denied, general, own].some((answer) => answer !== undefined),
    denied,
    answer: (outcome, payload, scope, isFirst) => {
      if (outcome === "passed") {
        return allow(isFirst ? [general, own] : [own], payload, scope, denied);
      }
      return isEvaluationError(outcome) ? withAnswer(outcome, payload, scope, denied) : outcome;
    },
  };

  function placeholders(verdict: AnsweredVerdict): CompilePlaceholder {
    return ({ message, offset }, index) => {
      const placeholder = message.placeholders[index];
      if (placeholder === undefined) throw new Error("a text has fewer placeholders");
      return compiler.compile(placeholder.expression, offset, originOf(verdict));
    };
  }

  function originOf(verdict: AnsweredVerdict): Origin {
    const documentPath = ["metadata", "annotations", answerAnnotations[verdict]];
    const text = answers.texts[verdict];
    return { documentPath, text, isKey: false, isAnswer: true, variables };
  }

  function reportBraces(verdict: AnsweredVerdict): void {
    const found = verdict === "denied" ? [answers.denied] : [answers.allowed, answers.ownAllowed];
    for (const answer of found) {
      if (answer === undefined) continue;
      if (!textsOf(answer).some(({ message }) => message.hasStrayBraces)) continue;
      const fault = "a placeholder of an answer is `{{ expression }}` in one line";
      compiler.report("POLICY_ANSWER", "error", fault, originOf(verdict));
    }
  }
}

/** An answer that cannot be expanded denies: the application would trust what the client sent in its place. */
function allow(
  answers: readonly (Expand<AllowResponse | EvaluationError> | undefined)[],
  payload: Value,
  scope: Scope,
  denied: Expand<DenyResponse> | undefined,
): RuleOutcome {
  let joined: AllowResponse | undefined;
  for (const expand of answers) {
    const response = expand?.(payload, scope);
    if (response === undefined) continue;
    if (isEvaluationError(response)) return withAnswer(response, payload, scope, denied);
    joined = joined === undefined ? response : joinAllows(joined, response);
  }
  return joined === undefined ? "passed" : { allow: joined };
}

function withAnswer(
  error: EvaluationError,
  payload: Value,
  scope: Scope,
  denied: Expand<DenyResponse> | undefined,
): RuleOutcome {
  return denied === undefined ? error : new AnsweredError(error, () => denied(payload, scope));
}
