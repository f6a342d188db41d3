import type { Stats } from "node:fs";
import { lstat, readdir, realpath, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { PolicyErrorCode } from "../../model/error-codes.ts";

/** A policy file that was found, not yet read. */
export interface FoundFile {
  readonly path: string;
  readonly sizeBytes: number;
  /** Changes whenever the file's content may have changed. */
  readonly signature: string;
}

/** The files below some paths, and what stood in the way. */
export interface Listing {
  readonly files: readonly FoundFile[];
  readonly diagnostics: readonly Diagnostic[];
}

const defaultMaxFiles = 20_000;

/**
 * Returns the policy files below the paths: by argument, then by path. A file named outright is taken whatever its name; in
 * a folder, at any depth, those that end in `.yaml`, `.yml` or `.json`.
 *
 * Each real file and folder counts once, so links cannot loop, and a mounted ConfigMap folder, whose names are links
 * into a `..data` folder, is not read twice: folders whose names start with `..` are passed over.
 */
export async function listPolicyFiles(
  paths: readonly string[],
  maxFiles: number = defaultMaxFiles,
): Promise<Listing> {
  const walk: Walk = { files: [], diagnostics: [], seen: new Set(), maxFiles, isFull: false };
  for (const path of paths) await visit(walk, path, true);
  return walk;
}

interface Walk {
  readonly files: FoundFile[];
  readonly diagnostics: Diagnostic[];
  readonly seen: Set<string>;
  readonly maxFiles: number;
  isFull: boolean;
}

async function visit(walk: Walk, path: string, named: boolean): Promise<void> {
  try {
    const stats = await stat(path);
    const real = await realpath(path);
    if (stats.isDirectory()) {
      if (!named && basename(path).startsWith("..")) return;
      if (addNew(walk.seen, real)) await visitFolder(walk, path);
    } else if (stats.isFile()) {
      if ((named || isPolicyName(path)) && addNew(walk.seen, real)) {
        addFile(walk, path, real, stats);
      }
    } else if (named) {
      walk.diagnostics.push(
        fileDiagnostic("POLICY_UNREADABLE", path, "is neither a file nor a folder"),
      );
    }
  } catch (error) {
    walk.diagnostics.push(await describeMissing(path, error));
  }
}

/** The fault; for a file that is not there with the text of the call that failed in the original: a dangling link is there. */
async function describeMissing(path: string, error: unknown): Promise<Diagnostic> {
  const fault = describeFault(path, error);
  if (fault.code !== "POLICY_NOT_FOUND") return fault;
  const call = await lstat(path).then(
    () => "open",
    () => "lstat",
  );
  return { ...fault, originalText: `${call} ${path}: no such file or directory` };
}

async function visitFolder(walk: Walk, path: string): Promise<void> {
  const names = await readdir(path);
  for (const name of names.toSorted()) await visit(walk, join(path, name), false);
}

function addFile(walk: Walk, path: string, real: string, stats: Stats): void {
  const { maxFiles } = walk;
  if (walk.files.length === maxFiles) {
    if (walk.isFull) return;
    walk.isFull = true;
    const message = `there are more than ${maxFiles} policy files`;
    walk.diagnostics.push(fileDiagnostic("POLICY_TOO_LARGE", path, message));
    return;
  }
  const signature = `${path}:${real}:${stats.ino}:${stats.size}:${stats.mtimeMs}:${stats.ctimeMs}`;
  walk.files.push({ path, sizeBytes: stats.size, signature });
}

function addNew(seen: Set<string>, real: string): boolean {
  const size = seen.size;
  return seen.add(real).size > size;
}

function isPolicyName(path: string): boolean {
  // A name that is nothing but an extension (`.yaml`) was read by the original, and is here.
  return /\.(?:yaml|yml|json)$/i.test(path);
}

/** Returns the diagnostic for a path that the file system refuses. */
export function describeFault(path: string, error: unknown): Diagnostic {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "ENOENT" || code === "ENOTDIR") {
    return fileDiagnostic("POLICY_NOT_FOUND", path, "no such file or folder");
  }
  return fileDiagnostic("POLICY_UNREADABLE", path, `cannot be read (${code || "unknown reason"})`);
}

/** Returns an error that concerns a file as a whole. */
export function fileDiagnostic(code: PolicyErrorCode, file: string, message: string): Diagnostic {
  return { code, severity: "error", message, file, line: 0, column: 0 };
}
