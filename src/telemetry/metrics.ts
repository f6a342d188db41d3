import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import type { DecisionReason } from "../model/decision.ts";
import type { PoolErrorCode } from "../model/error-codes.ts";
import { type FaultPlace, faultPlaces } from "./fault-report.ts";
import { createFixedHistogram, durationBucketSeconds } from "./fixed-histogram.ts";
import {
  emptyPoolState,
  type PoolEvents,
  type PoolState,
  type ShedCause,
  shedCauses,
  type WorkerLossCause,
  workerLossCauses,
} from "./pool-events.ts";
import type { TransportState } from "./transport-state.ts";

/** Which front door a request came through. */
export type Door = "grpc" | "http";

/** What the caller was told in the end. */
export type Verdict = "allow" | "deny" | "error";

/** Why: a decision's reason, or the pool's code when there is no decision. */
export type CheckReason = DecisionReason | PoolErrorCode;

/** Where everything that is counted is written to, and read from in Prometheus' text format. */
export interface Metrics {
  /** A request has begun. */
  checkStarted(): void;
  /** The same request has been answered, `seconds` later; to be called once for each start. */
  checkFinished(door: Door, verdict: Verdict, reason: CheckReason, seconds: number): void;
  /** The caller went away before there was an answer; instead of {@link Metrics.checkFinished}. */
  checkAbandoned(door: Door): void;
  /** Something of our own went wrong. */
  faultFound(where: FaultPlace): void;
  /** What a pool reports to. */
  readonly poolEvents: PoolEvents;
  /** From now on the gauges show this pool; called again when another pool takes over. */
  watchPool(read: () => PoolState): void;
  /** Shows what a transport counts; to be called once, and not at all for a transport that counts nothing. */
  watchTransport(state: TransportState): void;
  /** Shows when the certificate of the gRPC door expires; to be called once, where there is one. */
  watchCertificate(expiresMs: number): void;
  /** A snapshot went into service. */
  policiesLoaded(revision: string, policies: number): void;
  /** A snapshot was refused; the one before, if any, goes on serving. */
  policyLoadFailed(): void;
  /** A snapshot is held back, because so many policies that serve are gone from it. */
  policyLoadHeld(removals: number): void;
  /** Shows how many lines of each standard stream were dropped; to be called once. */
  watchLog(read: () => Readonly<Record<"stdout" | "stderr", number>>): void;
  /** The value of the `Content-Type` header that goes with {@link Metrics.text}. */
  readonly contentType: string;
  /** Resolves with everything in Prometheus' text format. */
  text(): Promise<string>;
}

/** What {@link createMetrics} takes; both are for tests. */
export interface MetricsOptions {
  /** Whether event loop, GC and process metrics are collected too; they are unless this is false. */
  readonly processMetrics?: boolean;
  /** Milliseconds since the epoch, `Date.now` unless given. */
  readonly nowMs?: () => number;
}

/** Returns empty metrics in a registry of their own. */
export function createMetrics(options: MetricsOptions = {}): Metrics {
  const registry = new Registry();
  if (options.processMetrics !== false) collectDefaultMetrics({ register: registry });
  const checks = createCheckMetrics(registry);
  const pool = createPoolMetrics(registry);
  return {
    ...checks.handlers,
    poolEvents: pool.events,
    watchPool: pool.watchPool,
    faultFound: createFaultCounter(registry),
    watchTransport: (state) => createTransportMetrics([registry], state),
    watchCertificate: (expiresMs) =>
      gauge(
        [registry],
        "ostiary_tls_certificate_expiry_timestamp_seconds",
        "When the certificate of the gRPC door expires, or the first of its chain.",
        () => expiresMs / 1_000,
      ),
    watchLog: (read) =>
      labelled(
        [registry],
        {
          name: "ostiary_log_lines_dropped_total",
          label: "stream",
          help: "Lines that could not be written: the disk is full, or nobody reads them.",
        },
        read,
      ),
    ...createPolicyMetrics(registry, options.nowMs ?? Date.now),
    contentType: registry.contentType,
    async text() {
      const lines = [...checks.durationLines(), ...pool.batchLines(), ""];
      return `${await registry.metrics()}\n${lines.join("\n")}`;
    },
  };
}

type CheckLabels = { door: Door; decision: Verdict; reason: CheckReason };

type CheckHandlers = Pick<Metrics, "checkStarted" | "checkFinished" | "checkAbandoned">;

function createCheckMetrics(registry: Registry): {
  handlers: CheckHandlers;
  durationLines: () => string[];
} {
  const registers = [registry];
  // Counted here and handed over when read: the label values are closed unions, so this stays small.
  const counts = new Map<string, { labels: CheckLabels; count: number }>();
  const finished = new Counter({
    name: "ostiary_checks_total",
    help: "Requests answered, by front door, what the caller was told, and why.",
    labelNames: ["door", "decision", "reason"] as const,
    registers,
    collect() {
      finished.reset();
      for (const { labels, count } of counts.values()) finished.inc(labels, count);
    },
  });
  const countFinished = (labels: CheckLabels): void => {
    const key = `${labels.door} ${labels.decision} ${labels.reason}`;
    const entry = counts.get(key);
    if (entry === undefined) counts.set(key, { labels, count: 1 });
    else entry.count++;
  };
  const abandoned = new Counter({
    name: "ostiary_checks_abandoned_total",
    help: "Requests whose caller went away before there was an answer.",
    labelNames: ["door"] as const,
    registers,
  });
  let running = 0;
  gauge(registers, "ostiary_checks_in_flight", "Requests not answered yet.", () => running);
  const durations = {
    grpc: createFixedHistogram(durationBucketSeconds),
    http: createFixedHistogram(durationBucketSeconds),
  };
  return {
    handlers: {
      checkStarted() {
        running++;
      },
      checkFinished(door, verdict, reason, seconds) {
        running--;
        countFinished({ door, decision: verdict, reason });
        durations[door].observe(seconds);
      },
      checkAbandoned(door) {
        running--;
        abandoned.inc({ door });
      },
    },
    durationLines: () => [
      "# HELP ostiary_check_duration_seconds Time from the whole request being read to its answer being written.",
      "# TYPE ostiary_check_duration_seconds histogram",
      ...durations.grpc.lines("ostiary_check_duration_seconds", 'door="grpc"'),
      ...durations.http.lines("ostiary_check_duration_seconds", 'door="http"'),
    ],
  };
}

function createPoolMetrics(registry: Registry): {
  events: PoolEvents;
  watchPool: Metrics["watchPool"];
  batchLines: () => string[];
} {
  const registers = [registry];
  const restarts = new Counter({
    name: "ostiary_worker_restarts_total",
    help: "Workers lost and replaced, by how they were lost.",
    labelNames: ["cause"] as const,
    registers,
  });
  for (const cause of workerLossCauses) restarts.inc({ cause }, 0);
  const sheds = new Counter({
    name: "ostiary_shed_requests_total",
    help: "Requests that got no decision, by cause.",
    labelNames: ["cause"] as const,
    registers,
  });
  for (const cause of shedCauses) sheds.inc({ cause }, 0);
  const batchSizes = createFixedHistogram([1, 2, 4, 8, 16, 32]);
  const evaluated = { inline: 0, pool: 0 };
  const dispatched = new Counter({
    name: "ostiary_dispatched_requests_total",
    help: "Requests evaluated, by where: on the main thread, or sent to a worker.",
    labelNames: ["mode"] as const,
    registers,
    collect() {
      dispatched.reset();
      dispatched.inc({ mode: "inline" }, evaluated.inline);
      dispatched.inc({ mode: "pool" }, evaluated.pool);
    },
  });
  const events: PoolEvents = {
    batchSent(requests) {
      evaluated.pool += requests;
      batchSizes.observe(requests);
    },
    evaluatedInline(requests) {
      evaluated.inline += requests;
    },
    workerLost(cause: WorkerLossCause) {
      restarts.inc({ cause });
    },
    evaluationFailed() {
      // Each of its requests is counted as a shed one of cause `internal`, and the fault where it is reported.
    },
    shed(cause: ShedCause) {
      sheds.inc({ cause });
    },
  };
  return {
    events,
    watchPool: createPoolGauges(registers),
    batchLines: () => [
      "# HELP ostiary_batch_requests Requests in each batch that went to a worker.",
      "# TYPE ostiary_batch_requests histogram",
      ...batchSizes.lines("ostiary_batch_requests", ""),
    ],
  };
}

function createFaultCounter(registry: Registry): Metrics["faultFound"] {
  const faults = new Counter({
    name: "ostiary_internal_faults_total",
    help: "Faults of the server's own, by where they were found; the log has their stacks.",
    labelNames: ["where"] as const,
    registers: [registry],
  });
  for (const where of faultPlaces) faults.inc({ where }, 0);
  return (where) => faults.inc({ where });
}

function readNoPool(): PoolState {
  return emptyPoolState;
}

function createPoolGauges(registers: Registry[]): Metrics["watchPool"] {
  let read: () => PoolState = readNoPool;
  const show = (name: string, help: string, field: keyof PoolState): void =>
    gauge(registers, name, help, () => read()[field]);
  show("ostiary_queue_requests", "Requests that no worker has been given yet.", "waiting");
  show("ostiary_pool_in_flight_requests", "Requests that workers are at.", "inFlight");
  show("ostiary_workers_ready", "Workers that take requests.", "workersReady");
  show("ostiary_workers_configured", "Workers there should be.", "workersTotal");
  show("ostiary_jwt_cache_entries", "Tokens in the cache, good or refused.", "jwtCacheEntries");
  show(
    "ostiary_jwt_cache_bytes",
    "Bytes taken by the tokens in the cache, by estimate.",
    "jwtCacheBytes",
  );

  // A pool counts from its own beginning, the metric from the process': what earlier pools counted is kept.
  let hitsBefore = 0;
  let missesBefore = 0;
  total(
    registers,
    "ostiary_jwt_cache_hits_total",
    "Tokens found in the cache, good or refused.",
    () => hitsBefore + read().jwtCacheHits,
  );
  total(
    registers,
    "ostiary_jwt_cache_misses_total",
    "Tokens that were not in the cache and had to be verified.",
    () => missesBefore + read().jwtCacheMisses,
  );
  return (next) => {
    const last = read();
    hitsBefore += last.jwtCacheHits;
    missesBefore += last.jwtCacheMisses;
    read = next;
  };
}

/** Read when scraped: the transport itself only counts. */
function createTransportMetrics(registers: Registry[], state: TransportState): void {
  gauge(
    registers,
    "ostiary_transport_connections",
    "gRPC connections open.",
    () => state.openConnections,
  );
  gauge(registers, "ostiary_transport_streams", "gRPC calls open.", () => state.openStreams);
  total(
    registers,
    "ostiary_transport_connections_total",
    "gRPC connections taken.",
    () => state.connections,
  );
  total(registers, "ostiary_transport_streams_total", "gRPC calls taken.", () => state.streams);
  total(
    registers,
    "ostiary_transport_resets_total",
    "gRPC calls reset by the peer.",
    () => state.streamsReset,
  );
  labelled(
    registers,
    {
      name: "ostiary_transport_connection_errors_total",
      label: "fault",
      help: "Connections ended by an error.",
    },
    () => ({ peer: state.connectionErrors, internal: state.internalFaults }),
  );
  labelled(
    registers,
    {
      name: "ostiary_transport_attacks_total",
      label: "kind",
      help: "Limits of the transport that were hit.",
    },
    () => state.attacks,
  );
}

function createPolicyMetrics(
  registry: Registry,
  nowMs: () => number,
): Pick<Metrics, "policiesLoaded" | "policyLoadFailed" | "policyLoadHeld"> {
  const registers = [registry];
  const revisionInfo = new Gauge({
    name: "ostiary_policy_revision_info",
    help: "Always 1; the label is the revision that serves.",
    labelNames: ["revision"] as const,
    registers,
  });
  const loads = new Counter({
    name: "ostiary_policy_loads_total",
    help: "Attempts to load policies, by result.",
    labelNames: ["result"] as const,
    registers,
  });
  for (const result of ["success", "failure", "held"]) loads.inc({ result }, 0);
  const loaded = { policies: 0, lastSuccess: 0, attemptedAt: 0, succeededAt: 0, removals: 0 };
  const show = (name: string, help: string, field: keyof typeof loaded): void =>
    gauge(registers, name, help, () => loaded[field]);
  show("ostiary_policies_loaded", "Policies that serve.", "policies");
  show("ostiary_policy_last_load_success", "1 when the last load succeeded.", "lastSuccess");
  show(
    "ostiary_policy_last_load_timestamp_seconds",
    "When policies last were loaded.",
    "attemptedAt",
  );
  show(
    "ostiary_policy_last_load_success_timestamp_seconds",
    "When policies last were loaded without fault.",
    "succeededAt",
  );
  show(
    "ostiary_policy_removals_held",
    "Policies that serve and are gone from the files, while that waits for a confirmation.",
    "removals",
  );
  const notLoaded = (result: "failure" | "held", removals: number): void => {
    loads.inc({ result });
    loaded.lastSuccess = 0;
    loaded.removals = removals;
    loaded.attemptedAt = nowMs() / 1000;
  };
  return {
    policiesLoaded(revision, policies) {
      revisionInfo.reset();
      revisionInfo.set({ revision }, 1);
      loads.inc({ result: "success" });
      loaded.policies = policies;
      loaded.lastSuccess = 1;
      loaded.removals = 0;
      loaded.attemptedAt = nowMs() / 1000;
      loaded.succeededAt = loaded.attemptedAt;
    },
    policyLoadFailed: () => notLoaded("failure", 0),
    policyLoadHeld: (removals) => notLoaded("held", removals),
  };
}

function gauge(registers: Registry[], name: string, help: string, value: () => number): void {
  const metric: Gauge = new Gauge({
    name,
    help,
    registers,
    collect() {
      metric.set(value());
    },
  });
}

function total(registers: Registry[], name: string, help: string, value: () => number): void {
  const metric: Counter = new Counter({
    name,
    help,
    registers,
    collect() {
      metric.reset();
      metric.inc(value());
    },
  });
}

function labelled(
  registers: Registry[],
  { name, help, label }: { readonly name: string; readonly help: string; readonly label: string },
  counts: () => Readonly<Record<string, number>>,
): void {
  const metric: Counter = new Counter({
    name,
    help,
    labelNames: [label],
    registers,
    collect() {
      metric.reset();
      for (const [value, count] of Object.entries(counts())) metric.inc({ [label]: value }, count);
    },
  });
}
