import { scenarios } from "./scenario-list.ts";

/** One option of the benchmark. */
export interface OptionRow {
  /** Without it the option takes no value. */
  readonly placeholder?: string;
  readonly fallback?: string;
  readonly help: string;
  /** Says which server is measured, or how: what `--compare` may tell apart. */
  readonly server?: true;
}

/** The name of an option. */
export type OptionName =
  | "scenario"
  | "rate"
  | "no-closed"
  | "find-rate"
  | "just-ready"
  | "max-p99-ms"
  | "http"
  | "connections"
  | "in-flight"
  | "warmup-s"
  | "duration-s"
  | "timeout-ms"
  | "rounds"
  | "compare"
  | "policy"
  | "workers"
  | "dispatch"
  | "transport"
  | "server-arg"
  | "node-arg"
  | "entry"
  | "target"
  | "pid"
  | "profile"
  | "server-cpus"
  | "client-cpus"
  | "no-pin"
  | "json"
  | "markdown"
  | "svg"
  | "allow-errors"
  | "help";

const text = "passed on to the server";

/** The options of the command line by name, in the order of the help text. */
export const optionTable: Readonly<Record<OptionName, OptionRow>> = {
  scenario: { placeholder: "NAME", fallback: "seed", help: "what is asked; repeatable; `all`" },
  rate: {
    placeholder: "N",
    help: "open loop at N calls a second; repeatable, or a list with commas; `none` [500 to 20000]",
  },
  "no-closed": { help: "leave the closed loop out" },
  "find-rate": { help: "search the highest rate that holds the p99 below" },
  "just-ready": {
    help: "open loops alone, each from the moment a server is ready, no warm-up left out",
  },
  "max-p99-ms": { placeholder: "N", fallback: "5", help: "with --find-rate: what is good enough" },
  http: { help: "the HTTP door too, by autocannon" },
  connections: { placeholder: "N", fallback: "8", help: "connections" },
  "in-flight": {
    placeholder: "N",
    help: "closed loop: open calls a connection [16, with the largest bodies 2]",
  },
  "warmup-s": { placeholder: "N", fallback: "3", help: "load before each measurement, left out" },
  "duration-s": { placeholder: "N", fallback: "10", help: "how long each measurement takes" },
  "timeout-ms": { placeholder: "N", fallback: "1000", help: "`grpc-timeout` of every call" },
  rounds: { placeholder: "N", help: "do it all N times: medians and spread [1; 5 with --compare]" },
  compare: {
    placeholder: "A B",
    help: "two servers, turn by turn: two programs, two HOST:PORT, or two quoted lists of options",
  },
  policy: {
    placeholder: "PATH",
    help: "policies in place of the scenario's; repeatable",
    server: true,
  },
  workers: { placeholder: "N", help: text, server: true },
  dispatch: { placeholder: "HOW", help: text, server: true },
  transport: { placeholder: "WHAT", help: text, server: true },
  "server-arg": {
    placeholder: "ARG",
    help: "any other argument for the server; repeatable",
    server: true,
  },
  "node-arg": {
    placeholder: "ARG",
    help: "an argument for the server's Node; repeatable [those of `npm start`]",
    server: true,
  },
  entry: {
    placeholder: "FILE",
    fallback: "src/main.ts",
    help: "the server's program",
    server: true,
  },
  target: {
    placeholder: "HOST:PORT",
    help: "a server that runs already; also `unix:/path`",
    server: true,
  },
  pid: {
    placeholder: "N",
    help: "with --target: the process whose CPU time is counted",
    server: true,
  },
  profile: { placeholder: "FOLDER", help: "CPU profiles of the server's threads go there" },
  "server-cpus": { placeholder: "LIST", fallback: "0", help: "cores for the server" },
  "client-cpus": { placeholder: "LIST", fallback: "1", help: "cores for the client" },
  "no-pin": { help: "let the system choose the cores" },
  json: { placeholder: "FILE", help: "where the numbers go [bench/results/TIME.json]" },
  markdown: { placeholder: "FILE", help: "the tables in Markdown too" },
  svg: { placeholder: "FILE", help: "a chart of latency against rate too" },
  "allow-errors": { help: "errors are no failure (overload); wrong verdicts still are" },
  help: { help: "this text" },
};

/** Returns the help text. */
export function helpText(): string {
  const rows: readonly (readonly [string, OptionRow])[] = Object.entries(optionTable);
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
    "Exit codes: 0 done, 1 a verdict was wrong or a call failed, 2 usage error.",
  ].join("\n");
}

/** Returns what holds unless an option says otherwise, as text. */
export function fallbackOf(name: OptionName): string {
  return optionTable[name].fallback ?? "";
}
