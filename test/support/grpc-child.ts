import { readFileSync } from "node:fs";
import type { NetConnectOpts } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { TransportCounters } from "../../src/transport/http2/counters.ts";
import { type ChildServer, startChild } from "./child-server.ts";

const fixtures = new URL("../transport/lean/fixtures/", import.meta.url);

/** A fixture server in a process of its own. */
export interface GrpcChild {
  readonly server: ChildServer;
  /** Where it listens, for `net.connect`. */
  readonly where: NetConnectOpts;
  /** 0 on a Unix socket. */
  readonly port: number;
  /** Its resident memory now, in bytes. */
  residentBytes(): number;
  /** Whether it still runs. */
  alive(): boolean;
}

/**
 * Starts `fixtures/grpc-server.ts` with the adapter; it listens on a free port of 127.0.0.1 unless told otherwise.
 *
 * @param nodeArgs options of Node's
 */
export async function startGrpcChild(
  adapter: string,
  options: object = {},
  address: string = "127.0.0.1:0",
  nodeArgs: readonly string[] = [],
): Promise<GrpcChild> {
  const args = [adapter, JSON.stringify(options), address];
  return await startFixture("grpc-server.ts", args, nodeArgs);
}

/** Returns another fixture that prints `ready: HOST:PORT` or `ready: unix:///PATH`. */
export async function startFixture(
  file: string,
  args: readonly string[] = [],
  nodeArgs: readonly string[] = [],
): Promise<GrpcChild> {
  const path = fileURLToPath(new URL(file, fixtures));
  const server = startChild(process.execPath, [...nodeArgs, path, ...args]);
  const [, address = ""] = await server.waitFor(/^ready: (\S+)$/m);
  const port = Number(/:(\d+)$/.exec(address)?.[1] ?? 0);
  return {
    server,
    where: port > 0 ? { host: "127.0.0.1", port } : { path: address.replace("unix://", "") },
    port,
    residentBytes: () => readResidentBytes(server.process.pid ?? 0),
    alive: () => server.process.exitCode === null && server.process.signalCode === null,
  };
}

/** Resolves with what the lean transport in the child has counted so far. */
export async function readCounters({ server }: GrpcChild): Promise<TransportCounters> {
  const lines = (): readonly string[] => server.output().match(/^counters: .*\n/gm) ?? [];
  const told = lines().length;
  server.process.kill("SIGUSR2");
  for (let waits = 0; lines().length === told && waits < 1_000; waits++) await sleep(10);
  const counters: TransportCounters = JSON.parse(lines().at(-1)?.replace("counters: ", "") ?? "");
  return counters;
}

/** From /proc, which counts in KiB. */
function readResidentBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1_024;
}
