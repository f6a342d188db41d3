import { normalizeBytes } from "../go-values/go-string.ts";
import type { FailedRule } from "../kyverno-json/rules/rule-outcome.ts";
import type { ClientTexts } from "../model/client-texts.ts";
import type { Violation } from "../model/decision.ts";
import {
  clientTextOf,
  type EvaluationError,
  isEvaluationError,
} from "../model/evaluation-error.ts";
import type { PolicyOptions } from "../model/limits.ts";
import { charge } from "../model/step-limit.ts";

/** A rule that keeps a request from passing. */
export interface Denial {
  readonly policy: string;
  readonly rule: string;
  readonly outcome: EvaluationError | FailedRule;
}

const detailsPrefix = "Request denied by Kyverno JSON engine. Reason: ";
/** What a client is told of a rule that could not be evaluated. */
const errorBody = "the request could not be evaluated";

/** What a client is told when no rule applies. */
export const noRuleAppliesBody = "no rule applies";

/**
 * The text that tells a client why it is denied: the messages of the failed rules, the original's text (with what a
 * policy spells out masked), or nothing.
 * It ends at `maxStringBytes` UTF-16 units; bytes that are not UTF-8 become U+FFFD.
 */
export function buildDenyBody(
  denials: readonly Denial[],
  options: PolicyOptions,
  texts: ClientTexts,
): string {
  const maxLength = options.limits.maxStringBytes;
  switch (options.denyBody) {
    case "none":
      return "";
    case "messages":
      return toPlainText(
        renderLines(denials, (denial) => renderMessages(denial, maxLength), "\n", maxLength),
      );
    case "details": {
      const render = (denial: Denial): string => renderDetails(denial, texts, maxLength);
      return toPlainText(`${detailsPrefix}${renderLines(denials, render, "; ", maxLength)}`);
    }
  }
}

/**
 * The failing assertions of a rule as texts, each with its message, if it has one. What goes beyond `maxLength`
 * UTF-16 units in all is left out, and what the request's budget does not pay for: it can make many and large ones.
 */
export function renderViolations(rule: FailedRule, maxLength: number): Violation[] {
  const { budget } = rule.scope;
  let length = 0;
  return rule.failed.map(({ message, fails }) => {
    const text = message?.(rule.payload, rule.scope) ?? "";
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

function renderMessages({ policy, outcome }: Denial, maxLength: number): string {
  if (isEvaluationError(outcome)) return errorBody;
  let lines = "";
  for (const { message } of outcome.failed) {
    if (lines.length > maxLength) break;
    const text = message?.(outcome.payload, outcome.scope) ?? "";
    if (text !== "") lines += lines === "" ? text : `\n${text}`;
  }
  return lines === "" ? `denied by policy ${policy}` : lines;
}

function renderDetails({ outcome }: Denial, texts: ClientTexts, maxLength: number): string {
  if (isEvaluationError(outcome)) return clientTextOf(outcome, texts);
  const entries = renderViolations(outcome, maxLength).map(({ message, errors }) => {
    const lines = errors.map((error) => ` -> ${error}`);
    return message === undefined ? lines.join("\n") : [`-> ${message}`, ...lines].join("\n");
  });
  return entries.join("; ");
}

/** Bytes that the text of a fail costs beside the values that it shows. */
const BYTES_PER_FAIL = 512;

/** Of the denials as many as there is room for: each is rendered only where the ones before leave some. */
function renderLines(
  denials: readonly Denial[],
  render: (denial: Denial) => string,
  separator: string,
  maxLength: number,
): string {
  const lines: string[] = [];
  let length = 0;
  for (const denial of denials) {
    if (length > maxLength) break;
    const line = render(denial);
    length += line.length + separator.length;
    lines.push(line);
  }
  return normalizeBytes(lines.join(separator).slice(0, maxLength));
}

/** The `u` flag makes a surrogate match only where it is not half of a pair. */
function toPlainText(text: string): string {
  return text.replace(/[\ud800-\udfff]/gu, "\ufffd");
}
