import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { isVectorFile } from "./read-vectors.ts";

/** The folder with the vectors that belong to this repository. */
export const ownFolder: string = join(import.meta.dirname, "own");
/** The folder with those that were made later, by other generators. */
export const freshFolder: string = join(import.meta.dirname, "fresh");

/** The folder with those of CEL. */
export const celFolder: string = join(import.meta.dirname, "cel");

const shared = join(import.meta.dirname, "../../../shared/conformance");

/** Returns the folders that the tests run: this repository's, and `upstream` of the complete collection if that lies beside it. */
export function testedPaths(): readonly string[] {
  return existing(ownFolder, freshFolder, celFolder, join(shared, "upstream"));
}

/** Returns the folders that are run when none is named: those of the tests, and all that was made later. */
export function defaultPaths(): readonly string[] {
  return [...testedPaths(), ...existing(join(shared, "fresh"))];
}

/** Returns the vector files at or below the path, in order of their names; undefined when there is nothing at the path. */
export function findVectorFiles(path: string): readonly string[] | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  if (!stats.isDirectory()) return [path];
  const names = readdirSync(path, { recursive: true, encoding: "utf8" });
  return names
    .filter(isVectorFile)
    .toSorted()
    .map((name) => join(path, name));
}

function existing(...folders: readonly string[]): readonly string[] {
  return folders.filter((folder) => existsSync(folder));
}
