#!/usr/bin/env node
/** The program: wires the rooms together, starts them, and ends them in order. */
import { setFlagsFromString } from "node:v8";
import { createPolicyService, type PolicyService } from "./cli/policy-service.ts";
import { runCommand } from "./cli/run-command.ts";
import { warmUp } from "./cli/warm-up.ts";
import type { Config, ConnectionConfig } from "./config/config.ts";
import { defaultNormalizeOptions } from "./envoy/normalize-options.ts";
import type { PathPolicy } from "./model/request-path.ts";
import type { Dispatcher } from "./pool/dispatcher.ts";
import { createAdminDoor } from "./server/admin-door.ts";
import { createCheckHandlers } from "./server/check-service.ts";
import { createHttpDoor } from "./server/http-door.ts";
import type { CheckRecorder } from "./server/judge.ts";
import { createStreamingHandlers } from "./server/streaming-handlers.ts";
import { listPolicyFiles } from "./store/list-policy-files.ts";
import { readListing } from "./store/read-policy-files.ts";
import { type PolicyWatch, watchPolicyFiles } from "./store/watch-policy-files.ts";
import { createLog, type Log } from "./telemetry/log.ts";
import { createMetrics, type Metrics } from "./telemetry/metrics.ts";
import { type PausablePoolEvents, pausePoolEvents } from "./telemetry/pausable-pool-events.ts";
import { logPoolEvents } from "./telemetry/pool-event-log.ts";
import { createLeanTransport, type LeanTransport } from "./transport/lean-transport.ts";
import type { Transport } from "./transport/port.ts";

/** A door: where requests come in. */
interface Door {
  readonly name: "grpc" | "http" | "admin";
  readonly address: string;
  listen(address: string): Promise<string>;
  close(graceMs: number): Promise<void>;
}

/** What the doors are built over. */
interface Rooms {
  readonly policies: PolicyService;
  /** What judges: the policies' own except while warming up. */
  readonly dispatcher: Pick<Dispatcher, "serving">;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly events: PausablePoolEvents;
  state: "starting" | "serving" | "draining";
  /** Looks for changed policies once the first have been loaded. */
  watch?: PolicyWatch;
}

const startedMs = performance.now();

// While it warms up, V8 finds that much survives a still small young generation, and from then on puts such objects
// straight into the old one: half the answers a CPU-second, twice the memory, and long pauses. Workers heed it too.
setFlagsFromString("--no-allocation-site-pretenuring");

/** How long warming up takes at the most, and how long a way through workers is warmed up at the least, in milliseconds. */
const warmUpMs = { most: 130, least: 50 };

/** Counts nothing. */
const noMetrics: CheckRecorder = {
  checkStarted() {},
  checkFinished() {},
  checkAbandoned() {},
};

process.exitCode = await runCommand(process.argv.slice(2), {
  env: process.env,
  print: (line) => {
    process.stdout.write(`${line}\n`);
  },
  printError: (line) => {
    process.stderr.write(`${line}\n`);
  },
  serve,
});

/** Serves until a signal ends it; the exit code is 0 after a drain, and 1 when it cannot start. */
async function serve(config: Config, whenReady?: () => Promise<void>): Promise<number> {
  const log = createLog({ format: config.logFormat, level: config.logLevel });
  const metrics = createMetrics();
  const events = pausePoolEvents(logPoolEvents(log, metrics.poolEvents));
  const policies = createPolicyService({ config, log, metrics, events });
  const { dispatcher } = policies;
  const rooms: Rooms = { policies, dispatcher, metrics, log, events, state: "starting" };
  // Until there is something to read again, a hangup must not end the process, which is what it does by default.
  process.on("SIGHUP", () => void rooms.watch?.check());
  const listing = await listPolicyFiles(config.policyPaths);
  const read = await readListing(listing);
  // What is not there is told before any door is opened.
  if (read.snapshot === undefined) return (await policies.load(read)) ? 0 : 1;
  const doors = await createDoors(config, rooms);
  if (!(await listenAll(doors, log))) return 1;
  if (!(await loadAndWarmUp(config, rooms, read))) {
    await closeAll(doors, policies, 0);
    return 1;
  }
  rooms.state = "serving";
  process.stdout.write(`${readyLine(policies, config)}\n`);
  await whenReady?.();
  rooms.watch = watchPolicyFiles(
    {
      paths: config.policyPaths,
      intervalMs: config.reloadIntervalMs,
      onChange: async (changed) => {
        await reload(rooms, changed);
      },
    },
    listing,
  );
  await endSignal();
  rooms.state = "draining";
  log.info("draining", { graceMs: config.drainMs });
  rooms.watch.close();
  await closeAll(doors, policies, config.drainMs);
  return 0;
}

async function reload(
  { policies, log }: Rooms,
  read: Parameters<PolicyService["load"]>[0],
): Promise<void> {
  try {
    if (await policies.load(read)) log.info("policies loaded", { revision: policies.revision() });
  } catch (error) {
    // Whatever it is, the policies in service go on serving.
    log.error("policies not loaded", { reason: String(error) });
  }
}

/** What requests are judged with, whatever door they come through. */
function createJudging(
  config: Config,
  { dispatcher }: Rooms,
  metrics: CheckRecorder,
  pathPolicy: PathPolicy,
) {
  const { maxHeaders, maxBodyBytes } = config;
  const rawHost = config.policyOptions.compat !== "none";
  const requireHttp = !rawHost && !config.acceptTcp;
  const limits = { ...defaultNormalizeOptions, maxHeaders, maxBodyBytes };
  return {
    dispatcher,
    metrics,
    defaultDeadlineMs: config.deadlineMs,
    showBadRequest: config.policyOptions.denyBody !== "none",
    normalize: { ...limits, requireHttp, rawHost, pathPolicy },
  };
}

/** The gRPC door; grpc-js is loaded only where it is asked for, since that takes time and memory. */
async function createGrpcDoor(
  config: Config,
  rooms: Rooms,
  metrics: CheckRecorder,
  connections?: ConnectionConfig,
): Promise<Transport | LeanTransport> {
  const handlers = createCheckHandlers({
    ...createJudging(config, rooms, metrics, config.grpcPathPolicy),
    isReady: () => isReady(rooms),
    denyContentType: config.policyOptions.compat === "none",
  });
  const streamingHandlers = createStreamingHandlers({
    isReady: () => isReady(rooms),
    isDraining: () => rooms.state === "draining",
  });
  const { maxMessageBytes } = config;
  const options = { ...connections, handlers, streamingHandlers, maxMessageBytes };
  if (config.transport === "lean") return createLeanTransport(options);
  const { createGrpcJsTransport } = await import("./transport/grpc-js.ts");
  return createGrpcJsTransport(options);
}

function isReady({ state, policies }: Rooms): boolean {
  return state === "serving" && policies.isReady();
}

/**
 * Loads the first policies and warms up; whether there are policies to serve with. What is evaluated here is warmed up
 * while workers start, and the way through these for what is left of the time.
 */
async function loadAndWarmUp(
  config: Config,
  rooms: Rooms,
  read: Parameters<PolicyService["load"]>[0],
): Promise<boolean> {
  const { policies, events } = rooms;
  events.counting = false;
  try {
    let spentMs = 0;
    const loaded = await policies.load(read, async (dispatcher) => {
      const begunMs = performance.now();
      await warmUpQuietly(config, rooms, dispatcher, warmUpMs.most);
      spentMs = performance.now() - begunMs;
    });
    if (!loaded) return false;
    const leftMs = Math.max(warmUpMs.most - spentMs, warmUpMs.least);
    await warmUpQuietly(config, rooms, policies.dispatcher, leftMs);
    return true;
  } finally {
    events.counting = true;
  }
}

/** Warms up on a door of its own that counts nothing; without it the server is slower at first, and right. */
async function warmUpQuietly(
  config: Config,
  rooms: Rooms,
  dispatcher: Rooms["dispatcher"],
  durationMs: number,
): Promise<void> {
  try {
    await warmUp(await createGrpcDoor(config, { ...rooms, dispatcher }, noMetrics), durationMs);
  } catch (error) {
    rooms.log.warn("not warmed up", { reason: String(error) });
  }
}

async function createDoors(config: Config, rooms: Rooms): Promise<readonly Door[]> {
  const { policies, metrics } = rooms;
  const admin = createAdminDoor({
    isHealthy: () => policies.isHealthy(),
    isReady: () => isReady(rooms),
    metricsText: async () => await metrics.text(),
    metricsContentType: metrics.contentType,
    policies: () => policies.describe(),
  });
  const grpc = await createGrpcDoor(config, rooms, metrics, config.connections);
  if ("counters" in grpc) metrics.watchTransport(grpc.counters);
  const doors: Door[] = [
    { name: "admin", address: config.adminAddress, ...admin },
    { name: "grpc", address: config.address, ...grpc },
  ];
  if (config.httpAddress !== undefined) {
    const form = {
      form: config.httpForm,
      pathPrefix: config.httpPathPrefix,
      clientAddress: config.httpClientAddress,
    };
    const judging = createJudging(config, rooms, metrics, config.httpPathPolicy);
    const http = createHttpDoor({ ...judging, form });
    doors.push({ name: "http", address: config.httpAddress, ...http });
  }
  return doors;
}

/** Opens the doors and prints a line for each; whether all could be. */
async function listenAll(doors: readonly Door[], log: Log): Promise<boolean> {
  for (const door of doors) {
    try {
      const address = await door.listen(door.address);
      process.stdout.write(`listening: ${door.name} on ${address}\n`);
    } catch (error) {
      log.error(`cannot listen on ${door.address} for ${door.name}: ${describeFault(error)}`);
      await Promise.all(doors.map(async (each) => await each.close(0)));
      return false;
    }
  }
  return true;
}

function describeFault(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ("code" in error && error.code === "EADDRINUSE") return "the address is in use";
  return error.message;
}

function readyLine(policies: PolicyService, { policyPaths, workers, dispatch }: Config): string {
  const count = policies.policyCount();
  if (count === 0) {
    return `waiting: no policy in ${policyPaths.join(", ")}; every request is denied`;
  }
  const where = dispatch === "inline" ? "inline" : `${workers} worker${workers === 1 ? "" : "s"}`;
  const milliseconds = Math.round(performance.now() - startedMs);
  const policy = count === 1 ? "policy" : "policies";
  return `ready: ${count} ${policy} (revision ${policies.revision()}), ${where}, ${milliseconds} ms`;
}

/** Resolves on the first SIGTERM or SIGINT; the second ends the process at once. */
async function endSignal(): Promise<void> {
  await new Promise<void>((resolve) => {
    let signals = 0;
    const onSignal = (): void => {
      signals++;
      if (signals > 1) process.exit(1);
      resolve();
    };
    process.on("SIGTERM", onSignal);
    process.on("SIGINT", onSignal);
  });
}

/** Closes the doors first, so that whatever is open can still be judged, and then the workers. */
async function closeAll(
  doors: readonly Door[],
  policies: PolicyService,
  graceMs: number,
): Promise<void> {
  const [admin, ...others] = doors;
  await Promise.all(others.map(async (door) => await door.close(graceMs)));
  await policies.dispatcher.close(graceMs);
  await admin?.close(0);
}
