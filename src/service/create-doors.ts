import type { Config, ConnectionConfig } from "../config/config.ts";
import type { CheckObserver } from "../model/check-record.ts";
import type { PathPolicy } from "../model/request-path.ts";
import { defaultNormalizeOptions } from "../payload/normalize-options.ts";
import type { Dispatcher } from "../pool/dispatcher.ts";
import { createCheckHandlers } from "../server/grpc/check-service.ts";
import { createStreamingHandlers } from "../server/grpc/streaming-handlers.ts";
import { createAdminDoor } from "../server/http/admin-door.ts";
import { createHttpDoor } from "../server/http/http-door.ts";
import type { OnFault } from "../telemetry/fault-report.ts";
import type { Log } from "../telemetry/log.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { Transport } from "../transport/grpc-transport.ts";
import { createLeanTransport, type LeanTransport } from "../transport/lean-transport.ts";
import { logCuts } from "./log-cuts.ts";
import { logHttpLimits } from "./log-http-limits.ts";
import { logCertificateTimes, readCertificateTimes } from "./own-certificate.ts";
import type { PolicyService } from "./policy-service.ts";

/** A door: where requests come in. */
export interface Door {
  readonly name: "grpc" | "http" | "admin";
  readonly address: string;
  listen(address: string): Promise<string>;
  close(graceMs: number): Promise<void>;
}

/** The ground that the doors are built over. */
export interface DoorContext {
  readonly policies: PolicyService;
  /** What judges: the policies' own except while warming up. */
  readonly dispatcher: Pick<Dispatcher, "serving">;
  readonly metrics: Metrics;
  /** Told of faults of our own. */
  readonly onFault: OnFault;
  readonly log: Log;
  state: "starting" | "serving" | "draining";
}

/** Returns the doors that the options ask for, not listening yet; the admin door is the first. */
export async function createDoors(config: Config, context: DoorContext): Promise<readonly Door[]> {
  const { policies, metrics } = context;
  const admin = createAdminDoor({
    isHealthy: () => policies.isHealthy(),
    isReady: () => isReady(context),
    checks: () => [
      { name: "server", good: context.state === "serving", text: context.state, counts: true },
      ...policies.checks(),
    ],
    metricsText: async () => await metrics.text(),
    metricsContentType: metrics.contentType,
    policies: () => policies.describe(),
    isDraining: () => context.state === "draining",
    onFault: (error) => {
      context.onFault("admin", error);
    },
    limits: config.adminLimits,
    onLimit: logHttpLimits(context.log, "admin"),
  });
  const grpc = await createGrpcDoor(config, context, metrics, config.connections);
  if ("counters" in grpc) metrics.watchTransport(grpc.counters);
  if (config.connections.tls !== undefined) {
    const times = readCertificateTimes(config.connections.tls.cert);
    metrics.watchCertificate(times.toMs);
    logCertificateTimes(context.log, times);
  }
  const doors: Door[] = [
    { name: "admin", address: config.adminAddress, ...admin },
    { name: "grpc", address: config.address, ...grpc },
  ];
  if (config.http !== undefined) {
    const { address, limits, pathPolicy, ...form } = config.http;
    const judging = createJudging(config, context, metrics, pathPolicy);
    const http = createHttpDoor({
      ...judging,
      form,
      limits,
      onLimit: logHttpLimits(context.log, "http"),
    });
    doors.push({ name: "http", address, ...http });
  }
  return doors;
}

/** What requests are judged with, whatever door they come through. */
function createJudging(
  config: Config,
  { dispatcher, log, onFault }: DoorContext,
  observer: CheckObserver,
  pathPolicy: PathPolicy,
) {
  const { maxHeaders, maxBodyBytes } = config;
  const rawHost = config.policyOptions.compat !== "none";
  const requireHttp = !rawHost && !config.acceptTcp;
  const limits = { ...defaultNormalizeOptions, maxHeaders, maxBodyBytes };
  return {
    dispatcher,
    observer,
    log,
    defaultDeadlineMs: config.deadlineMs,
    deadlineMarginMs: config.deadlineMarginMs,
    shed: config.shed,
    showReason: config.policyOptions.denyBody !== "none",
    onFault,
    normalize: { ...limits, requireHttp, rawHost, pathPolicy },
  };
}

/** Returns the gRPC door; grpc-js is loaded only where it is asked for, since that takes time and memory. */
export async function createGrpcDoor(
  config: Config,
  context: DoorContext,
  observer: CheckObserver,
  connections?: ConnectionConfig,
): Promise<Transport | LeanTransport> {
  const handlers = createCheckHandlers({
    ...createJudging(config, context, observer, config.grpcPathPolicy),
    isReady: () => isReady(context),
    denyContentType: config.policyOptions.compat === "none",
  });
  const streamingHandlers = createStreamingHandlers({
    isReady: () => isReady(context),
    isDraining: () => context.state === "draining",
  });
  const { maxMessageBytes } = config;
  const onFault = (error: unknown): void => context.onFault("transport", error);
  const options = { ...connections, handlers, streamingHandlers, maxMessageBytes, onFault };
  if (config.transport === "lean") {
    return createLeanTransport({ ...options, onCut: logCuts(context.log) });
  }
  const { createGrpcJsTransport } = await import("../transport/grpc-js/transport.ts");
  return createGrpcJsTransport(options);
}

function isReady({ state, policies }: DoorContext): boolean {
  return state === "serving" && policies.isReady();
}
