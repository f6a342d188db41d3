import { readFileSync } from "node:fs";
import { createEvaluator } from "../../src/evaluator/evaluator.ts";
import type { CheckInput } from "../../src/model/check-input.ts";
import { Deadline } from "../../src/model/deadline.ts";
import { defaultPolicyOptions } from "../../src/model/limits.ts";
import { createInlinePool, createThreadedPool, type Pool } from "../../src/pool/create-pool.ts";
import { PoolError } from "../../src/pool/dispatcher.ts";
import { defaultPoolLimits } from "../../src/pool/pool-options.ts";
import { createMetrics } from "../../src/telemetry/metrics.ts";
import { spreadOf } from "../load/summarize-rounds.ts";
import { bookToken, freshRequest } from "./fresh-requests.ts";
import { expectSame } from "./micro-case.ts";

/** One way for requests to get to an evaluator, so many of them in each turn of the event loop. */
export interface DispatchCase {
  readonly name: string;
  readonly isPool: boolean;
  readonly batch: number;
}

/** The cost of dispatching and deciding a request. */
export interface DispatchFigures {
  readonly name: string;
  /** CPU time of all threads together for each request, in nanoseconds: the median of the rounds. */
  readonly cpuNs: number;
  /** From handing over the first request of a turn to the last decision, in nanoseconds: the median of all turns. */
  readonly turnNs: number;
}

/** Inline, and through one worker in batches of 1, 8 and 32. */
export const dispatchCases: readonly DispatchCase[] = [
  { name: "dispatch: seed policy inline", isPool: false, batch: 1 },
  ...[1, 8, 32].map((batch) => ({
    name: `dispatch: seed policy in a worker, ${batch} a batch`,
    isPool: true,
    batch,
  })),
];

const ROUNDS = 7;
const WARM_UP_ROUNDS = 5;
const REQUESTS = 4_096;
const PATIENCE_MS = 60_000;

const policyUrl = new URL("../../policies/book.yaml", import.meta.url);
const tokens = Array.from({ length: 16 }, (_, reader) => bookToken("admin", reader));

/** Returns the figures of one way; throws when a decision is not the expected one. */
export async function measureDispatch({
  name,
  isPool,
  batch,
}: DispatchCase): Promise<DispatchFigures> {
  const pool = createPool(isPool);
  await pool.ready();
  const cpuNs: number[] = [];
  const turnNs: number[] = [];
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
    const turns = Array.from({ length: REQUESTS / batch }, () => freshTurn(batch));
    const before = process.cpuUsage();
    const times: number[] = [];
    for (const inputs of turns) times.push(await timeTurn(name, pool, inputs));
    const { user, system } = process.cpuUsage(before);
    if (round < 0) continue;
    cpuNs.push(((user + system) * 1e3) / REQUESTS);
    turnNs.push(...times);
  }
  await pool.close(0);
  return { name, cpuNs: medianOf(cpuNs), turnNs: medianOf(turnNs) };
}

function createPool(isPool: boolean): Pool {
  const files = [{ path: "book.yaml", text: readFileSync(policyUrl, "utf8") }];
  const start = { snapshot: { revision: "micro", files }, options: defaultPolicyOptions };
  const events = createMetrics({ processMetrics: false }).poolEvents;
  if (isPool) {
    return createThreadedPool({ limits: { ...defaultPoolLimits, workers: 1 }, start, events });
  }
  const { evaluator } = createEvaluator(start.snapshot, start.options);
  if (evaluator === undefined) throw new Error("the seed's policy does not load");
  return createInlinePool(evaluator, events);
}

function freshTurn(batch: number): readonly CheckInput[] {
  return Array.from({ length: batch }, (_, index) =>
    freshRequest("POST", "/book", tokens[index % tokens.length] ?? ""),
  );
}

/** Resolves with how long the turn took, in nanoseconds. */
async function timeTurn(name: string, pool: Pool, inputs: readonly CheckInput[]): Promise<number> {
  const begunMs = performance.now();
  let allowed = 0;
  await new Promise<void>((resolve) => {
    let open = inputs.length;
    for (const input of inputs) {
      pool.dispatch(input, new Deadline(begunMs + PATIENCE_MS), (outcome) => {
        if (!(outcome instanceof PoolError) && outcome.allowed) allowed += 1;
        open -= 1;
        if (open === 0) resolve();
      });
    }
  });
  expectSame(name, allowed, inputs.length);
  return (performance.now() - begunMs) * 1e6;
}

function medianOf(values: readonly number[]): number {
  return spreadOf(values)?.median ?? Number.NaN;
}
