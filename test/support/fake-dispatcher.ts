import type { CheckInput } from "../../src/model/check-input.ts";
import type { Decision } from "../../src/model/decision.ts";
import { readsEverything } from "../../src/model/payload-reads.ts";
import type { Dispatcher, Outcome } from "../../src/pool/dispatcher.ts";

/** A dispatcher that does what it is told; `seen` lists what it was given. */
export interface FakeDispatcher extends Dispatcher {
  readonly seen: { readonly input: CheckInput; readonly deadlineMs: number }[];
}

/** Returns a dispatcher that answers with `act`. */
export function createFakeDispatcher(
  act: (done: (outcome: Outcome) => void, input: CheckInput) => void,
): FakeDispatcher {
  const seen: { input: CheckInput; deadlineMs: number }[] = [];
  return {
    seen,
    revision: "r",
    serving() {
      return this;
    },
    reads: () => readsEverything,
    dispatch(input, deadline, done) {
      seen.push({ input, deadlineMs: deadline.atMs });
      act(done, input);
    },
    dropOverdue() {},
    async ready() {},
    async close() {},
  };
}

export const allowed: Decision = { allowed: true, reason: "passed", body: "" };
export const denied: Decision = { allowed: false, reason: "rule-failed", body: "not you" };
