import { parseArgs } from "node:util";
import { UsageError } from "../../src/config/usage-error.ts";
import type { Scenario } from "../scenarios/scenario.ts";
import { fallbackOf, type OptionName, type OptionRow, optionTable } from "./option-table.ts";
import { type Given, parseNumber, parseServer, type Server } from "./parse-server.ts";
import { scenarios } from "./scenario-list.ts";

/** The options that the command line gives. */
export interface BenchOptions {
  readonly help: boolean;
  readonly scenarios: readonly Scenario[];
  readonly closedLoop: boolean;
  /** Open loops, in calls a second; undefined: as the scenario has it. */
  readonly rates: readonly number[] | undefined;
  readonly findRate: boolean;
  /** Open loops alone, each against a server that has just become ready. */
  readonly justReady: boolean;
  readonly maxP99Ms: number;
  readonly http: boolean;
  readonly connections: number;
  /** Open calls a connection in a closed loop; undefined: as the scenario has it. */
  readonly inFlight: number | undefined;
  readonly warmupMs: number;
  readonly durationMs: number;
  readonly timeoutMs: number;
  readonly rounds: number;
  readonly allowErrors: boolean;
  /** Where the numbers go; undefined for a file named after the time. */
  readonly jsonPath: string | undefined;
  readonly markdownPath: string | undefined;
  readonly svgPath: string | undefined;
  /** Where CPU profiles of the server go; undefined: none are taken. */
  readonly profileFolder: string | undefined;
  /** undefined: not pinned. */
  readonly cpus: { readonly server: string; readonly client: string } | undefined;
  /** One, or two that are compared. */
  readonly sides: readonly [Side] | readonly [Side, Side];
}

/** The first or the second of two servers. */
export type SideName = "A" | "B";

/** A server to be measured. */
export interface Side {
  /** undefined when there is only one. */
  readonly name: SideName | undefined;
  /** What the command line says about it alone. */
  readonly text: string;
  readonly server: Server;
}

/** How often two servers are compared: fewer rounds give no interval worth having. */
const COMPARED_ROUNDS = 5;

/**
 * Returns the options on the command line.
 *
 * @throws UsageError for unknown options, values that make no sense, and options that do not go together
 */
export function parseBenchOptions(args: readonly string[]): BenchOptions {
  const { common, compared } = splitCompared(args);
  const given = parseGiven(common);
  const has = (name: OptionName): boolean => given.has(name);
  const last = (name: OptionName): string | undefined => given.get(name)?.at(-1);
  const number = (name: OptionName, min: number): number =>
    parseNumber(name, last(name) ?? fallbackOf(name), min);
  const defaultRounds = compared === undefined ? 1 : COMPARED_ROUNDS;
  const sides = parseSides(common, compared);
  for (const name of ["profile", "just-ready"] as const) {
    if (has(name) && sides.some(({ server }) => server.kind === "foreign")) {
      throw new UsageError(`\`--${name}\` does not go with \`--target\``);
    }
  }
  for (const name of ["find-rate", "http"] as const) {
    if (has("just-ready") && has(name)) {
      throw new UsageError(`\`--just-ready\` does not go with \`--${name}\``);
    }
  }
  return {
    help: has("help"),
    scenarios: findScenarios(listOf(given, "scenario")),
    closedLoop: !has("no-closed"),
    rates: parseRates(listOf(given, "rate")),
    findRate: has("find-rate"),
    justReady: has("just-ready"),
    maxP99Ms: number("max-p99-ms", 1),
    http: has("http"),
    connections: number("connections", 1),
    inFlight: has("in-flight") ? number("in-flight", 1) : undefined,
    warmupMs: number("warmup-s", 0) * 1000,
    durationMs: number("duration-s", 0.1) * 1000,
    timeoutMs: number("timeout-ms", 1),
    rounds: parseNumber("rounds", last("rounds") ?? String(defaultRounds), 1),
    allowErrors: has("allow-errors"),
    jsonPath: last("json"),
    markdownPath: last("markdown"),
    svgPath: last("svg"),
    profileFolder: last("profile"),
    cpus: has("no-pin")
      ? undefined
      : {
          server: last("server-cpus") ?? fallbackOf("server-cpus"),
          client: last("client-cpus") ?? fallbackOf("client-cpus"),
        },
    sides,
  };
}

/** Returns the same arguments without those that say which server is measured: beside `--target` they are wrong use. */
export function withoutServerOptions(args: readonly string[]): readonly string[] {
  const rows: readonly (readonly [string, OptionRow])[] = Object.entries(optionTable);
  const given = parseGiven(args);
  return rows
    .filter(([, { server }]) => server !== true)
    .flatMap(([name, { placeholder }]) =>
      (given.get(name) ?? []).map((value) => `--${name}${placeholder ? `=${value}` : ""}`),
    );
}

interface SplitArgs {
  readonly common: readonly string[];
  readonly compared: readonly [string, string] | undefined;
}

/** Takes `--compare A B` out: an option with two values is nothing that Node parses. */
function splitCompared(args: readonly string[]): SplitArgs {
  const at = args.indexOf("--compare");
  if (at === -1) return { common: args, compared: undefined };
  const [, a, b] = args.slice(at);
  if (a === undefined || b === undefined) {
    throw new UsageError("`--compare` takes two servers, A and B");
  }
  return { common: [...args.slice(0, at), ...args.slice(at + 3)], compared: [a, b] };
}

function parseSides(
  common: readonly string[],
  compared: SplitArgs["compared"],
): BenchOptions["sides"] {
  const parse = (text: string, name: SideName | undefined): Side => {
    const own = sideArgs(text);
    const given = parseGiven([...common, ...own]);
    for (const [option, { server }] of Object.entries(optionTable)) {
      if (server !== true && parseGiven(own).has(option)) {
        throw new UsageError(`\`--${option}\` does not go into \`--compare\``);
      }
    }
    return { name, text, server: parseServer(given, listOf(given, "policy")) };
  };
  if (compared === undefined) return [parse("", undefined)];
  return [parse(compared[0], "A"), parse(compared[1], "B")];
}

/** A side may be a list of options, a program, or where a server listens. */
function sideArgs(text: string): readonly string[] {
  if (text === "" || text.startsWith("-")) return text.split(/\s+/).filter((part) => part !== "");
  return [/\.[cm]?[jt]s$/.test(text) ? `--entry=${text}` : `--target=${text}`];
}

function parseGiven(args: readonly string[]): Given {
  const options = Object.fromEntries(
    Object.entries(optionTable).map(([name, { placeholder }]) => {
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

function findScenarios(names: readonly string[]): readonly Scenario[] {
  if (names.includes("all")) return scenarios;
  const wanted = names.length === 0 ? [fallbackOf("scenario")] : names;
  return wanted.map((name) => {
    const found = scenarios.find((scenario) => scenario.name === name);
    if (found !== undefined) return found;
    const known = scenarios.map((scenario) => scenario.name).join(", ");
    throw new UsageError(`no scenario \`${name}\`; there are ${known}`);
  });
}

function parseRates(texts: readonly string[]): readonly number[] | undefined {
  if (texts.includes("none")) return [];
  return texts.length === 0 ? undefined : texts.map((text) => parseNumber("rate", text, 1));
}

function listOf(given: Given, name: OptionName): readonly string[] {
  return (given.get(name) ?? []).flatMap((text) => text.split(",").filter((part) => part !== ""));
}
