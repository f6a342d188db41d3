#!/usr/bin/env node
/** The program: wires the rooms together, starts them, and ends them in order. */
import { createPolicyService, type PolicyService } from "./cli/policy-service.ts";
import { runCommand } from "./cli/run-command.ts";
import type { Config } from "./config/config.ts";
import { defaultNormalizeOptions } from "./envoy/normalize-options.ts";
import { createAdminDoor } from "./server/admin-door.ts";
import { createCheckHandlers } from "./server/check-service.ts";
import { createHttpDoor } from "./server/http-door.ts";
import { listPolicyFiles } from "./store/list-policy-files.ts";
import { readListing } from "./store/read-policy-files.ts";
import { watchPolicyFiles } from "./store/watch-policy-files.ts";
import { createLog, type Log } from "./telemetry/log.ts";
import { createMetrics, type Metrics } from "./telemetry/metrics.ts";
import { logPoolEvents } from "./telemetry/pool-event-log.ts";
import { createGrpcJsTransport } from "./transport/grpc-js.ts";
import { createLeanTransport } from "./transport/lean-transport.ts";

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
  readonly metrics: Metrics;
  readonly log: Log;
  /** Whether the end has begun. */
  draining: boolean;
}

const startedMs = performance.now();

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
  const events = logPoolEvents(log, metrics.poolEvents);
  const policies = createPolicyService({ config, log, metrics, events });
  const rooms: Rooms = { policies, metrics, log, draining: false };
  const doors = createDoors(config, rooms);
  if (!(await listenAll(doors, log))) return 1;
  const listing = await listPolicyFiles(config.policyPaths);
  if (!(await policies.load(await readListing(listing)))) {
    await closeAll(doors, policies, 0);
    return 1;
  }
  process.stdout.write(`${readyLine(policies, config)}\n`);
  await whenReady?.();
  const watch = watchPolicyFiles(
    {
      paths: config.policyPaths,
      intervalMs: config.reloadIntervalMs,
      onChange: async (read) => {
        await reload(rooms, read);
      },
    },
    listing,
  );
  process.on("SIGHUP", () => void watch.check());
  await endSignal();
  rooms.draining = true;
  log.info("draining", { graceMs: config.drainMs });
  watch.close();
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

function createDoors(config: Config, rooms: Rooms): readonly Door[] {
  const { policies, metrics } = rooms;
  const isReady = (): boolean => !rooms.draining && policies.isReady();
  const asOriginal = config.policyOptions.compat !== "none";
  const { maxHeaders, maxBodyBytes } = config;
  const judging = {
    dispatcher: policies.dispatcher,
    metrics,
    defaultDeadlineMs: config.deadlineMs,
    showBadRequest: config.policyOptions.denyBody !== "none",
    normalize: {
      ...defaultNormalizeOptions,
      maxHeaders,
      maxBodyBytes,
      requireHttp: !asOriginal,
    },
  };
  const handlers = createCheckHandlers({ ...judging, isReady, denyContentType: !asOriginal });
  const admin = createAdminDoor({
    isHealthy: () => policies.isHealthy(),
    isReady,
    metricsText: async () => await metrics.text(),
    metricsContentType: metrics.contentType,
    policies: () => policies.describe(),
  });
  const createTransport = config.transport === "lean" ? createLeanTransport : createGrpcJsTransport;
  const grpc = createTransport({ handlers, maxMessageBytes: config.maxMessageBytes });
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
