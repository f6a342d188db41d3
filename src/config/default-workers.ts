import { readFileSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";

/** Resources of the machine or container that worker threads take. */
export interface Resources {
  readonly cores: number;
  /** CPU quota in cores; Infinity without one. */
  readonly quotaCores: number;
  readonly memoryBytes: number;
}

/** More have to be asked for: on a machine of 32 cores, 31 workers took 675 MB before the first request. */
const maxWorkers = 4;

const bytesPerMib = 1_048_576;

/** What the process takes without workers, under load. */
const baseBytes = 128 * bytesPerMib;

/** What a worker may take: 20 MiB as it starts, 40 of tokens, some for requests, and for a while on reload it is there twice. */
const workerBytes = 96 * bytesPerMib;

/** Returns how many worker threads to start when nobody says. */
export function defaultWorkers(): number {
  return workersFor({
    cores: availableParallelism(),
    quotaCores: readCpuQuota("/sys/fs/cgroup/cpu.max"),
    memoryBytes: memoryLimit(process.constrainedMemory(), totalmem()),
  });
}

/** Returns cores − 1 as the quota allows, at least 1, at most 4 and as many as there is memory for. */
export function workersFor({ cores, quotaCores, memoryBytes }: Resources): number {
  const byCores = Math.ceil(Math.min(cores, quotaCores)) - 1;
  const byMemory = Math.floor((memoryBytes - baseBytes) / workerBytes);
  return Math.max(1, Math.min(byCores, byMemory, maxWorkers));
}

/** Returns the memory that a process may take, where 0, and anything above the machine's, says that no limit is known. */
export function memoryLimit(constrainedBytes: number, machineBytes: number): number {
  return constrainedBytes > 0 ? Math.min(constrainedBytes, machineBytes) : machineBytes;
}

/** Returns the quota in cores that the text of a cgroup v2 `cpu.max` states: `max 100000`, or `150000 100000` for 1.5. */
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
