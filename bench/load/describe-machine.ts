import { execFileSync } from "node:child_process";
import { availableParallelism, cpus, loadavg, release } from "node:os";

/** The surroundings without which a figure is worth nothing. */
export interface Machine {
  readonly time: string;
  readonly node: string;
  /** Short hash, with `+` when files differ from it; undefined outside a checkout. */
  readonly commit: string | undefined;
  readonly cpu: string;
  readonly cores: number;
  readonly kernel: string;
  /** Processes that wanted to run in the last minute, before the benchmark began. */
  readonly loadBefore: number;
}

/** Returns the machine and the program, as they are now. */
export function describeMachine(): Machine {
  return {
    time: new Date().toISOString(),
    node: process.version,
    commit: readCommit(),
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    kernel: release(),
    loadBefore: loadavg()[0] ?? 0,
  };
}

function readCommit(): string | undefined {
  try {
    const dirty = askGit("status", "--porcelain") !== "";
    return `${askGit("rev-parse", "--short", "HEAD")}${dirty ? "+" : ""}`;
  } catch {
    return undefined;
  }
}

function askGit(...args: readonly string[]): string {
  return execFileSync("git", args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  }).trim();
}
