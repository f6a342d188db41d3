import type { PolicyErrorCode } from "./error-codes.ts";

/** A path from the document's root: names of members, indices of items. */
export type FieldPath = readonly (string | number)[];

/** Something in a document that a policy may not have. */
export interface DocumentFault {
  readonly code: PolicyErrorCode;
  /** Where it is, or would have to be. */
  readonly path: FieldPath;
  /** The original's text for it, path in front, where it has one. */
  readonly message: string;
}

/** Returns the path as the original writes it: `spec.rules[0].name`. */
export function formatPath(path: FieldPath): string {
  return path
    .map((step, index) =>
      typeof step === "number" ? `[${step}]` : index === 0 ? step : `.${step}`,
    )
    .join("");
}

/** Orders paths as the original does: parents first, names by code unit, indices by number. */
export function comparePaths(a: FieldPath, b: FieldPath): number {
  for (const [index, left] of a.entries()) {
    const right = b[index];
    if (right === undefined) return 1;
    if (left === right) continue;
    if (typeof left === "number" && typeof right === "number") return left - right;
    return String(left) < String(right) ? -1 : 1;
  }
  return a.length - b.length;
}

/** Returns how many code points a text has. */
export function countCodePoints(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}
