import { locateInText } from "../../documents/locate-in-text.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { PolicyDocument } from "../document/document.ts";
import { type AnswerHeader, answerAnnotations, type PolicyAnswers } from "./answer-document.ts";

/** Headers of allowed requests, with the policies that set them. */
export class SharedHeaders {
  readonly #policies = new Map<string, string>();

  /** Returns warnings of headers that a policy looked at before sets, too. */
  findIn(document: PolicyDocument, { allowed }: PolicyAnswers): readonly Diagnostic[] {
    if (allowed === undefined) return [];
    const { file, name: policy } = document;
    const answers = [allowed.general, ...allowed.rules.values()];
    const path = ["metadata", "annotations", answerAnnotations.allowed];
    const warnings: Diagnostic[] = [];
    const look = (where: string, headers: readonly AnswerHeader[]): void => {
      for (const { name, value, action } of headers) {
        if (action === "append") continue;
        const key = `${where} ${name}`;
        const other = this.#policies.get(key);
        this.#policies.set(key, policy);
        if (other === undefined || other === policy) continue;
        const later = other < policy ? policy : other;
        const message = `policies \`${other}\` and \`${policy}\` set the header \`${name}\`: where both allow, that of \`${later}\` is told`;
        const place = locateInText(document, path, allowed.text, value.offset);
        warnings.push({ code: "POLICY_ANSWER", severity: "warning", message, file, ...place });
      }
    };
    look(
      "request",
      answers.flatMap(({ headers }) => headers),
    );
    look(
      "response",
      answers.flatMap(({ responseHeaders }) => responseHeaders),
    );
    return warnings;
  }
}
