import type { PolicySource } from "../policy-source.ts";
import { type Listing, listPolicyFiles } from "./list-policy-files.ts";
import { readListing } from "./read-policy-files.ts";
import { type PolicyWatch, watchPolicyFiles } from "./watch-policy-files.ts";

/** Which files to read, and how often to look at them. */
interface FileSourceOptions {
  readonly paths: readonly string[];
  /** Milliseconds between looks; 0 means only when asked. */
  readonly intervalMs: number;
}

/** Returns the source of the policies in files and folders. */
export function createFileSource({ paths, intervalMs }: FileSourceOptions): PolicySource {
  let known: Listing | undefined;
  let watch: PolicyWatch | undefined;
  return {
    async read() {
      known = await listPolicyFiles(paths);
      return await readListing(known);
    },
    watch(onChange) {
      if (known === undefined || watch !== undefined) {
        throw new Error("watched too early, or twice");
      }
      watch = watchPolicyFiles({ paths, intervalMs, onChange }, known);
    },
    async check() {
      await watch?.check();
    },
    close() {
      watch?.close();
    },
  };
}
