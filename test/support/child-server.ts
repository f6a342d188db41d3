import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/** A program that runs beside a test. */
export interface ChildServer {
  readonly process: ChildProcess;
  /** All it has written so far, both streams. */
  output(): string;
  /** Resolves when its output matches; rejects with the output when it ends before, or within 20 s does not. */
  waitFor(pattern: RegExp): Promise<RegExpMatchArray>;
  /** Sends SIGTERM, then SIGKILL, and resolves with the exit code. */
  stop(): Promise<number | null>;
}

/** Returns a program started with its output caught. */
export function startChild(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): ChildServer {
  const child = spawn(command, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  const collect = (chunk: Buffer): void => {
    text += chunk.toString("utf8");
  };
  child.stdout.on("data", collect);
  child.stderr.on("data", collect);
  const exited = once(child, "exit");
  return {
    process: child,
    output: () => text,
    waitFor: async (pattern) => {
      for (const end = Date.now() + 20_000; Date.now() < end; ) {
        const found = text.match(pattern);
        if (found !== null) return found;
        if (child.exitCode !== null) break;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      throw new Error(`${command} never wrote ${pattern}:\n${text}`);
    },
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), 15_000);
      await exited;
      clearTimeout(timer);
      return child.exitCode;
    },
  };
}

/** Returns Ostiary started from its sources, with doors on free ports of 127.0.0.1 unless the arguments say otherwise. */
export async function startOstiary(args: readonly string[]): Promise<ChildServer> {
  const doors = ["--address=127.0.0.1:0", "--admin-address=127.0.0.1:0"].filter(
    (door) => !args.some((arg) => arg.startsWith(door.slice(0, door.indexOf("=") + 1))),
  );
  const server = startChild(process.execPath, ["src/main.ts", "serve", ...doors, ...args]);
  await server.waitFor(/^ready/m);
  return server;
}

/** Returns the port of a door, read from the line that a started Ostiary prints for it. */
export function doorPort(server: ChildServer, door: "grpc" | "http" | "admin"): number {
  const found = new RegExp(`^listening: ${door} on \\S+:(\\d+)$`, "m").exec(server.output());
  if (found === null) throw new Error(`no ${door} door in:\n${server.output()}`);
  return Number(found[1]);
}
