import { basename } from "node:path";
import { findVectorFiles, ownFolder } from "../conformance/find-vectors.ts";
import { readVectorFile } from "../conformance/read-vectors.ts";
import type { Vector } from "../conformance/vector.ts";

/** Returns the vectors of the repository whose files begin with the prefix. */
export function ownVectors<Kind extends Vector["kind"]>(
  prefix: Kind extends "expr" ? "expr-" : "policy-",
  kind: Kind,
): readonly Extract<Vector, { kind: Kind }>[] {
  return (findVectorFiles(ownFolder) ?? [])
    .filter((path) => basename(path).startsWith(prefix))
    .flatMap((path) => readVectorFile(path).vectors)
    .filter((vector): vector is Extract<Vector, { kind: Kind }> => vector.kind === kind);
}

/** Returns the texts of expressions, each once. */
export function ownExpressions(): readonly string[] {
  return [...new Set(ownVectors("expr-", "expr").map(({ expression }) => expression))];
}

/** Returns the texts of policy files, each once. */
export function ownPolicyTexts(): readonly string[] {
  const texts = ownVectors("policy-", "policy").flatMap(({ policies, files = [] }) => [
    ...(policies === undefined ? [] : [policies]),
    ...files.flatMap(({ content }) => (content === undefined ? [] : [content])),
  ]);
  return [...new Set(texts)];
}
