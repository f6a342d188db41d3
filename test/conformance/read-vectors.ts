import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { gunzipSync } from "node:zlib";
import { readJsonLine } from "../support/read-json-line.ts";
import { type Vector, vectorKinds } from "./vector.ts";

/** The vectors of one file. */
export interface VectorFile {
  /** The file's name without folder, `.jsonl` and `.gz`. */
  readonly name: string;
  readonly vectors: readonly Vector[];
}

/** What a vector file's name ends in. */
const extension = /\.jsonl(?:\.gz)?$/;

/** Returns whether the file holds vectors, by its name. */
export function isVectorFile(name: string): boolean {
  return extension.test(name);
}

/** Returns all vectors of a file, in its order; throws when a line is not JSON or of no known kind. */
export function readVectorFile(path: string): VectorFile {
  const bytes = readFileSync(path);
  const text = (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString();
  const vectors: Vector[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (line === "") continue;
    const vector: unknown = named(readJsonLine(line));
    if (!isVector(vector)) throw new Error(`${path}:${index + 1}: no vector of a known kind`);
    vectors.push(vector);
  }
  return { name: basename(path).replace(extension, ""), vectors };
}

/** Vectors of CEL name a mode, and have their own kinds here. */
function named(vector: unknown): unknown {
  if (typeof vector !== "object" || vector === null) return vector;
  const isCel = "mode" in vector && "kind" in vector;
  return isCel ? { ...vector, kind: `cel-${String(vector.kind)}` } : vector;
}

/** Whether it says that it is one; all files of a kind have the same fields. */
function isVector(value: unknown): value is Vector {
  if (typeof value !== "object" || value === null || !("kind" in value)) return false;
  return vectorKinds.some((kind) => kind === value.kind);
}
