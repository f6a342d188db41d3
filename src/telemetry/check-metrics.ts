import { Counter, type Registry } from "prom-client";
import type { CheckObserver, CheckReason, Door, Verdict } from "../model/check-record.ts";
import { createFixedHistogram, durationBucketSeconds } from "./fixed-histogram.ts";
import { gauge } from "./scraped-metrics.ts";

type CheckLabels = { door: Door; decision: Verdict; reason: CheckReason };

/** Returns the metrics of requests, and the lines of those that the registry does not write. */
export function createCheckMetrics(registry: Registry): {
  handlers: CheckObserver;
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
  const ignoredErrors = new Counter({
    name: "ostiary_ignored_errors_total",
    help: "Errors of policies that say `failurePolicy: Ignore`, by policy and error code.",
    labelNames: ["policy", "code"] as const,
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
      checkFinished({ door, verdict, reason, startedMs, answeredMs, decision }) {
        running--;
        for (const { policy, code } of decision?.ignoredErrors ?? []) {
          ignoredErrors.inc({ policy, code });
        }
        countFinished({ door, decision: verdict, reason });
        durations[door].observe((answeredMs - startedMs) / 1_000);
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
