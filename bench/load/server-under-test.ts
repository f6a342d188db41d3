import { doorPort, startChild } from "../../test/support/child-server.ts";
import type { ScenarioInput } from "../scenarios/scenario.ts";
import type { BenchOptions } from "./options.ts";
import type { Server, StartedServer } from "./parse-server.ts";
import { canPin, pinnedCommand } from "./pin-process.ts";
import { readCpusAllowed } from "./process-figures.ts";

/** A server that answers. */
export interface ServerUnderTest {
  /** `host:port` or `unix:/path` of the gRPC door. */
  readonly target: string;
  /** Of the HTTP door, when it was asked for. */
  readonly httpUrl: string | undefined;
  readonly pid: number | undefined;
  /** From the start of the process to `ready`, in milliseconds; undefined when it was running before. */
  readonly coldStartMs: number | undefined;
  readonly pinned: boolean;
  stop(): Promise<void>;
}

/** The way in which a server is started. */
export type StartOptions = Pick<BenchOptions, "http" | "cpus" | "profileFolder">;

/**
 * Resolves with the server to measure, started if need be.
 *
 * @throws Error with the server's output when it does not get ready
 */
export async function startServerUnderTest(
  server: Server,
  options: StartOptions,
  input: ScenarioInput,
): Promise<ServerUnderTest> {
  if (server.kind === "started") return await startServer(server, options, input);
  const { target, pid } = server;
  const { cpus } = options;
  return {
    target,
    pid,
    httpUrl: undefined,
    coldStartMs: undefined,
    pinned: pid !== undefined && cpus !== undefined && readCpusAllowed(pid) === cpus.server,
    stop: async () => {},
  };
}

async function startServer(
  { entryPath, policyPaths, args, nodeArgs }: StartedServer,
  { http, cpus, profileFolder }: StartOptions,
  input: ScenarioInput,
): Promise<ServerUnderTest> {
  const plain = [
    process.execPath,
    ...nodeArgs,
    ...(profileFolder === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profileFolder}`]),
    entryPath,
    "serve",
    ...(policyPaths ?? input.policyPaths).map((path) => `--policy=${path}`),
    "--address=127.0.0.1:0",
    "--admin-address=127.0.0.1:0",
    ...(http ? ["--http-address=127.0.0.1:0", "--http-form=direct"] : []),
    "--log-level=warn",
    ...(input.serverArgs ?? []),
    ...args,
  ];
  const pinned = cpus !== undefined && canPin(cpus.server);
  const [command = process.execPath, ...rest] = pinned ? pinnedCommand(cpus.server, plain) : plain;
  const startedMs = performance.now();
  const child = startChild(command, rest);
  const kill = (): void => {
    child.process.kill("SIGKILL");
  };
  process.once("exit", kill);
  let coldStartMs: number | undefined;
  // Looked at as it arrives: waiting for the line below asks only every 10 ms.
  child.process.stdout?.on("data", () => {
    if (/^ready/m.test(child.output())) coldStartMs ??= performance.now() - startedMs;
  });
  try {
    await child.waitFor(/^ready/m);
  } catch (error) {
    await child.stop();
    throw error;
  }
  return {
    target: `127.0.0.1:${doorPort(child, "grpc")}`,
    httpUrl: http ? `http://127.0.0.1:${doorPort(child, "http")}` : undefined,
    pid: child.process.pid,
    coldStartMs: coldStartMs ?? performance.now() - startedMs,
    pinned,
    stop: async () => {
      await child.stop();
      process.off("exit", kill);
    },
  };
}
