import type { Diagnostic } from "../model/diagnostic.ts";
import type { PolicySnapshot } from "../model/policy-snapshot.ts";

/** A source of policies: a snapshot of them at first, and another whenever they change. */
export interface PolicySource {
  /** Reads for the first time; to be called once, before anything else. Never rejects: what stands in the way is told. */
  read(): Promise<SourceReading>;
  /** Tells of each change from now on, one at a time; to be called once, after the first reading. */
  watch(onChange: (reading: SourceReading) => Promise<void>): void;
  /**
   * Reads now and tells of it even if nothing has changed, once what is under way has been told of. Calls that come while
   * one waits are answered by that one.
   */
  check(): Promise<void>;
  /** Stops: nothing is told any more. */
  close(): void;
}

/** The result of reading a source. */
export interface SourceReading {
  /** Absent when anything stood in the way: a source is read whole or not at all. */
  readonly snapshot?: PolicySnapshot;
  readonly diagnostics: readonly Diagnostic[];
  /**
   * Whether this kind of source says outright what was removed, so that nothing is missing by accident: not so for files,
   * where an empty folder may be a mount that failed.
   */
  readonly removalIsExplicit: boolean;
}
