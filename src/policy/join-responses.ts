import type { DenyResponse } from "../model/decision-response.ts";
import { isEvaluationError } from "../model/evaluation-error.ts";
import type { Denial } from "./render-denials.ts";

/**
 * Returns the answer to the client among these denials: the first one of the language that comes last, for a language
 * whose policies always give an answer comes after one that has its answers in annotations.
 */
export function findDenyResponse(denials: readonly Denial[]): DenyResponse | undefined {
  let found: { readonly language: number; readonly deny: DenyResponse } | undefined;
  for (const { language, verdict, answered } of denials) {
    if (found !== undefined && language <= found.language) continue;
    const deny = isEvaluationError(verdict) ? answered?.deny : verdict.deny;
    if (deny !== undefined) found = { language, deny };
  }
  return found?.deny;
}
