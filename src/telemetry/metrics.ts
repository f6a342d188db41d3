import { Counter, collectDefaultMetrics, Registry } from "prom-client";
import type { CheckObserver } from "../model/check-record.ts";
import { createCheckMetrics } from "./check-metrics.ts";
import { type FaultPlace, faultPlaces } from "./fault-report.ts";
import { createPolicyMetrics, type PolicyMetrics } from "./policy-metrics.ts";
import { createPoolMetrics, type PoolMetrics } from "./pool-metrics.ts";
import { gauge, labelled } from "./scraped-metrics.ts";
import { createTransportMetrics } from "./transport-metrics.ts";
import type { TransportState } from "./transport-state.ts";

/** Everything that is counted, in Prometheus' text format. */
export interface Metrics extends CheckObserver, PoolMetrics, PolicyMetrics {
  /** Something of our own went wrong. */
  faultFound(where: FaultPlace): void;
  /** Shows what a transport counts; to be called once, and not at all for a transport that counts nothing. */
  watchTransport(state: TransportState): void;
  /** Shows when the certificate of the gRPC door expires; to be called once, where there is one. */
  watchCertificate(expiresMs: number): void;
  /** Shows how many lines of each standard stream were dropped; to be called once. */
  watchLog(read: () => Readonly<Record<"stdout" | "stderr", number>>): void;
  /** The value of the `Content-Type` header that goes with {@link Metrics.text}. */
  readonly contentType: string;
  /** Resolves with everything in Prometheus' text format. */
  text(): Promise<string>;
}

/** The options of {@link createMetrics}; both are for tests. */
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
    ...pool.metrics,
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
