import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { emptyPoolState } from "../../src/pool/pool-events.ts";
import { createFixedHistogram } from "../../src/telemetry/fixed-histogram.ts";
import { createMetrics, type Metrics } from "../../src/telemetry/metrics.ts";
import { attackKinds } from "../../src/transport/http2/attack-limits.ts";
import { createTransportCounters } from "../../src/transport/http2/counters.ts";
import { recordOf } from "../support/fake-recorder.ts";

function quietMetrics(): Metrics {
  return createMetrics({ processMetrics: false, nowMs: () => 5_000 });
}

const cases: { name: string; act: (metrics: Metrics) => void; want: readonly string[] }[] = [
  {
    name: "nothing has happened",
    act: () => {},
    want: [
      "ostiary_checks_in_flight 0",
      'ostiary_worker_restarts_total{cause="hung"} 0',
      'ostiary_shed_requests_total{cause="queue-full"} 0',
      'ostiary_dispatched_requests_total{mode="pool"} 0',
      'ostiary_policy_loads_total{result="failure"} 0',
      "ostiary_policies_loaded 0",
      "ostiary_workers_ready 0",
      'ostiary_check_duration_seconds_count{door="http"} 0',
    ],
  },
  {
    name: "checks",
    act: (metrics) => {
      for (let count = 0; count < 5; count++) metrics.checkStarted();
      metrics.checkFinished(recordOf("grpc", "allow", "passed", 0.000_05));
      metrics.checkFinished(recordOf("grpc", "allow", "passed", 0.000_051));
      metrics.checkFinished(recordOf("http", "error", "POOL_QUEUE_FULL", 9));
      metrics.checkAbandoned("grpc");
    },
    want: [
      "ostiary_checks_in_flight 1",
      'ostiary_checks_total{door="grpc",decision="allow",reason="passed"} 2',
      'ostiary_checks_total{door="http",decision="error",reason="POOL_QUEUE_FULL"} 1',
      'ostiary_checks_abandoned_total{door="grpc"} 1',
      'ostiary_check_duration_seconds_bucket{door="grpc",le="0.000025"} 0',
      'ostiary_check_duration_seconds_bucket{door="grpc",le="0.00005"} 1',
      'ostiary_check_duration_seconds_bucket{door="grpc",le="0.0001"} 2',
      'ostiary_check_duration_seconds_bucket{door="http",le="2.5"} 0',
      'ostiary_check_duration_seconds_bucket{door="http",le="+Inf"} 1',
      'ostiary_check_duration_seconds_sum{door="http"} 9',
    ],
  },
  {
    name: "errors that policies want ignored",
    act: (metrics) => {
      const ignoredErrors = [
        { policy: "a", code: "EVALUATION_VALUE" },
        { policy: "b", code: "EVALUATION_TYPE" },
      ] as const;
      const decision = {
        allowed: false,
        reason: "no-rule-applies",
        body: "",
        ignoredErrors,
      } as const;
      const record = { ...recordOf("grpc", "deny", "no-rule-applies", 0.1), decision };
      metrics.checkFinished(record);
      metrics.checkFinished(record);
    },
    want: [
      'ostiary_ignored_errors_total{policy="a",code="EVALUATION_VALUE"} 2',
      'ostiary_ignored_errors_total{policy="b",code="EVALUATION_TYPE"} 2',
    ],
  },
  {
    name: "what a pool reports",
    act: ({ poolEvents }) => {
      poolEvents.batchSent(3);
      poolEvents.batchSent(32);
      poolEvents.evaluatedInline(2);
      poolEvents.workerLost("out-of-memory", "");
      poolEvents.evaluationFailed("");
      poolEvents.shed("unreachable");
    },
    want: [
      'ostiary_dispatched_requests_total{mode="pool"} 35',
      'ostiary_dispatched_requests_total{mode="inline"} 2',
      'ostiary_worker_restarts_total{cause="out-of-memory"} 1',
      'ostiary_shed_requests_total{cause="unreachable"} 1',
      'ostiary_batch_requests_bucket{le="2"} 0',
      'ostiary_batch_requests_bucket{le="4"} 1',
      'ostiary_batch_requests_bucket{le="32"} 2',
      "ostiary_batch_requests_sum 35",
    ],
  },
  {
    name: "the pool of now, and the tokens counted by those before",
    act: (metrics) => {
      metrics.watchPool(() => ({
        ...emptyPoolState,
        waiting: 9,
        jwtCacheHits: 5,
        jwtCacheMisses: 2,
      }));
      metrics.watchPool(() => ({
        waiting: 1,
        inFlight: 2,
        workersReady: 3,
        workersTotal: 4,
        jwtCacheHits: 10,
        jwtCacheMisses: 20,
        jwtCacheEntries: 7,
        jwtCacheBytes: 8,
      }));
    },
    want: [
      "ostiary_queue_requests 1",
      "ostiary_pool_in_flight_requests 2",
      "ostiary_workers_ready 3",
      "ostiary_workers_configured 4",
      "ostiary_jwt_cache_hits_total 15",
      "ostiary_jwt_cache_misses_total 22",
      "ostiary_jwt_cache_entries 7",
      "ostiary_jwt_cache_bytes 8",
    ],
  },
  {
    name: "what a transport counts, as it is when read",
    act: (metrics) => {
      const counters = createTransportCounters();
      metrics.watchTransport(counters);
      counters.connections = 9;
      counters.openConnections = 2;
      counters.streams = 100;
      counters.openStreams = 3;
      counters.streamsReset = 4;
      counters.connectionErrors = 5;
      counters.internalFaults = 6;
      counters.attacks["rapid-reset"] = 7;
    },
    want: [
      "ostiary_transport_connections 2",
      "ostiary_transport_connections_total 9",
      "ostiary_transport_streams 3",
      "ostiary_transport_streams_total 100",
      "ostiary_transport_resets_total 4",
      'ostiary_transport_connection_errors_total{fault="peer"} 5',
      'ostiary_transport_connection_errors_total{fault="internal"} 6',
      'ostiary_transport_attacks_total{kind="rapid-reset"} 7',
    ],
  },
  {
    name: "every kind of attack, before there was one",
    act: (metrics) => {
      metrics.watchTransport(createTransportCounters());
    },
    want: attackKinds.map((kind) => `ostiary_transport_attacks_total{kind="${kind}"} 0`),
  },
  {
    name: "a load and a failed one after it",
    act: (metrics) => {
      metrics.policiesLoaded("old", 1);
      metrics.policiesLoaded("new", 2);
      metrics.policyLoadFailed();
    },
    want: [
      'ostiary_policy_revision_info{revision="new"} 1',
      "ostiary_policies_loaded 2",
      'ostiary_policy_loads_total{result="success"} 2',
      'ostiary_policy_loads_total{result="failure"} 1',
      "ostiary_policy_last_load_success 0",
      "ostiary_policy_last_load_timestamp_seconds 5",
      "ostiary_policy_last_load_success_timestamp_seconds 5",
    ],
  },
];

suite("metrics", () => {
  for (const { name, act, want } of cases) {
    test(name, async () => {
      const metrics = quietMetrics();
      act(metrics);
      const lines = new Set((await metrics.text()).split("\n"));
      assert.deepEqual(
        want.filter((line) => !lines.has(line)),
        [],
      );
    });
  }
});

test("reading twice counts nothing twice", async () => {
  const metrics = quietMetrics();
  metrics.checkStarted();
  metrics.checkFinished(recordOf("grpc", "deny", "rule-failed", 0.001));
  metrics.poolEvents.batchSent(1);
  metrics.watchPool(() => ({ ...emptyPoolState, jwtCacheHits: 3 }));
  const counters = createTransportCounters();
  metrics.watchTransport(counters);
  counters.streams = 5;
  counters.attacks["ping-flood"] = 1;
  assert.equal(await metrics.text(), await metrics.text());
});

test("of a transport that counts nothing, nothing is shown", async () => {
  assert.doesNotMatch(await quietMetrics().text(), /ostiary_transport/);
});

test("an old revision is no longer shown", async () => {
  const metrics = quietMetrics();
  metrics.policiesLoaded("old", 1);
  metrics.policiesLoaded("new", 1);
  assert.doesNotMatch(await metrics.text(), /revision="old"/);
});

test("every line of the text is a comment, a sample or empty, and every name has HELP and TYPE once", async () => {
  const metrics = quietMetrics();
  metrics.watchTransport(createTransportCounters());
  metrics.checkStarted();
  metrics.checkFinished(recordOf("grpc", "allow", "passed", 0.1));
  const lines = (await metrics.text()).split("\n");
  const sample = /^[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [0-9.e+-]+$/;
  const odd = lines.filter((line) => line !== "" && !line.startsWith("# ") && !sample.test(line));
  assert.deepEqual(odd, []);
  const named = (kind: string): string[] =>
    lines.filter((line) => line.startsWith(`# ${kind} `)).map((line) => line.split(" ")[2] ?? "");
  assert.deepEqual(named("HELP"), named("TYPE"));
  assert.equal(new Set(named("HELP")).size, named("HELP").length);
  assert.ok(named("HELP").every((name) => name.startsWith("ostiary_")));
});

test("process metrics are collected unless turned off", async () => {
  const metrics = createMetrics();
  assert.match(await metrics.text(), /^nodejs_eventloop_lag_seconds /m);
  assert.match(metrics.contentType, /^text\/plain; version=0\.0\.4/);
});

test("a bound belongs to its bucket, and values beyond all bounds are counted", () => {
  const histogram = createFixedHistogram([1, 2]);
  for (const value of [0, 1, 1.5, 2, 2.5]) histogram.observe(value);
  assert.deepEqual(histogram.lines("x", ""), [
    'x_bucket{le="1"} 2',
    'x_bucket{le="2"} 4',
    'x_bucket{le="+Inf"} 5',
    "x_sum 7",
    "x_count 5",
  ]);
});
