import type { Config } from "../config/config.ts";
import { type CreatedEvaluator, createEvaluatorSteps } from "../evaluator/evaluator.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { PolicyOptions } from "../model/limits.ts";
import type { PolicySnapshot } from "../model/policy-snapshot.ts";
import { credentialAffinity } from "../payload/credential-affinity.ts";
import {
  createAutomaticPool,
  createInlinePool,
  createThreadedPool,
  type Pool,
} from "../pool/create-pool.ts";
import type { Dispatcher } from "../pool/dispatcher.ts";
import type { PoolEvents } from "../pool/pool-events.ts";
import { defaultInlineLimits, defaultPoolLimits } from "../pool/pool-options.ts";
import { PoolStartError } from "../pool/pool-start-error.ts";

/** Policies that can serve, and the pool that evaluates them. */
export interface Revision {
  readonly name: string;
  readonly policyNames: readonly string[];
  readonly pool: Pool;
  /** Warnings: with an error there is no revision. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Work for the main thread while it waits for workers; may not reject. */
export type WhileStarting = (dispatcher: Dispatcher) => Promise<void>;

/** The options of starting revisions. */
export interface RevisionOptions {
  readonly config: Config;
  readonly events: PoolEvents;
}

/** Resolves with a revision whose pool is ready everywhere, or with why there is none. */
export async function startRevision(
  snapshot: PolicySnapshot,
  options: RevisionOptions,
  whileStarting?: WhileStarting,
): Promise<Revision | { readonly diagnostics: readonly Diagnostic[] }> {
  return options.config.dispatch === "inline"
    ? await startInline(snapshot, options)
    : await startThreaded(snapshot, options, whileStarting);
}

async function startInline(
  snapshot: PolicySnapshot,
  { config, events }: RevisionOptions,
): Promise<Revision | { readonly diagnostics: readonly Diagnostic[] }> {
  const { evaluator, diagnostics } = await compileInSlices(snapshot, config.policyOptions);
  if (evaluator === undefined) return { diagnostics };
  const pool = createInlinePool(evaluator, events);
  return { name: snapshot.revision, policyNames: evaluator.policyNames, pool, diagnostics };
}

async function startThreaded(
  snapshot: PolicySnapshot,
  { config, events }: RevisionOptions,
  whileStarting?: WhileStarting,
): Promise<Revision | { readonly diagnostics: readonly Diagnostic[] }> {
  const { workers, maxQueue, workerTimeoutMs } = config;
  const poolOptions = {
    limits: { ...defaultPoolLimits, workers, maxQueue, workerTimeoutMs },
    start: { snapshot, options: config.policyOptions },
    events,
    affinityOf: credentialAffinity,
  };
  const automatic =
    config.dispatch === "auto"
      ? createAutomaticPool({ ...poolOptions, inlineLimits: defaultInlineLimits })
      : undefined;
  const pool = automatic ?? createThreadedPool(poolOptions);
  const compileHere = async () => await compileInSlices(snapshot, config.policyOptions);
  const useEarly = async (): Promise<CreatedEvaluator | undefined> => {
    if (automatic === undefined || whileStarting === undefined) return undefined;
    const created = await compileHere();
    if (created.evaluator !== undefined) {
      await whileStarting(createInlinePool(created.evaluator, events));
    }
    return created;
  };
  try {
    const [early] = await Promise.all([useEarly(), pool.ready()]);
    const { policyNames = [], hasBoundedWork = false, diagnostics = [] } = pool.policies() ?? {};
    if (automatic !== undefined && hasBoundedWork) {
      // Once it serves, only after the workers found the snapshot good: a faulty one costs the main thread nothing.
      const { evaluator } = early ?? (await compileHere());
      if (evaluator !== undefined) automatic.useInline(evaluator);
    }
    return { name: snapshot.revision, policyNames, pool, diagnostics };
  } catch (error) {
    // Nobody else knows of its threads, and one more lot with each reload would end the process.
    await pool.close(0);
    if (error instanceof PoolStartError) return { diagnostics: describeStartFault(error) };
    throw error;
  }
}

/** A pool that cannot start for another reason than its policies has one fault to report: that. */
function describeStartFault({ diagnostics, message }: PoolStartError): readonly Diagnostic[] {
  if (diagnostics.length > 0) return diagnostics;
  const place = { file: "worker", line: 0, column: 0 };
  return [{ code: "POLICY_UNREADABLE", severity: "error", message, ...place }];
}

const sliceMs = 5;

/** Compiles on the main thread, letting the event loop turn after every slice, so that requests go on being answered. */
async function compileInSlices(
  snapshot: PolicySnapshot,
  options: PolicyOptions,
): Promise<CreatedEvaluator> {
  const steps = createEvaluatorSteps(snapshot, options);
  for (;;) {
    const end = performance.now() + sliceMs;
    do {
      const step = steps.next();
      if (step.done === true) return step.value;
    } while (performance.now() < end);
    await new Promise(setImmediate);
  }
}
