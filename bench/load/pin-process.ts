import { execFileSync } from "node:child_process";

/** A thread that ends while taskset goes through them makes it fail. */
const ATTEMPTS = 3;

/** Returns whether this process, with all its threads, was bound to those cores (`0`, `1-3`); false without taskset or cores. */
export function pinThisProcess(cpus: string): boolean {
  return pinRunning(process.pid, cpus);
}

/** Returns the same of a process that runs already. */
export function pinRunning(pid: number, cpus: string): boolean {
  const args = ["-a", "-p", "-c", cpus, String(pid)];
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    try {
      execFileSync("taskset", args, { stdio: "ignore" });
      return true;
    } catch {
      continue;
    }
  }
  return false;
}

/** Returns the command that starts a program bound to those cores; what taskset starts keeps its process id. */
export function pinnedCommand(cpus: string, command: readonly string[]): readonly string[] {
  return ["taskset", "-c", cpus, ...command];
}

/** Returns whether a program can be bound to those cores. */
export function canPin(cpus: string): boolean {
  try {
    execFileSync("taskset", ["-c", cpus, "true"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
