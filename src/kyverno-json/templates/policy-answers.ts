import { locateInText } from "../../documents/locate-in-text.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { PolicyDocument } from "../document/document.ts";
import { answerAnnotations, type PolicyAnswers } from "./answer-document.ts";
import { readAnswers } from "./read-answers.ts";

/** Reads the annotations that say what the proxy is told, and notes what is wrong with them. */
export function readPolicyAnswers(document: PolicyDocument, found: Diagnostic[]): PolicyAnswers {
  const ruleNames = document.rules.map(({ name }) => name);
  const { answers, faults } = readAnswers(document.metadata, ruleNames);
  for (const { verdict, severity, message, offset } of faults) {
    const path = ["metadata", "annotations", answerAnnotations[verdict]];
    const text = answers[verdict]?.text ?? "";
    const place = locateInText(document, path, text, offset);
    found.push({ code: "POLICY_ANSWER", severity, message, file: document.file, ...place });
  }
  return answers;
}
