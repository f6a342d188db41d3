import { readFileSync } from "node:fs";
import { UsageError } from "../../src/config/usage-error.ts";
import { fallbackOf, type OptionName } from "./option-table.ts";
import { startNodeArgs } from "./start-node-args.ts";

/** The values given for each option, in their order. */
export type Given = ReadonlyMap<string, readonly string[]>;

/** The server that is measured. */
export type Server = StartedServer | ForeignServer;

/** A server that the benchmark starts, anew for each scenario and round. */
export interface StartedServer {
  readonly kind: "started";
  readonly entryPath: string;
  /** In place of the scenario's own. */
  readonly policyPaths: readonly string[] | undefined;
  readonly args: readonly string[];
  /** For Node. */
  readonly nodeArgs: readonly string[];
}

/** A server that runs already. */
interface ForeignServer {
  readonly kind: "foreign";
  readonly target: string;
  /** Of a process on this machine, if its CPU time is to be counted. */
  readonly pid: number | undefined;
}

/** Options that `ostiary serve` has too. */
const passedOn = ["workers", "dispatch", "transport"] as const;
const startedOnly = ["policy", ...passedOn, "server-arg", "node-arg", "entry", "http"] as const;

/**
 * Returns the server that the options speak of.
 *
 * @throws UsageError for options that do not go together
 */
export function parseServer(given: Given, policyPaths: readonly string[]): Server {
  const last = (name: OptionName): string | undefined => given.get(name)?.at(-1);
  const target = last("target");
  const pid = last("pid");
  if (target === undefined) {
    if (pid !== undefined) throw new UsageError("`--pid` goes with `--target`");
    return {
      kind: "started",
      entryPath: last("entry") ?? fallbackOf("entry"),
      policyPaths: policyPaths.length === 0 ? undefined : policyPaths,
      args: [
        ...passedOn.flatMap((name) => (given.get(name) ?? []).map((value) => `--${name}=${value}`)),
        ...(given.get("server-arg") ?? []),
      ],
      nodeArgs: given.get("node-arg") ?? startNodeArgs(),
    };
  }
  for (const name of startedOnly) {
    if (given.has(name)) throw new UsageError(`\`--${name}\` does not go with \`--target\``);
  }
  if (!/^(unix:.+|.+:\d+)$/.test(target)) {
    throw new UsageError(`\`--target\` is \`host:port\` or \`unix:/path\`, not \`${target}\``);
  }
  return { kind: "foreign", target, pid: pid === undefined ? undefined : parsePid(pid) };
}

/**
 * Returns a number from `min` up; whole unless the option is in seconds.
 *
 * @throws UsageError for anything else
 */
export function parseNumber(name: OptionName, text: string, min: number): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  const whole = Number.isInteger(value) || name.endsWith("-s");
  if (whole && value >= min && value <= 10_000_000) return value;
  throw new UsageError(`\`--${name}\` is a number from ${min} up, not \`${text}\``);
}

function parsePid(text: string): number {
  const pid = parseNumber("pid", text, 1);
  try {
    readFileSync(`/proc/${pid}/stat`);
  } catch {
    throw new UsageError(`\`--pid\`: no process \`${text}\` with figures under /proc`);
  }
  return pid;
}
