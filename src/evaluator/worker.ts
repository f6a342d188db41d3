/** The entry of a worker thread: compiles the policies it was started with once, then answers batches. */
import { parentPort, workerData } from "node:worker_threads";
import type { Decision } from "../model/decision.ts";
import { createEvaluator, type Evaluator } from "./evaluator.ts";
import {
  type BatchAnswer,
  type BatchMessage,
  type NoDecision,
  type ProbeAnswer,
  packAnswer,
  unpackBatch,
  type WorkerStart,
  type WorkerWarning,
} from "./protocol.ts";
import { warmUp } from "./warm-up.ts";

// Node would write them to standard error itself, in a form of its own.
process.removeAllListeners("warning");
process.on("warning", ({ name, message }) => {
  const warning: WorkerWarning = { warning: name, message };
  parentPort?.postMessage(warning, []);
});

const start: WorkerStart = workerData;
const { evaluator, diagnostics } = createEvaluator(start.snapshot, start.options);

/** Returns whether the policies compiled, and what there is to say about them; the worker is warm then. */
export function probe(): ProbeAnswer {
  if (evaluator === undefined) return { compiled: false, policyNames: [], diagnostics };
  warmUp(evaluateBatch);
  const { policyNames, reads, hasBoundedWork } = evaluator;
  return { compiled: true, policyNames, reads, hasBoundedWork, diagnostics };
}

/** Returns the packed {@link BatchAnswer} to a packed batch. Throws only when the policies did not compile. */
export function evaluateBatch(message: BatchMessage): string {
  if (evaluator === undefined) throw new Error("the policies did not compile");
  return packAnswer(answerBatch(evaluator, message));
}

function answerBatch(ready: Evaluator, message: BatchMessage): BatchAnswer {
  const requests = unpackBatch(message);
  const begunMs = performance.now();
  let nowMs = begunMs;
  let fault: string | undefined;
  const decisions = requests.map(({ input, deadline }): Decision | NoDecision => {
    // Nobody waits for it any more, while others wait behind it.
    if (deadline.isOver(nowMs)) return "overdue";
    // One request must not take the others of its batch down with it, whatever goes wrong with it.
    try {
      const decision = ready.decide(input);
      if (decision.fault === undefined) return decision;
      const { fault: found, ...rest } = decision;
      fault ??= found;
      return rest;
    } catch (error) {
      fault ??= error instanceof Error ? (error.stack ?? error.message) : String(error);
      return "fault";
    } finally {
      nowMs = performance.now();
    }
  });
  return {
    decisions,
    evaluationMs: nowMs - begunMs,
    jwtCache: ready.jwtCacheStats(),
    ...(fault === undefined ? {} : { fault }),
  };
}
