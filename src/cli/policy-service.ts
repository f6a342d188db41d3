import type { Config } from "../config/config.ts";
import { credentialAffinity } from "../envoy/credential-affinity.ts";
import { type CreatedEvaluator, createEvaluatorSteps } from "../evaluator/evaluator.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { JsonValue } from "../model/json.ts";
import type { PolicyOptions } from "../model/limits.ts";
import type { PolicySnapshot } from "../model/policy-source.ts";
import {
  createAutomaticPool,
  createInlinePool,
  createThreadedPool,
  type Pool,
} from "../pool/create-pool.ts";
import { type CurrentPool, createCurrentPool } from "../pool/current-pool.ts";
import type { Dispatcher } from "../pool/dispatcher.ts";
import { defaultInlineLimits, defaultPoolLimits } from "../pool/pool-options.ts";
import { PoolStartError } from "../pool/pool-start-error.ts";
import type { ReadOutcome } from "../store/read-policy-files.ts";
import type { Log } from "../telemetry/log.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { PoolEvents } from "../telemetry/pool-events.ts";
import { formatDiagnostic } from "./format-diagnostic.ts";

/** What serves now. */
interface Revision {
  readonly name: string;
  readonly policyNames: readonly string[];
  readonly pool: Pool;
  /** Warnings: with an error there is no revision. */
  readonly diagnostics: readonly Diagnostic[];
}

/** What the main thread does while it waits for workers; may not reject. */
type WhileStarting = (dispatcher: Dispatcher) => Promise<void>;

/** The policies in service: one pool a revision, replaced as a whole or not at all. */
export interface PolicyService {
  readonly dispatcher: CurrentPool;
  /**
   * Puts what was read into service, or reports why it cannot be; resolves with whether it did.
   *
   * @param whileStarting where the main thread evaluates too, called with a pool that does so while workers start
   */
  load(read: ReadOutcome, whileStarting?: WhileStarting): Promise<boolean>;
  /** Whether checks can be answered: from the first complete load on. */
  isHealthy(): boolean;
  /** Whether there is a policy, compiled wherever requests are evaluated. */
  isReady(): boolean;
  /** What serves: empty before the first load. */
  revision(): string;
  policyCount(): number;
  /** Names, revision and the faults of the last load; never the text of a policy. */
  describe(): JsonValue;
}

/** What the policies are served with. */
export interface PolicyServiceOptions {
  readonly config: Config;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly events: PoolEvents;
}

/** A service without policies yet: every request is refused until the first load. */
export function createPolicyService(options: PolicyServiceOptions): PolicyService {
  const { config, log, metrics } = options;
  const dispatcher = createCurrentPool();
  let serving: Revision | undefined;
  let faults: readonly Diagnostic[] = [];

  const refuse = (diagnostics: readonly Diagnostic[]): false => {
    faults = diagnostics;
    metrics.policyLoadFailed();
    for (const diagnostic of diagnostics) log[levelOf(diagnostic)](lineOf(diagnostic));
    if (serving !== undefined) log.error("policies not loaded", { serving: serving.name });
    return false;
  };
  const swap = async (started: Revision): Promise<void> => {
    serving = started;
    faults = started.diagnostics;
    metrics.watchPool(() => started.pool.state());
    metrics.policiesLoaded(started.name, started.policyNames.length);
    for (const diagnostic of faults) log.warn(lineOf(diagnostic));
    await dispatcher.replace(started.pool)?.close(config.drainMs);
  };
  return {
    dispatcher,
    load: async ({ snapshot, diagnostics }, whileStarting) => {
      if (snapshot === undefined) return refuse(diagnostics);
      if (snapshot.revision === serving?.name) return true;
      const started = await startRevision(snapshot, options, whileStarting);
      if (!("pool" in started)) return refuse(started.diagnostics);
      // Until the one before is drained nobody waits; that it cannot be ended is no reason to end the process.
      swap(started).catch((error: unknown) => {
        log.error("the policies before were not ended", { reason: String(error) });
      });
      return true;
    },
    isHealthy: () => serving?.pool.isReady() ?? false,
    isReady: () =>
      serving !== undefined && serving.policyNames.length > 0 && serving.pool.isReady(),
    revision: () => serving?.name ?? "",
    policyCount: () => serving?.policyNames.length ?? 0,
    describe: () => ({
      revision: serving?.name ?? null,
      policies: serving?.policyNames ?? [],
      // Without the message: it quotes the policy, and whoever reaches the admin door may see names and places only.
      faults: faults.map(({ code, severity, file, line, column }) => ({
        code,
        severity,
        file,
        line,
        column,
      })),
    }),
  };
}

/** A line of the log without the source line, which may hold a key. */
function lineOf({ code, severity, message, file, line, column }: Diagnostic): string {
  return formatDiagnostic({ code, severity, message, file, line, column });
}

function levelOf({ severity }: Diagnostic): "error" | "warn" {
  return severity === "error" ? "error" : "warn";
}

/** A revision whose pool is ready everywhere, or why there is none. */
async function startRevision(
  snapshot: PolicySnapshot,
  options: PolicyServiceOptions,
  whileStarting?: WhileStarting,
): Promise<Revision | { readonly diagnostics: readonly Diagnostic[] }> {
  return options.config.dispatch === "inline"
    ? await startInline(snapshot, options)
    : await startThreaded(snapshot, options, whileStarting);
}

async function startInline(
  snapshot: PolicySnapshot,
  { config, events }: PolicyServiceOptions,
): Promise<Revision | { readonly diagnostics: readonly Diagnostic[] }> {
  const { evaluator, diagnostics } = await compileInSlices(snapshot, config.policyOptions);
  if (evaluator === undefined) return { diagnostics };
  const pool = createInlinePool(evaluator, events);
  return { name: snapshot.revision, policyNames: evaluator.policyNames, pool, diagnostics };
}

async function startThreaded(
  snapshot: PolicySnapshot,
  { config, events }: PolicyServiceOptions,
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
  let early: CreatedEvaluator | undefined;
  try {
    [early] = await Promise.all([useEarly(), pool.ready()]);
  } catch (error) {
    if (error instanceof PoolStartError) return { diagnostics: describeStartFault(error) };
    throw error;
  }
  const { policyNames = [], diagnostics = [] } = pool.policies() ?? {};
  if (automatic !== undefined) {
    // Once it serves, only after the workers found the snapshot good: a faulty one costs the main thread nothing.
    const { evaluator } = early ?? (await compileHere());
    if (evaluator !== undefined) automatic.useInline(evaluator);
  }
  return { name: snapshot.revision, policyNames, pool, diagnostics };
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
