import type { JsonObject } from "../../model/json.ts";

/** The annotations in which a policy says what the proxy is told, and the verdict that each is for. */
export const answerAnnotations = {
  denied: "ostiary.dev/denied",
  allowed: "ostiary.dev/allowed",
} as const;

/** The verdicts that a policy can have an answer for. */
export type AnsweredVerdict = keyof typeof answerAnnotations;

/** The content of a policy's annotations, for all of its rules and for single ones. */
export type PolicyAnswers = { readonly [V in AnsweredVerdict]?: PolicyAnswer };

/** One annotation. */
export interface PolicyAnswer {
  /** The annotation's text. */
  readonly text: string;
  readonly general: AnswerFields;
  /** By the rule's name. */
  readonly rules: ReadonlyMap<string, AnswerFields>;
}

/** The fields of an answer; texts may hold `{{ expressions }}`. */
export interface AnswerFields {
  readonly status?: number;
  readonly body?: AnswerText;
  /** On deny headers of the answer, on allow headers of the request as the application gets it. */
  readonly headers: readonly AnswerHeader[];
  readonly responseHeaders: readonly AnswerHeader[];
  readonly removeHeaders: readonly string[];
  readonly queryParameters: readonly AnswerParameter[];
  readonly removeQueryParameters: readonly string[];
  /** Texts anywhere inside may hold expressions. */
  readonly metadata?: JsonObject;
}

/** A text of an answer and its place in the annotation. */
export interface AnswerText {
  readonly text: string;
  /** Offset in the annotation's text of the member that it is the value of. */
  readonly offset: number;
}

/** A header that is set. */
export interface AnswerHeader {
  /** In lower case. */
  readonly name: string;
  readonly value: AnswerText;
  readonly action: "set" | "append";
}

/** A query parameter that is set. */
interface AnswerParameter {
  readonly name: string;
  readonly value: AnswerText;
}

/** Something that is wrong with an annotation. */
export interface AnswerFault {
  readonly verdict: AnsweredVerdict;
  readonly severity: "error" | "warning";
  readonly message: string;
  /** Offset in the annotation's text. */
  readonly offset: number;
}
