import { parseArgs } from "node:util";
import { UsageError } from "../../src/config/usage-error.ts";
import type { StartedServer } from "../load/parse-server.ts";
import type { StartOptions } from "../load/server-under-test.ts";
import { startNodeArgs } from "../load/start-node-args.ts";

/** The options of the soak's command line. */
export interface SoakOptions {
  readonly help: boolean;
  readonly durationMs: number;
  /** How often memory is read and a line printed. */
  readonly sampleMs: number;
  /** How many paths there are, and as many tokens. */
  readonly distinct: number;
  /** Calls a second; undefined: a share of what the server can take. */
  readonly ratePerSecond: number | undefined;
  /** How much of what the server can take it gets. */
  readonly share: number;
  /** How long a server is warmed up, which is left out. */
  readonly warmupMs: number;
  /** How long a rate is tried when capacity is searched. */
  readonly capacityMs: number;
  readonly maxGrowthPercent: number;
  readonly start: StartOptions;
  readonly server: StartedServer;
  /** Where the numbers go; undefined for a file named after the time. */
  readonly jsonPath: string | undefined;
  /** A page to be told the result; undefined for none. */
  readonly writePath: string | undefined;
}

const rows = {
  minutes: { fallback: "20", help: "how long" },
  "sample-s": { fallback: "10", help: "seconds from one reading of the memory to the next" },
  distinct: { fallback: "60000", help: "so many paths and as many tokens" },
  rate: { fallback: "", help: "calls a second, in place of a share of capacity" },
  share: {
    fallback: "0.5",
    help: "how much of the capacity is asked for: of the highest rate with a p99 of 5 ms",
  },
  "warmup-s": { fallback: "5", help: "seconds of load that are left out" },
  "capacity-s": { fallback: "2", help: "seconds for each rate when capacity is searched" },
  "max-growth-percent": { fallback: "5", help: "more growth after warm-up than this is a failure" },
  workers: { fallback: "", help: "passed on to the server" },
  dispatch: { fallback: "", help: "passed on to the server" },
  "server-arg": { fallback: "", help: "any other argument for the server; repeatable" },
  "node-arg": {
    fallback: "",
    help: "an argument for the server's Node; repeatable [those of `npm start`]",
  },
  entry: { fallback: "src/main.ts", help: "the server's program" },
  "server-cpus": { fallback: "0", help: "cores for the server" },
  "client-cpus": { fallback: "1", help: "cores for the client" },
  json: { fallback: "", help: "where the numbers go [bench/results/soak-TIME.json]" },
  write: {
    fallback: "",
    help: "put the result behind the file's comment `<!-- measured:soak -->`",
  },
} as const;

type Name = keyof typeof rows;

/**
 * Returns the options of the soak.
 *
 * @throws UsageError for unknown options and values that make no sense
 */
export function parseSoakOptions(args: readonly string[]): SoakOptions {
  const { values, flags } = parse(args);
  const last = (name: Name): string => values.get(name)?.at(-1) ?? rows[name].fallback;
  const number = (name: Name, min: number): number => {
    const value = last(name).trim() === "" ? Number.NaN : Number(last(name));
    if (value >= min && value <= 10_000_000) return value;
    throw new UsageError(`\`--${name}\` is a number from ${min} up, not \`${last(name)}\``);
  };
  const passedOn = (["workers", "dispatch"] as const).flatMap((name) =>
    (values.get(name) ?? []).map((value) => `--${name}=${value}`),
  );
  return {
    help: flags.has("help"),
    durationMs: number("minutes", 0.01) * 60_000,
    sampleMs: number("sample-s", 0.1) * 1000,
    distinct: Math.ceil(number("distinct", 8)),
    ratePerSecond: last("rate") === "" ? undefined : number("rate", 1),
    share: number("share", 0.01),
    warmupMs: number("warmup-s", 0) * 1000,
    capacityMs: number("capacity-s", 0.1) * 1000,
    maxGrowthPercent: number("max-growth-percent", 0),
    start: {
      http: false,
      profileFolder: undefined,
      cpus: flags.has("no-pin")
        ? undefined
        : { server: last("server-cpus"), client: last("client-cpus") },
    },
    server: {
      kind: "started",
      entryPath: last("entry"),
      policyPaths: undefined,
      args: [...passedOn, ...(values.get("server-arg") ?? [])],
      nodeArgs: values.get("node-arg") ?? startNodeArgs(),
    },
    jsonPath: last("json") === "" ? undefined : last("json"),
    writePath: last("write") === "" ? undefined : last("write"),
  };
}

interface Parsed {
  readonly values: ReadonlyMap<string, readonly string[]>;
  readonly flags: ReadonlySet<string>;
}

function parse(args: readonly string[]): Parsed {
  const options = Object.fromEntries([
    ...Object.keys(rows).map((name) => [name, { type: "string" as const, multiple: true }]),
    ...["no-pin", "help"].map((name) => [name, { type: "boolean" as const }]),
  ]);
  try {
    const { values } = parseArgs({ args: [...args], options, strict: true });
    const given = Object.entries(values);
    return {
      values: new Map(given.map(([name, value]) => [name, [value].flat().map(String)])),
      flags: new Set(given.filter(([, value]) => value === true).map(([name]) => name)),
    };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** Returns the help text of the soak. */
export function soakHelp(): string {
  return [
    "Usage: npm run bench:soak [-- OPTION...]",
    "",
    "Keeps a server under a steady load and says whether its memory stayed where it was.",
    "",
    ...Object.entries(rows).map(
      ([name, { fallback, help }]) =>
        `  --${`${name} VALUE`.padEnd(26)} ${help}${fallback === "" ? "" : ` [${fallback}]`}`,
    ),
    `  --${"no-pin".padEnd(26)} let the system choose the cores`,
    `  --${"help".padEnd(26)} this text`,
    "",
    "Exit codes: 0 memory stayed flat, 1 it did not, or a verdict was wrong or a call failed, 2 usage error.",
  ].join("\n");
}
