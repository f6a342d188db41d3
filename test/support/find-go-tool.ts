import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { FoundTool } from "./find-command.ts";

const run = promisify(execFile);

const folder = fileURLToPath(new URL("../../.cache/bin/", import.meta.url));

interface GoTool {
  readonly name: string;
  readonly module: string;
  /** Names a binary to take instead. */
  readonly variable: string;
}

/** Returns the path of h2spec: `H2SPEC_PATH`, or built once by `go install` into `.cache/bin`. */
export async function findH2spec(): Promise<FoundTool> {
  return await findGoTool({
    name: "h2spec",
    module: "github.com/summerwind/h2spec/cmd/h2spec@v2.2.1+incompatible",
    variable: "H2SPEC_PATH",
  });
}

/** Returns the path of ghz, a gRPC client in Go: `GHZ_PATH`, or built once by `go install` into `.cache/bin`. */
export async function findGhz(): Promise<FoundTool> {
  return await findGoTool({
    name: "ghz",
    module: "github.com/bojand/ghz/cmd/ghz@v0.121.0",
    variable: "GHZ_PATH",
  });
}

async function findGoTool({ name, module, variable }: GoTool): Promise<FoundTool> {
  const named = process.env[variable];
  if (named !== undefined) return { path: named };
  const path = join(folder, name);
  if (existsSync(path)) return { path };
  const fault = await install(name, module);
  if (existsSync(path)) return { path };
  return {
    missing:
      `no ${name}: \`go install ${module}\` failed (${fault}). ` +
      `Install Go, or set ${variable} to a binary.`,
  };
}

async function install(name: string, module: string): Promise<string> {
  const staging = join(folder, `${name}.${process.pid}`);
  try {
    await mkdir(staging, { recursive: true });
    await run("go", ["install", module], { env: { ...process.env, GOBIN: staging } });
    // Another test process may have been faster: the same binary takes the place of the other.
    await rename(join(staging, name), join(folder, name));
    return "nothing was built";
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return text.split("\n")[0] ?? text;
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}
