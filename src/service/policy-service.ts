import { type Diagnostic, isError } from "../model/diagnostic.ts";
import type { JsonValue } from "../model/json.ts";
import type { PolicySnapshot } from "../model/policy-snapshot.ts";
import { type CurrentPool, createCurrentPool } from "../pool/current-pool.ts";
import type { ReadinessCheck } from "../server/http/admin-door.ts";
import type { SourceReading } from "../sources/policy-source.ts";
import type { OnFault } from "../telemetry/fault-report.ts";
import type { Log } from "../telemetry/log.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import { logDiagnostic } from "./log-diagnostic.ts";
import { createReminder } from "./reminder.ts";
import { type HeldSnapshot, listNames, namesRemoved } from "./removal-hold.ts";
import {
  type Revision,
  type RevisionOptions,
  startRevision,
  type WhileStarting,
} from "./start-revision.ts";

/** The policies in service: one pool a revision, replaced as a whole or not at all. */
export interface PolicyService {
  readonly dispatcher: CurrentPool;
  /**
   * Puts what was read into service, or reports why not; resolves with whether it serves. Loads and confirmations
   * take place one after the other.
   *
   * @param whileStarting where the main thread evaluates too, called with a pool that does so while workers start
   */
  load(read: SourceReading, whileStarting?: WhileStarting): Promise<boolean>;
  /**
   * Puts what is held back into service, provided that it takes away no policy that had not been announced when this
   * was called; never rejects.
   */
  confirmRemoval(): Promise<void>;
  /** Returns whether checks can be answered: from the first complete load on. */
  isHealthy(): boolean;
  /** Returns whether there is a policy, compiled wherever requests are evaluated. */
  isReady(): boolean;
  /** Lines for whoever asks why it is ready or not. */
  checks(): readonly ReadinessCheck[];
  /** The revision that serves: empty before the first load. */
  revision(): string;
  policyCount(): number;
  /** Names, revision, the faults of the last load and what is held back; never the text of a policy. */
  describe(): JsonValue;
}

/** Options of {@link createPolicyService}. */
export interface PolicyServiceOptions extends RevisionOptions {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly onFault: OnFault;
}

/** Returns a service without policies yet: every request is refused until the first load. */
export function createPolicyService(options: PolicyServiceOptions): PolicyService {
  const { config } = options;
  const store = new PolicyStore(options);
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work);
    // Whoever asked for the work hears of its fault; the next one's turn comes all the same.
    turn = mine.catch(() => undefined);
    return await mine;
  };
  return {
    dispatcher: store.dispatcher,
    load: async ({ snapshot, diagnostics, removalIsExplicit }, whileStarting) =>
      await inTurn(async () => {
        if (snapshot === undefined) return store.refuse(diagnostics);
        const mayRemove = config.allowRemoval || removalIsExplicit;
        return await store.load(snapshot, () => mayRemove, whileStarting);
      }),
    confirmRemoval: async () => {
      const announced = store.held;
      await inTurn(async () => await store.confirm(announced));
    },
    isHealthy: () => store.serving?.pool.isReady() ?? false,
    isReady: () => (store.serving?.policyNames.length ?? 0) > 0 && store.hasReadyPool(),
    checks: () => store.checks(),
    revision: () => store.serving?.name ?? "",
    policyCount: () => store.serving?.policyNames.length ?? 0,
    describe: () => store.describe(),
  };
}

/** What serves, what is wrong with what does not, and the steps from one to the other; none may overlap another. */
class PolicyStore {
  readonly dispatcher: CurrentPool = createCurrentPool();
  serving: Revision | undefined;
  /** The newest policies on disk, while they wait for a confirmation. */
  held: HeldSnapshot | undefined;
  /** Of the last load, warnings included. */
  #faults: readonly Diagnostic[] = [];
  readonly #options: PolicyServiceOptions;
  readonly #reminder = createReminder();

  constructor(options: PolicyServiceOptions) {
    this.#options = options;
  }

  hasReadyPool(): boolean {
    return this.serving?.pool.isReady() ?? false;
  }

  /** Reports faults for which what was read cannot serve. */
  refuse(diagnostics: readonly Diagnostic[]): false {
    const { log, metrics, config } = this.#options;
    this.held = undefined;
    this.#faults = diagnostics;
    metrics.policyLoadFailed();
    for (const diagnostic of diagnostics) logDiagnostic(log, config.logFormat, diagnostic);
    const { serving } = this;
    if (serving === undefined) return false;
    this.#reminder.begin(() => {
      log.error("policies not loaded", { serving: serving.name, faults: diagnostics.length });
    });
    return false;
  }

  async load(
    snapshot: PolicySnapshot,
    mayRemove: (name: string) => boolean,
    whileStarting?: WhileStarting,
  ): Promise<boolean> {
    const { serving, held } = this;
    if (snapshot.revision === serving?.name) {
      this.#settle(serving);
      this.#reportLoaded(serving, []);
      return true;
    }
    // Nothing has changed since it was held back: to compile it again would show nothing new.
    if (snapshot.revision === held?.snapshot.revision && !held.removed.every(mayRemove)) {
      return this.#hold(held);
    }
    const started = await startRevision(snapshot, this.#options, whileStarting);
    if (!("pool" in started)) return this.refuse(started.diagnostics);
    const removed = namesRemoved(serving?.policyNames ?? [], started.policyNames);
    if (!removed.every(mayRemove)) {
      await started.pool.close(0);
      this.#faults = started.diagnostics;
      return this.#hold({ snapshot, removed });
    }
    this.#swap(started);
    if (serving !== undefined) this.#reportLoaded(started, removed);
    return true;
  }

  /** Loads what is held back, as far as what was announced covers it. */
  async confirm(announced: HeldSnapshot | undefined): Promise<void> {
    const { log } = this.#options;
    const { held } = this;
    if (announced === undefined || held === undefined) {
      log.warn("nothing to confirm: no removal is held back");
      return;
    }
    const covered = new Set(announced.removed);
    try {
      await this.load(held.snapshot, (name) => covered.has(name));
    } catch (error) {
      this.#options.onFault("load", error);
      log.error("policies not loaded", { reason: String(error) });
    }
  }

  #hold(held: HeldSnapshot): false {
    const { log, metrics } = this.#options;
    this.held = held;
    metrics.policyLoadHeld(held.removed.length);
    const message =
      "policies not loaded: some that serve are gone; to remove them, send SIGUSR2 or start with --allow-removal";
    this.#reminder.begin(() => {
      const removed = listNames(held.removed);
      const serving = this.serving?.name;
      log.error(message, { removed, revision: held.snapshot.revision, serving });
    });
    return false;
  }

  #swap(started: Revision): void {
    const { log, metrics, config } = this.#options;
    this.serving = started;
    metrics.watchPool(() => started.pool.state());
    this.#settle(started);
    for (const diagnostic of started.diagnostics) logDiagnostic(log, config.logFormat, diagnostic);
    // Until the one before is drained nobody waits; that it cannot be ended is no reason to end the process.
    this.dispatcher
      .replace(started.pool)
      ?.close(config.drainMs)
      .catch((error: unknown) => {
        log.error("the policies before were not ended", { reason: String(error) });
      });
  }

  /** What is on disk serves: whatever was wrong before is over. */
  #settle(serving: Revision): void {
    this.held = undefined;
    this.#faults = serving.diagnostics;
    this.#reminder.end();
    this.#options.metrics.policiesLoaded(serving.name, serving.policyNames.length);
  }

  #reportLoaded({ name, policyNames }: Revision, removed: readonly string[]): void {
    const { log } = this.#options;
    const fields = {
      revision: name,
      policies: policyNames.length,
      removed: removed.length > 0 ? listNames(removed) : undefined,
    };
    if (policyNames.length > 0) log.info("policies loaded", fields);
    else log.error("no policy is left: every request is denied", fields);
  }

  checks(): readonly ReadinessCheck[] {
    const { serving, held } = this;
    const count = serving?.policyNames.length ?? 0;
    const errors = this.#faults.filter(isError).length;
    const removed = held === undefined ? "" : listNames(held.removed);
    const reload =
      held === undefined
        ? { text: errors === 0 ? "in service" : `refused: faults=${errors}`, good: errors === 0 }
        : { text: `held back until SIGUSR2: would remove ${removed}`, good: false };
    return [
      {
        name: "policies",
        good: count > 0,
        text: serving === undefined ? "none loaded" : `${count}, revision ${serving.name}`,
        counts: true,
      },
      { name: "workers", good: this.hasReadyPool(), text: describePool(serving), counts: true },
      // What serves goes on serving: no reason to send requests elsewhere, where the same files are.
      { name: "files", ...reload, counts: false },
    ];
  }

  describe(): JsonValue {
    const { serving, held } = this;
    return {
      revision: serving?.name ?? null,
      policies: serving?.policyNames ?? [],
      held: held === undefined ? null : { revision: held.snapshot.revision, removed: held.removed },
      // Without the message: it quotes the policy, and whoever reaches the admin door may see names and places only.
      faults: this.#faults.map(({ code, severity, file, line, column }) => ({
        code,
        severity,
        file,
        line,
        column,
      })),
    };
  }
}

function describePool(serving: Revision | undefined): string {
  const state = serving?.pool.state();
  if (state === undefined) return "none started";
  if (state.workersTotal === 0) return "none, evaluated on the main thread";
  return `${state.workersReady} of ${state.workersTotal} answer`;
}
