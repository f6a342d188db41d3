import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { UsageError } from "../src/config/usage-error.ts";
import { type Scenario, scenarios } from "./scenarios.ts";

/** What the command line says. */
export interface BenchOptions {
  readonly help: boolean;
  readonly scenarios: readonly Scenario[];
  readonly closedLoop: boolean;
  /** Open loops, in calls a second. */
  readonly rates: readonly number[];
  readonly http: boolean;
  readonly connections: number;
  readonly inFlight: number;
  readonly warmupMs: number;
  readonly durationMs: number;
  readonly timeoutMs: number;
  readonly rounds: number;
  readonly allowErrors: boolean;
  /** Where the numbers go; undefined for a file named after the time. */
  readonly jsonPath: string | undefined;
  /** undefined: not pinned. */
  readonly cpus: { readonly server: string; readonly client: string } | undefined;
  readonly server: StartedServer | ForeignServer;
}

/** A server that the benchmark starts, anew for each scenario and round. */
export interface StartedServer {
  readonly kind: "started";
  readonly entryPath: string;
  /** In place of the scenario's own. */
  readonly policyPaths: readonly string[] | undefined;
  readonly args: readonly string[];
}

/** A server that runs already. */
interface ForeignServer {
  readonly kind: "foreign";
  readonly target: string;
  /** Of a process on this machine, if its CPU time is to be counted. */
  readonly pid: number | undefined;
}

/** One option of the benchmark. */
interface OptionRow {
  /** Without it the option takes no value. */
  readonly placeholder?: string;
  readonly fallback?: string;
  readonly help: string;
}

const table = {
  scenario: { placeholder: "NAME", fallback: "seed", help: "what is asked; repeatable; `all`" },
  rate: {
    placeholder: "N",
    fallback: "1000,5000",
    help: "open loop at N calls a second; repeatable, or a list with commas; `none`",
  },
  "no-closed": { help: "leave the closed loop out" },
  http: { help: "the HTTP door too, by autocannon" },
  connections: { placeholder: "N", fallback: "8", help: "connections" },
  "in-flight": { placeholder: "N", fallback: "16", help: "closed loop: open calls a connection" },
  "warmup-s": { placeholder: "N", fallback: "3", help: "load before each measurement, left out" },
  "duration-s": { placeholder: "N", fallback: "10", help: "how long each measurement takes" },
  "timeout-ms": { placeholder: "N", fallback: "1000", help: "`grpc-timeout` of every call" },
  rounds: { placeholder: "N", fallback: "1", help: "do it all N times: medians and spread" },
  policy: { placeholder: "PATH", help: "policies in place of the scenario's; repeatable" },
  workers: { placeholder: "N", help: "passed on to the server" },
  dispatch: { placeholder: "HOW", help: "passed on to the server" },
  "server-arg": { placeholder: "ARG", help: "any other argument for the server; repeatable" },
  entry: { placeholder: "FILE", fallback: "src/main.ts", help: "the server's program" },
  target: { placeholder: "HOST:PORT", help: "a server that runs already; also `unix:/path`" },
  pid: { placeholder: "N", help: "with --target: the process whose CPU time is counted" },
  "server-cpus": { placeholder: "LIST", fallback: "0", help: "cores for the server" },
  "client-cpus": { placeholder: "LIST", fallback: "1", help: "cores for the client" },
  "no-pin": { help: "let the system choose the cores" },
  json: { placeholder: "FILE", help: "where the numbers go (bench/results/TIME.json)" },
  "allow-errors": { help: "errors are no failure (overload); wrong verdicts still are" },
  help: { help: "this text" },
} as const satisfies Readonly<Record<string, OptionRow>>;

type OptionName = keyof typeof table;

/** The help text. */
export function helpText(): string {
  const rows: readonly (readonly [string, OptionRow])[] = Object.entries(table);
  return [
    "Usage: npm run bench [-- OPTION...]",
    "",
    "Starts a server, puts load on it, checks every verdict, and prints latencies and the CPU a request takes.",
    "",
    ...rows.map(([name, { placeholder, fallback, help }]) => {
      const usage = placeholder === undefined ? name : `${name} ${placeholder}`;
      return `  --${usage.padEnd(24)} ${help}${fallback === undefined ? "" : ` [${fallback}]`}`;
    }),
    "",
    "Scenarios:",
    ...scenarios.map(({ name, summary }) => `  ${name.padEnd(26)} ${summary}`),
    "",
    "Exit codes: 0 done, 1 a verdict was wrong or a call failed, 2 wrong use.",
  ].join("\n");
}

/**
 * The options on the command line.
 *
 * @throws UsageError for unknown options, values that make no sense, and options that do not go together
 */
export function parseBenchOptions(args: readonly string[]): BenchOptions {
  const given = parseGiven(args);
  const has = (name: OptionName): boolean => given.has(name);
  const list = (name: OptionName): readonly string[] => (given.get(name) ?? []).flatMap(split);
  const last = (name: OptionName): string | undefined => given.get(name)?.at(-1);
  const number = (name: OptionName, min: number): number =>
    parseNumber(name, last(name) ?? fallbackOf(name), min);
  return {
    help: has("help"),
    scenarios: findScenarios(list("scenario")),
    closedLoop: !has("no-closed"),
    rates: parseRates(list("rate")),
    http: has("http"),
    connections: number("connections", 1),
    inFlight: number("in-flight", 1),
    warmupMs: number("warmup-s", 0) * 1000,
    durationMs: number("duration-s", 0.1) * 1000,
    timeoutMs: number("timeout-ms", 1),
    rounds: number("rounds", 1),
    allowErrors: has("allow-errors"),
    jsonPath: last("json"),
    cpus: has("no-pin")
      ? undefined
      : {
          server: last("server-cpus") ?? fallbackOf("server-cpus"),
          client: last("client-cpus") ?? fallbackOf("client-cpus"),
        },
    server: parseServer(given, list("policy")),
  };
}

type Given = ReadonlyMap<string, readonly string[]>;

function parseGiven(args: readonly string[]): Given {
  const rows: readonly (readonly [string, OptionRow])[] = Object.entries(table);
  const options = Object.fromEntries(
    rows.map(([name, { placeholder }]) => {
      const type = placeholder === undefined ? ("boolean" as const) : ("string" as const);
      return [name, { type, multiple: true }];
    }),
  );
  try {
    const { values } = parseArgs({ args: [...args], options, strict: true });
    return new Map(
      Object.entries(values).map(([name, value]) => [name, [value].flat().map(String)]),
    );
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function parseServer(given: Given, policyPaths: readonly string[]): BenchOptions["server"] {
  const target = given.get("target")?.at(-1);
  const pid = given.get("pid")?.at(-1);
  if (target === undefined) {
    if (pid !== undefined) throw new UsageError("`--pid` goes with `--target`");
    return {
      kind: "started",
      entryPath: given.get("entry")?.at(-1) ?? fallbackOf("entry"),
      policyPaths: policyPaths.length === 0 ? undefined : policyPaths,
      args: [
        ...["workers", "dispatch"].flatMap((name) =>
          (given.get(name) ?? []).map((value) => `--${name}=${value}`),
        ),
        ...(given.get("server-arg") ?? []),
      ],
    };
  }
  for (const name of ["policy", "workers", "dispatch", "server-arg", "entry", "http"]) {
    if (given.has(name)) throw new UsageError(`\`--${name}\` does not go with \`--target\``);
  }
  if (!/^(unix:.+|.+:\d+)$/.test(target)) {
    throw new UsageError(`\`--target\` is \`host:port\` or \`unix:/path\`, not \`${target}\``);
  }
  return { kind: "foreign", target, pid: pid === undefined ? undefined : parsePid(pid) };
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

function findScenarios(names: readonly string[]): readonly Scenario[] {
  if (names.includes("all")) return scenarios;
  const wanted = names.length === 0 ? [table.scenario.fallback] : names;
  return wanted.map((name) => {
    const found = scenarios.find((scenario) => scenario.name === name);
    if (found !== undefined) return found;
    const known = scenarios.map((scenario) => scenario.name).join(", ");
    throw new UsageError(`no scenario \`${name}\`; there are ${known}`);
  });
}

function parseRates(texts: readonly string[]): readonly number[] {
  if (texts.includes("none")) return [];
  const wanted = texts.length === 0 ? split(table.rate.fallback) : texts;
  return wanted.map((text) => parseNumber("rate", text, 1));
}

function parseNumber(name: string, text: string, min: number): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  const whole = Number.isInteger(value) || name.endsWith("-s");
  if (whole && value >= min && value <= 10_000_000) return value;
  throw new UsageError(`\`--${name}\` is a number from ${min} up, not \`${text}\``);
}

function fallbackOf(name: OptionName): string {
  const row: OptionRow = table[name];
  return row.fallback ?? "";
}

function split(text: string): readonly string[] {
  return text.split(",").filter((part) => part !== "");
}
