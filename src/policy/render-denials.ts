import { normalizeBytes } from "../go-values/go-string.ts";
import type { ClientTexts } from "../model/client-texts.ts";
import {
  clientTextOf,
  type EvaluationError,
  isEvaluationError,
} from "../model/evaluation-error.ts";
import type { PolicyOptions } from "../model/limits.ts";
import type { RuleError, RuleFailure } from "../model/policy-language.ts";

/** A rule that keeps a request from passing. */
export interface Denial {
  /** The place of its language among all. */
  readonly language: number;
  readonly policy: string;
  readonly rule: string;
  readonly verdict: EvaluationError | RuleFailure;
  /** With an error: what its policy has the client answered. */
  readonly answered?: RuleError;
}

const detailsPrefix = "Request denied by Kyverno JSON engine. Reason: ";
/** What a client is told of a rule that could not be evaluated. */
const errorBody = "the request could not be evaluated";

/** The text that a client is told when no rule applies. */
export const noRuleAppliesBody = "no rule applies";

/**
 * Returns the text that tells a client why it is denied: the messages of the failed rules, the original's text (with what a
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

function renderMessages({ policy, verdict }: Denial, maxLength: number): string {
  if (isEvaluationError(verdict)) return errorBody;
  return verdict.renderMessages(maxLength) || `denied by policy ${policy}`;
}

function renderDetails({ verdict }: Denial, texts: ClientTexts, maxLength: number): string {
  if (isEvaluationError(verdict)) return clientTextOf(verdict, texts);
  const entries = verdict.renderViolations(maxLength).map(({ message, errors }) => {
    const lines = errors.map((error) => ` -> ${error}`);
    return message === undefined ? lines.join("\n") : [`-> ${message}`, ...lines].join("\n");
  });
  return entries.join("; ");
}

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
