import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type ChildServer, startChild } from "./child-server.ts";
import { listeningPort } from "./listening-port.ts";

const examplePath = fileURLToPath(new URL("../../examples/envoy/envoy.yaml", import.meta.url));

/** The ports that take the place of the example's. */
export interface EnvoyPorts {
  readonly ostiary: number;
  readonly application: number;
}

/** A running Envoy. */
export interface RunningEnvoy {
  /** `http://127.0.0.1:PORT` of the guarded listener. */
  readonly url: string;
  /** Resolves with all counters and gauges whose name holds the text. */
  stats(name: string): Promise<Record<string, number>>;
  readonly server: ChildServer;
  stop(): Promise<void>;
}

/**
 * Returns Envoy with the example's configuration, its ports replaced by free ones.
 *
 * @param edit changes the configuration's text first; to be told from the example, it has to change something
 */
export async function startEnvoy(
  binary: string,
  ports: EnvoyPorts,
  edit: (config: string) => string = (config) => config,
): Promise<RunningEnvoy> {
  const [listen, admin] = [await freePort(), await freePort()];
  const config = edit(readFileSync(examplePath, "utf8"))
    .replaceAll("port_value: 10000", `port_value: ${listen}`)
    .replaceAll("port_value: 9901", `port_value: ${admin}`)
    .replaceAll("port_value: 9000", `port_value: ${ports.ostiary}`)
    .replaceAll("port_value: 8080", `port_value: ${ports.application}`);
  const folder = await mkdtemp(join(tmpdir(), "ostiary-envoy-"));
  const path = join(folder, "envoy.yaml");
  await writeFile(path, config);
  const server = startChild(binary, ["-c", path, "--concurrency", "2", "--use-dynamic-base-id"]);
  await server.waitFor(/starting main dispatch loop/);
  return {
    url: `http://127.0.0.1:${listen}`,
    server,
    stats: async (name) => await readStats(admin, name),
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true });
    },
  };
}

async function readStats(adminPort: number, name: string): Promise<Record<string, number>> {
  const response = await fetch(`http://127.0.0.1:${adminPort}/stats?filter=${name}`);
  const lines = (await response.text()).trim().split("\n");
  return Object.fromEntries(
    lines.map((line) => line.split(": ")).map(([key, value]) => [key, Number(value)]),
  );
}

/** Returns a TCP port of 127.0.0.1 that nobody listened on a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listeningPort(server);
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return port;
}
