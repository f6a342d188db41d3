import type { PolicySnapshot } from "../model/policy-snapshot.ts";

/** Policies on disk that would take away some of those that serve. */
export interface HeldSnapshot {
  readonly snapshot: PolicySnapshot;
  /** The names of the policies that serve and are in no file any more, sorted; at least one. */
  readonly removed: readonly string[];
}

/** Returns the names that serve and are gone from the others, each once, sorted; a policy that moved is none of them. */
export function namesRemoved(
  serving: readonly string[],
  next: readonly string[],
): readonly string[] {
  const remaining = new Set(next);
  return [...new Set(serving)].filter((name) => !remaining.has(name)).toSorted();
}

/** Returns the names for a log line: the first few, and how many more there are. */
export function listNames(names: readonly string[]): string {
  const shown = names.slice(0, maxNames).join(", ");
  return names.length > maxNames ? `${shown} and ${names.length - maxNames} more` : shown;
}

const maxNames = 20;
