import type { JudgeOptions } from "../../src/server/check/answer-check.ts";

/** The options of doors in tests; a fault of our own fails the test. */
export const answerOptions: Omit<JudgeOptions, "dispatcher" | "observer" | "defaultDeadlineMs"> = {
  deadlineMarginMs: 20,
  shed: "deny",
  showReason: true,
  onFault: (where, error) => {
    queueMicrotask(() => {
      throw new Error(`a fault of our own: ${where}`, { cause: error });
    });
  },
};
