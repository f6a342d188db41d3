import type { PolicyErrorCode } from "./error-codes.ts";

/** Something a policy's author has to know, with the place it stands at. */
export interface Diagnostic {
  readonly code: PolicyErrorCode;
  /** An `error` keeps the file from loading; a `warning` does not. */
  readonly severity: "error" | "warning";
  /** Lower case, no full stop, user input in backticks. */
  readonly message: string;
  readonly file: string;
  /** 1-based; 0 when the whole file is meant. */
  readonly line: number;
  /** 1-based, in characters; 0 when the whole line or file is meant. */
  readonly column: number;
  /** The line of the file with a caret under the place; absent when there is none to show. */
  readonly frame?: string;
  /**
   * What kyverno-envoy-plugin printed for the document this fault is in; on the first of the document's faults, and
   * absent where the plugin saw none.
   */
  readonly originalText?: string;
}

/** Returns whether the diagnostic keeps policies from being loaded. */
export function isError({ severity }: Pick<Diagnostic, "severity">): boolean {
  return severity === "error";
}
