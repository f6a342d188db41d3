import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { PolicyFile, PolicySnapshot } from "../../model/policy-snapshot.ts";
import type { SourceReading } from "../policy-source.ts";
import {
  describeFault,
  type FoundFile,
  fileDiagnostic,
  type Listing,
  listPolicyFiles,
} from "./list-policy-files.ts";

const maxFileBytes = 16_777_216;

/** Returns the text of all policy files below the paths, in load order, as one snapshot; a missing path is a fault. */
export async function readPolicyFiles(paths: readonly string[]): Promise<SourceReading> {
  return await readListing(await listPolicyFiles(paths));
}

/** Returns the text of the files that were listed, as one snapshot. */
export async function readListing(listing: Listing): Promise<SourceReading> {
  const diagnostics: Diagnostic[] = [...listing.diagnostics];
  const files: PolicyFile[] = [];
  for (const found of listing.files) {
    const outcome = await readOne(found);
    if ("code" in outcome) diagnostics.push(outcome);
    else files.push(outcome);
  }
  if (diagnostics.length > 0) return { diagnostics, removalIsExplicit: false };
  return { snapshot: createSnapshot(files), diagnostics, removalIsExplicit: false };
}

/** Returns a snapshot of these files; its revision depends on their paths, texts and order alone. */
export function createSnapshot(files: readonly PolicyFile[]): PolicySnapshot {
  const hash = createHash("sha256");
  for (const { path, text } of files) hash.update(JSON.stringify([path, text]));
  return { revision: hash.digest("hex").slice(0, 12), files };
}

async function readOne(found: FoundFile): Promise<PolicyFile | Diagnostic> {
  if (found.sizeBytes > maxFileBytes) {
    const message = `is larger than ${maxFileBytes} bytes`;
    return fileDiagnostic("POLICY_TOO_LARGE", found.path, message);
  }
  try {
    const bytes = await readFile(found.path);
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return { path: found.path, text };
  } catch (error) {
    if (error instanceof TypeError) {
      return fileDiagnostic("POLICY_YAML", found.path, "is not valid UTF-8");
    }
    return describeFault(found.path, error);
  }
}
