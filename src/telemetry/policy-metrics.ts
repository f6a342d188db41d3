import { Counter, Gauge, type Registry } from "prom-client";
import { gauge } from "./scraped-metrics.ts";

/** The metrics of loading policies. */
export interface PolicyMetrics {
  /** A snapshot went into service. */
  policiesLoaded(revision: string, policies: number): void;
  /** A snapshot was refused; the one before, if any, goes on serving. */
  policyLoadFailed(): void;
  /** A snapshot is held back, because so many policies that serve are gone from it. */
  policyLoadHeld(removals: number): void;
}

/** Returns the metrics of loading policies; `nowMs` gives milliseconds since the epoch. */
export function createPolicyMetrics(registry: Registry, nowMs: () => number): PolicyMetrics {
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
