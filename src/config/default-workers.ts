import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

/** How many worker threads to start when nobody says: cores − 1, at least 1, cores as the cgroup's CPU quota allows. */
export function defaultWorkers(): number {
  return workersFor(availableParallelism(), readCpuQuota("/sys/fs/cgroup/cpu.max"));
}

/** Worker threads for that many cores under a quota in cores (Infinity without one). */
export function workersFor(cores: number, quotaCores: number): number {
  return Math.max(1, Math.ceil(Math.min(cores, quotaCores)) - 1);
}

/** The quota in cores that the text of a cgroup v2 `cpu.max` states: `max 100000`, or `150000 100000` for 1.5. */
export function parseCpuMax(text: string): number {
  const [quota, period] = text.trim().split(" ").map(Number);
  if (quota === undefined || period === undefined) return Infinity;
  const cores = quota / period;
  return cores > 0 ? cores : Infinity;
}

function readCpuQuota(path: string): number {
  try {
    return parseCpuMax(readFileSync(path, "utf8"));
  } catch {
    return Infinity; // no cgroup v2 here: the cores decide
  }
}
