import { Counter, type Registry } from "prom-client";
import type { DecisionReason } from "../model/decision.ts";
import type { PoolErrorCode } from "../model/error-codes.ts";
import { createFixedHistogram, durationBucketSeconds } from "./fixed-histogram.ts";
import { gauge } from "./scraped-metrics.ts";

/** Which front door a request came through. */
export type Door = "grpc" | "http";

/** What the caller was told in the end. */
export type Verdict = "allow" | "deny" | "error";

/** Why: a decision's reason, or the pool's code when there is no decision. */
export type CheckReason = DecisionReason | PoolErrorCode;

/** The metrics of requests: each is started, and then finished or abandoned, once. */
export interface CheckMetrics {
  /** A request has begun. */
  checkStarted(): void;
  /** The same request has been answered, `seconds` later; to be called once for each start. */
  checkFinished(door: Door, verdict: Verdict, reason: CheckReason, seconds: number): void;
  /** The caller went away before there was an answer; instead of {@link CheckMetrics.checkFinished}. */
  checkAbandoned(door: Door): void;
}

type CheckLabels = { door: Door; decision: Verdict; reason: CheckReason };

/** Returns the metrics of requests, and the lines of those that the registry does not write. */
export function createCheckMetrics(registry: Registry): {
  handlers: CheckMetrics;
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
