import type { Config } from "../config/config.ts";
import type { CheckObserver } from "../model/check-record.ts";
import type { Dispatcher } from "../pool/dispatcher.ts";
import { type PausablePoolEvents, pausePoolEvents } from "../pool/pausable-pool-events.ts";
import { createFileSource } from "../sources/files/file-source.ts";
import type { PolicySource, SourceReading } from "../sources/policy-source.ts";
import { reportFaults } from "../telemetry/fault-report.ts";
import { createLog, type Log } from "../telemetry/log.ts";
import { createMetrics } from "../telemetry/metrics.ts";
import { logPoolEvents } from "../telemetry/pool-event-log.ts";
import { type Announcer, createAnnouncer } from "./announcer.ts";
import { closeAll } from "./close-all.ts";
import { createDoors, createGrpcDoor, type Door, type DoorContext } from "./create-doors.ts";
import { createPolicyService } from "./policy-service.ts";
import { type EndSignal, exitCodeOf, type ProcessSignals } from "./process-signals.ts";
import type { ServerClock, ServerProcess } from "./server-process.ts";
import { warmUp } from "./warm-up.ts";

/** Everything a server is made of. */
interface Server extends DoorContext {
  readonly config: Config;
  readonly clock: ServerClock;
  readonly log: Log;
  readonly announcer: Announcer;
  readonly events: PausablePoolEvents;
  doors: readonly Door[];
  readonly source: PolicySource;
}

/** How long warming up takes at most, and how long a way through workers is warmed up at the least, in milliseconds. */
const warmUpMs = { most: 130, least: 50 };

/** How long a server that is still starting may take to end. */
const abandonMs = 1_000;

/** Counts nothing. */
const noObserver: CheckObserver = {
  checkStarted() {},
  checkFinished() {},
  checkAbandoned() {},
};

/**
 * Serves until a signal ends it, and resolves with the exit code: 0 after a drain, 1 when it cannot start, 143 or 130
 * when SIGTERM or SIGINT came before it was ready.
 */
export async function runServer(
  config: Config,
  process: ServerProcess,
  whenReady?: (print: (line: string) => void) => Promise<void>,
): Promise<number> {
  const server = createServer(config, process);
  const { signals } = process;
  const ended = new Promise<EndSignal>((resolve) => signals.onEnd(resolve));
  const outcome = await Promise.race([start(server, signals), ended]);
  if (typeof outcome === "string") {
    server.log.info("ended while starting", { signal: outcome });
    await abandon(server);
    return exitCodeOf(outcome);
  }
  if (!outcome) return 1;
  await whenReady?.((line) => server.announcer.print(line));
  await ended;
  await drain(server);
  return 0;
}

function createServer(config: Config, process: ServerProcess): Server {
  const { output, errorOutput, warnings, clock } = process;
  const { logFormat: format, logLevel: level } = config;
  const log = createLog({
    format,
    level,
    write: (line) => errorOutput.write(line),
    nowMs: clock.dateMs,
  });
  warnings.onWarning(({ name, message }) => log.warn(message, { warning: name }));
  for (const notice of config.notices) log.warn(notice);
  const metrics = createMetrics({ nowMs: clock.dateMs });
  metrics.watchLog(() => ({ stdout: output.dropped(), stderr: errorOutput.dropped() }));
  const onFault = reportFaults(log, (where) => metrics.faultFound(where));
  const events = pausePoolEvents(logPoolEvents(log, metrics.poolEvents, onFault));
  const policies = createPolicyService({ config, log, metrics, events, onFault });
  return {
    config,
    clock,
    log,
    announcer: createAnnouncer(format, (line) => output.write(line), clock.dateMs),
    metrics,
    onFault,
    events,
    policies,
    source: createFileSource({
      paths: config.policyPaths,
      intervalMs: config.reloadIntervalMs,
    }),
    dispatcher: policies.dispatcher,
    doors: [],
    state: "starting",
  };
}

/** Returns whether it serves now; if not, everything is closed and the reason is in the log. */
async function start(server: Server, signals: ProcessSignals): Promise<boolean> {
  const { config, policies, source } = server;
  const read = await source.read();
  // Missing policy files are reported before any door is opened.
  if (read.snapshot === undefined) return await policies.load(read);
  server.doors = await createDoors(config, server);
  if (!(await listenAll(server))) return false;
  if (!(await loadAndWarmUp(server, read))) {
    await closeAll(server.doors, policies.dispatcher, 0, server.clock.uptimeMs);
    return false;
  }
  server.state = "serving";
  announceReady(server);
  watch(server, signals);
  return true;
}

function watch(server: Server, signals: ProcessSignals): void {
  const { log, policies, source } = server;
  source.watch(async (read) => await reload(server, read));
  signals.onReload(() => void source.check());
  signals.onConfirm(() => void policies.confirmRemoval());
  signals.onMistaken(() => log.warn("SIGUSR1 does nothing here; SIGUSR2 confirms a removal"));
}

async function reload({ policies, log, onFault }: Server, read: SourceReading): Promise<void> {
  try {
    await policies.load(read);
  } catch (error) {
    // Whatever it is, the policies in service go on serving.
    onFault("load", error);
    log.error("policies not loaded", { reason: String(error) });
  }
}

/**
 * Loads the first policies and warms up; whether there are policies to serve with. What is evaluated here is warmed up
 * while workers start, and the way through these for what is left of the time.
 */
async function loadAndWarmUp(server: Server, read: SourceReading): Promise<boolean> {
  const { policies, events } = server;
  events.counting = false;
  try {
    let spentMs = 0;
    const loaded = await policies.load(read, async (dispatcher) => {
      const begunMs = performance.now();
      await warmUpQuietly(server, dispatcher, warmUpMs.most);
      spentMs = performance.now() - begunMs;
    });
    if (!loaded) return false;
    const leftMs = Math.max(warmUpMs.most - spentMs, warmUpMs.least);
    await warmUpQuietly(server, policies.dispatcher, leftMs);
    return true;
  } finally {
    events.counting = true;
  }
}

/** Warms up on a door of its own that counts nothing; without it the server is slower at first, and right. */
async function warmUpQuietly(
  server: Server,
  dispatcher: Pick<Dispatcher, "serving">,
  durationMs: number,
): Promise<void> {
  try {
    const door = await createGrpcDoor(server.config, { ...server, dispatcher }, noObserver);
    await warmUp(door, durationMs);
  } catch (error) {
    server.log.warn("not warmed up", { reason: String(error) });
  }
}

/** Opens the doors and announces each; whether all could be. */
async function listenAll(server: Server): Promise<boolean> {
  const { unixSocketMode } = server.config;
  // Set before the sockets are made, so that there is no moment at which others may connect.
  const mask = unixSocketMode === undefined ? undefined : process.umask(0o777 & ~unixSocketMode);
  try {
    for (const door of server.doors) {
      if (await listenOn(door, server)) continue;
      await Promise.all(server.doors.map(async (each) => await each.close(0)));
      return false;
    }
    return true;
  } finally {
    if (mask !== undefined) process.umask(mask);
  }
}

async function listenOn(door: Door, { log, announcer }: Server): Promise<boolean> {
  const { name } = door;
  try {
    const address = await door.listen(door.address);
    announcer.announce(`listening: ${name} on ${address}`, "listening", { door: name, address });
    return true;
  } catch (error) {
    log.error(`cannot listen on ${door.address} for ${name}: ${describeFault(error)}`);
    return false;
  }
}

function describeFault(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ("code" in error && error.code === "EADDRINUSE") return "the address is in use";
  return error.message;
}

function announceReady({ policies, config, announcer, clock }: Server): void {
  const { policyPaths, workers, dispatch } = config;
  const count = policies.policyCount();
  if (count === 0) {
    const paths = policyPaths.join(", ");
    const text = `waiting: no policy in ${paths}; every request is denied`;
    announcer.announce(text, "waiting", { paths });
    return;
  }
  const where = dispatch === "inline" ? "inline" : `${workers} worker${workers === 1 ? "" : "s"}`;
  const milliseconds = Math.round(clock.uptimeMs());
  const policy = count === 1 ? "policy" : "policies";
  const revision = policies.revision();
  announcer.announce(
    `ready: ${count} ${policy} (revision ${revision}), ${where}, ${milliseconds} ms`,
    "ready",
    { policies: count, revision, workers: dispatch === "inline" ? 0 : workers, milliseconds },
  );
}

/** Closes what is open of a server that is still starting, as far as it can be closed in good time. */
async function abandon(server: Server): Promise<void> {
  const late = new Promise<void>((resolve) => setTimeout(resolve, abandonMs));
  await Promise.race([
    closeAll(server.doors, server.policies.dispatcher, 0, server.clock.uptimeMs),
    late,
  ]);
}

async function drain(server: Server): Promise<void> {
  const { config, log } = server;
  server.state = "draining";
  log.info("draining", { graceMs: config.drainMs });
  server.source.close();
  await closeAll(server.doors, server.policies.dispatcher, config.drainMs, server.clock.uptimeMs);
}
