import { readFileSync } from "node:fs";

/** Linux counts CPU time for /proc in these, on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100;

/** The fields behind the name in /proc/PID/stat, as proc(5) numbers them, less 3. */
const UTIME = 14 - 3;
const STIME = 15 - 3;

/**
 * Returns the CPU time that a process has used so far, in seconds: user and system, all threads, also those that have ended.
 * Undefined where there is no such process, or no /proc.
 */
export function readCpuSeconds(pid: number): number | undefined {
  const stat = readProc(pid, "stat");
  if (stat === undefined) return undefined;
  // The name may hold anything, blanks and parentheses too.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[UTIME]) + Number(fields[STIME])) / TICKS_PER_SECOND;
}

/** Returns the resident memory of a process in MB (10 ** 6 bytes); undefined where there is no such process, or no /proc. */
export function readResidentMb(pid: number): number | undefined {
  const found = /^VmRSS:\s+(\d+) kB$/m.exec(readProc(pid, "status") ?? "");
  return found === null ? undefined : (Number(found[1]) * 1024) / 1e6;
}

/** Returns the cores a process may run on, as Linux lists them (`0`, `1-3`); undefined where nobody can tell. */
export function readCpusAllowed(pid: number): string | undefined {
  return /^Cpus_allowed_list:\s+(\S+)$/m.exec(readProc(pid, "status") ?? "")?.[1];
}

function readProc(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return undefined;
  }
}

/** The CPU time that a stretch of time has cost. */
export interface CpuCost {
  /** Undefined when nobody can tell. */
  readonly serverSeconds: number | undefined;
  readonly clientSeconds: number;
  readonly wallSeconds: number;
}

/** Measures the CPU time of server and client between two moments. */
export interface CpuMeter {
  readonly begin: () => void;
  readonly end: () => void;
  readonly cost: () => CpuCost;
}

/** Returns a meter for this process and that of the server. */
export function createCpuMeter(serverPid: number | undefined): CpuMeter {
  const read = (): { server: number | undefined; client: number; wallMs: number } => {
    const { user, system } = process.cpuUsage();
    return {
      server: serverPid === undefined ? undefined : readCpuSeconds(serverPid),
      client: (user + system) / 1e6,
      wallMs: performance.now(),
    };
  };
  let [first, last] = [read(), read()];
  return {
    begin: () => {
      first = read();
    },
    end: () => {
      last = read();
    },
    cost: () => ({
      serverSeconds:
        first.server === undefined || last.server === undefined
          ? undefined
          : last.server - first.server,
      clientSeconds: last.client - first.client,
      wallSeconds: (last.wallMs - first.wallMs) / 1000,
    }),
  };
}
