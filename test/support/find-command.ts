import assert from "node:assert/strict";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** A program to test with, or why there is none. */
export type FoundTool = { readonly path: string } | { readonly missing: string };

/** Returns the path of a command that the system has on its path or in these folders besides, or how to come by it. */
export function findCommand(
  name: string,
  debianPackage: string,
  folders: readonly string[] = [],
): FoundTool {
  for (const folder of [...(process.env["PATH"] ?? "").split(delimiter), ...folders]) {
    const path = join(folder, name);
    if (isExecutable(path)) return { path };
  }
  return { missing: `no ${name}: install it (on Debian: \`apt-get install ${debianPackage}\`)` };
}

/** Returns what a suite needs to run a tool: its path, and why it is skipped. In CI nothing may be skipped, so there it throws. */
export function requireTool(found: FoundTool): {
  readonly path: string;
  readonly skip: string | false;
} {
  if ("path" in found) return { path: found.path, skip: false };
  assert.equal(process.env["CI"], undefined, found.missing);
  return { path: "", skip: found.missing };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
