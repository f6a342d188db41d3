import { locateInText } from "../../documents/locate-in-text.ts";
import type { Door } from "../../model/check-record.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { PolicyDocument } from "../document/document.ts";
import {
  type AnsweredVerdict,
  type AnswerFault,
  type AnswerFields,
  answerAnnotations,
  type PolicyAnswer,
  type PolicyAnswers,
} from "./answer-document.ts";
import { readAnswers } from "./read-answers.ts";

/** Reads the annotations that say what the proxy is told, and notes what is wrong with them. */
export function readPolicyAnswers(
  document: PolicyDocument,
  openDoors: readonly Door[],
  found: Diagnostic[],
): PolicyAnswers {
  const ruleNames = document.rules.map(({ name }) => name);
  const { answers, faults } = readAnswers(document.metadata, ruleNames);
  const untold = openDoors.includes("http") ? findUntold(answers) : [];
  for (const { verdict, severity, message, offset } of [...faults, ...untold]) {
    const path = ["metadata", "annotations", answerAnnotations[verdict]];
    const text = answers[verdict]?.text ?? "";
    const place = locateInText(document, path, text, offset);
    found.push({ code: "POLICY_ANSWER", severity, message, file: document.file, ...place });
  }
  return answers;
}

/** Returns a warning for each field of the answers that the HTTP door tells no proxy of. */
function findUntold({ allowed, denied }: PolicyAnswers): readonly AnswerFault[] {
  const fields = fieldsOf(allowed);
  const untold = [
    ...(fields.some(({ removeHeaders }) => removeHeaders.length > 0) ? ["removeHeaders"] : []),
    ...(fields.some(({ responseHeaders: all }) => all.length > 0) ? ["responseHeaders"] : []),
    ...(fields.some(({ queryParameters: all }) => all.length > 0) ? ["queryParameters"] : []),
    ...(fields.some(({ removeQueryParameters: all }) => all.length > 0)
      ? ["removeQueryParameters"]
      : []),
    ...(hasMetadata(allowed) ? ["metadata"] : []),
  ];
  return [
    ...untold.map((name) => warnOf("allowed", name)),
    ...(hasMetadata(denied) ? [warnOf("denied", "metadata")] : []),
  ];
}

function fieldsOf(answer: PolicyAnswer | undefined): readonly AnswerFields[] {
  return answer === undefined ? [] : [answer.general, ...answer.rules.values()];
}

function hasMetadata(answer: PolicyAnswer | undefined): boolean {
  return fieldsOf(answer).some(({ metadata }) => metadata !== undefined);
}

function warnOf(verdict: AnsweredVerdict, name: string): AnswerFault {
  const message = `the HTTP door is open, and tells no proxy of \`${name}\``;
  return { verdict, severity: "warning", message, offset: 0 };
}
