/** The entry of a worker thread: compiles the policies it was started with once, then answers batches. */
import { workerData } from "node:worker_threads";
import type { Decision } from "../model/decision.ts";
import { createEvaluator, type Evaluator } from "./evaluator.ts";
import {
  type BatchAnswer,
  type ProbeAnswer,
  packAnswer,
  unpackBatch,
  type WorkerStart,
} from "./protocol.ts";

const start: WorkerStart = workerData;
const { evaluator, diagnostics } = createEvaluator(start.snapshot, start.options);

/** Returns whether the policies compiled, and what there is to say about them. */
export function probe(): ProbeAnswer {
  const policyNames = evaluator?.policyNames ?? [];
  return { compiled: evaluator !== undefined, policyNames, diagnostics };
}

/** Returns the packed {@link BatchAnswer} to a packed batch. Throws only when the policies did not compile. */
export function evaluateBatch(message: string): string {
  if (evaluator === undefined) throw new Error("the policies did not compile");
  return packAnswer(answerBatch(evaluator, message));
}

function answerBatch(ready: Evaluator, message: string): BatchAnswer {
  const inputs = unpackBatch(message);
  const begun = performance.now();
  let fault: string | undefined;
  const decisions = inputs.map((input): Decision | null => {
    // One request must not take the others of its batch down with it, whatever goes wrong with it.
    try {
      return ready.decide(input);
    } catch (error) {
      fault ??= error instanceof Error ? (error.stack ?? error.message) : String(error);
      return null;
    }
  });
  const evaluationMs = performance.now() - begun;
  const { hits, misses, entries, bytes } = ready.jwtCacheStats();
  return {
    decisions,
    evaluationMs,
    jwtCache: { hits, misses, entries, bytes },
    ...(fault === undefined ? {} : { fault }),
  };
}
