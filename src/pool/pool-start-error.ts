import type { Diagnostic } from "../model/diagnostic.ts";

/** The reason why a pool could not start: its policies do not compile (then with diagnostics), or a worker was lost on the way. */
export class PoolStartError extends Error {
  readonly diagnostics: readonly Diagnostic[];

  constructor(message: string, diagnostics: readonly Diagnostic[]) {
    super(message);
    this.diagnostics = diagnostics;
  }
}
