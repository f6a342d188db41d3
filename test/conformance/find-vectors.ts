import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const repository = join(import.meta.dirname, "../..");

/** The folder with the vectors that belong to this repository. */
export const ownFolder: string = join(import.meta.dirname, "own");

/**
 * The folders that are run when none is named: the complete collection where it lies beside the repository,
 * else the part that belongs to it.
 */
export function defaultPaths(): readonly string[] {
  const complete = join(repository, "../shared/conformance");
  const folders = [join(complete, "own"), join(complete, "upstream")];
  return folders.every((folder) => existsSync(folder)) ? folders : [ownFolder];
}

/** The vector files at or below the path, in order of their names; undefined when there is nothing at the path. */
export function findVectorFiles(path: string): readonly string[] | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  if (!stats.isDirectory()) return [path];
  const names = readdirSync(path, { recursive: true, encoding: "utf8" });
  return names
    .filter((name) => name.endsWith(".jsonl"))
    .toSorted()
    .map((name) => join(path, name));
}
