import { EvaluationError } from "./evaluation-error.ts";

/** A call to the outside that a policy makes. */
export interface OutboundCall {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body?: string;
}

/** The end of a call: with an answer, whatever its status, or without one. */
export type OutboundAnswer =
  /** Bytes of the body that are not UTF-8 are U+FFFD. */
  | { readonly kind: "response"; readonly status: number; readonly body: string }
  | { readonly kind: "failure"; readonly message: string };

/** Answers that are there already. */
export interface OutboundAnswers {
  readonly find: (call: OutboundCall) => OutboundAnswer | undefined;
}

/** How many different calls one evaluation may make. */
const maxOutboundCalls = 4;

/** Returns a text that two calls have in common when they are the same in all parts; the order of headers is none. */
function outboundCallKey({ method, url, headers, body }: OutboundCall): string {
  const sorted = headers.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return JSON.stringify([method, url, sorted, body ?? null]);
}

/**
 * The calls of one evaluation. Evaluating stays pure: a call without an answer is noted, and ends the evaluation with an error
 * that nothing absorbs; once the answer has come the evaluation is made again, with calls noted anew.
 */
export class OutboundCalls {
  /** Calls that have no answer yet. */
  readonly pending: OutboundCall[] = [];
  readonly #answers: OutboundAnswers;
  readonly #made = new Set<string>();

  constructor(answers: OutboundAnswers) {
    this.#answers = answers;
  }

  /** Returns the answer, or the error that ends the evaluation. */
  ask(call: OutboundCall): OutboundAnswer | EvaluationError {
    this.#made.add(outboundCallKey(call));
    if (this.#made.size > maxOutboundCalls) return tooManyCalls;
    const answer = this.#answers.find(call);
    if (answer !== undefined) return answer;
    this.pending.push(call);
    return unanswered;
  }
}

const tooManyCalls = new EvaluationError(
  "EVALUATION_CALL_LIMIT",
  `the evaluation makes more than ${maxOutboundCalls} outside calls`,
);
const unanswered = new EvaluationError(
  "EVALUATION_PENDING",
  "the answer to an outside call is not there yet",
);
